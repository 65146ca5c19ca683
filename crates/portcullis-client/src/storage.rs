//! The browser's storages, as far as it lets us have them: blocked cookies and private windows may take them away.
//!
//! All apps of an origin share them, so every key gets the prefix that the operator chose (`AUTH_STORAGE_PREFIX`).

use std::cell::OnceCell;

use gloo_storage::errors::StorageError;
use gloo_storage::{LocalStorage, SessionStorage, Storage};
use js_sys::JSON;
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{self, DomException};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::provider::storage_prefix;

/// Why the browser keeps nothing for this site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StorageFault {
    /// It is forbidden: cookies are blocked, or the site's data are.
    #[error("the browser's storage is forbidden")]
    Forbidden,
    /// There is no room.
    #[error("the browser's storage is full")]
    Full,
}

impl StorageFault {
    /// The fault for an exception of this name (HTML Standard §12.2.1).
    fn named(name: &str) -> Self {
        if name == "QuotaExceededError" { Self::Full } else { Self::Forbidden }
    }
}

thread_local! {
    /// The prefix of this page; it does not change while the page lives.
    static PREFIX: OnceCell<String> = const { OnceCell::new() };
}

/// The key in a storage of what we call `name`.
pub fn key_of(name: &str) -> String {
    PREFIX.with(|prefix| format!("{}{name}", prefix.get_or_init(storage_prefix)))
}

/// One of the two storages. Values are kept as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// localStorage: for all tabs, until it is cleared.
    Everywhere,
    /// sessionStorage: for this tab.
    InThisTab,
}

impl Kept {
    /// The storage itself. `gloo-storage` throws where a browser forbids it, so it is asked for first.
    fn allowed(self) -> Option<web_sys::Storage> {
        let (found, raw): (_, fn() -> web_sys::Storage) = match self {
            Self::Everywhere => (window().local_storage(), LocalStorage::raw),
            Self::InThisTab => (window().session_storage(), SessionStorage::raw),
        };
        matches!(found, Ok(Some(_))).then(raw)
    }

    /// The text under `key`; none if there is none.
    pub fn text(self, key: &str) -> Option<String> {
        self.parsed(key)?.as_string()
    }

    /// The whole number under `key`; none if there is none.
    pub fn number(self, key: &str) -> Option<u64> {
        let number = self.parsed(key)?.as_f64()?;
        // The largest whole numbers that a double holds without a gap end at 2^53.
        ((0.0..9_007_199_254_740_992.0).contains(&number) && number % 1.0 == 0.0).then_some(number as u64)
    }

    /// What is under `key`, read by the browser's own JSON: serde's is not in the first download.
    pub fn parsed(self, key: &str) -> Option<JsValue> {
        JSON::parse(&self.allowed()?.get_item(&key_of(key)).ok()??).ok()
    }

    /// Keeps `value` under `key`, by the browser's own JSON.
    ///
    /// # Errors
    /// When the browser does not.
    pub fn put(self, key: &str, value: impl Into<JsValue>) -> Result<(), StorageFault> {
        let json = JSON::stringify(&value.into()).map_err(|_| StorageFault::Forbidden)?;
        let kept = self.allowed().ok_or(StorageFault::Forbidden)?.set_item(&key_of(key), &String::from(json));
        kept.map_err(|error| match error.dyn_ref::<DomException>() {
            Some(error) => StorageFault::named(&error.name()),
            None => StorageFault::Forbidden,
        })
    }

    /// The value under `key`; none if there is none that can be read.
    pub fn get<T: DeserializeOwned>(self, key: &str) -> Option<T> {
        self.allowed()?;
        match self {
            Self::Everywhere => LocalStorage::get(key_of(key)).ok(),
            Self::InThisTab => SessionStorage::get(key_of(key)).ok(),
        }
    }

    /// Whether there is anything under `key`.
    pub fn holds(self, key: &str) -> bool {
        self.allowed().is_some_and(|storage| matches!(storage.get_item(&key_of(key)), Ok(Some(_))))
    }

    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// When the browser does not.
    pub fn set(self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), StorageFault> {
        self.allowed().ok_or(StorageFault::Forbidden)?;
        let kept = match self {
            Self::Everywhere => LocalStorage::set(key_of(key), value),
            Self::InThisTab => SessionStorage::set(key_of(key), value),
        };
        kept.map_err(|error| match error {
            StorageError::JsError(error) => StorageFault::named(&error.name),
            StorageError::SerdeError(_) | StorageError::KeyNotFound(_) => StorageFault::Forbidden,
        })
    }

    /// Removes what is under `key`.
    pub fn delete(self, key: &str) {
        match self {
            _ if self.allowed().is_none() => {}
            Self::Everywhere => LocalStorage::delete(key_of(key)),
            Self::InThisTab => SessionStorage::delete(key_of(key)),
        }
    }
}
