//! The browser's storages. Blocked cookies and private windows may make them unavailable.
//!
//! All apps of an origin share them, so every key starts with the prefix that the operator chose
//! (`AUTH_STORAGE_PREFIX`).

use std::cell::OnceCell;

use gloo_storage::errors::StorageError as GlooError;
use gloo_storage::{LocalStorage, SessionStorage, Storage};
use js_sys::JSON;
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{self, DomException};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::embedded_config::storage_prefix;

/// Why the browser did not store a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StorageError {
    /// Cookies or the site's data are blocked.
    #[error("the browser's storage is forbidden")]
    Forbidden,
    /// There is no space left.
    #[error("the browser's storage is full")]
    Full,
}

impl StorageError {
    /// Returns the error for an exception with the name `name` (HTML Standard §12.2.1).
    fn from_exception(name: &str) -> Self {
        if name == "QuotaExceededError" { Self::Full } else { Self::Forbidden }
    }
}

thread_local! {
    /// The prefix of this page. It does not change while the page lives.
    static PREFIX: OnceCell<String> = const { OnceCell::new() };
}

/// Returns the storage key for `name`.
pub fn key_of(name: &str) -> String {
    PREFIX.with(|prefix| format!("{}{name}", prefix.get_or_init(storage_prefix)))
}

/// One of the browser's two storages. Values are stored as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WebStorage {
    /// localStorage: shared by all tabs, until it is cleared.
    Local,
    /// sessionStorage: for this tab.
    Session,
}

impl WebStorage {
    /// Returns the storage, if the browser allows it: `gloo-storage` would throw otherwise.
    fn available(self) -> Option<web_sys::Storage> {
        let (storage, raw): (_, fn() -> web_sys::Storage) = match self {
            Self::Local => (window().local_storage(), LocalStorage::raw),
            Self::Session => (window().session_storage(), SessionStorage::raw),
        };
        matches!(storage, Ok(Some(_))).then(raw)
    }

    /// Returns the string under `key`.
    pub fn text(self, key: &str) -> Option<String> {
        self.get_js(key)?.as_string()
    }

    /// Returns the whole number under `key`.
    pub fn number(self, key: &str) -> Option<u64> {
        let number = self.get_js(key)?.as_f64()?;
        // A double holds every whole number below 2^53.
        ((0.0..9_007_199_254_740_992.0).contains(&number) && number % 1.0 == 0.0).then_some(number as u64)
    }

    /// Returns the value under `key`, parsed by the browser: serde's JSON is not in the first download.
    pub fn get_js(self, key: &str) -> Option<JsValue> {
        JSON::parse(&self.available()?.get_item(&key_of(key)).ok()??).ok()
    }

    /// Stores `value` under `key`, serialized by the browser.
    ///
    /// # Errors
    /// [`StorageError`] if the browser does not store it.
    pub fn set_js(self, key: &str, value: impl Into<JsValue>) -> Result<(), StorageError> {
        let json = JSON::stringify(&value.into()).map_err(|_| StorageError::Forbidden)?;
        let result = self.available().ok_or(StorageError::Forbidden)?.set_item(&key_of(key), &String::from(json));
        result.map_err(|error| match error.dyn_ref::<DomException>() {
            Some(error) => StorageError::from_exception(&error.name()),
            None => StorageError::Forbidden,
        })
    }

    /// Returns the value under `key`, or `None` if it is missing or unreadable.
    pub fn get<T: DeserializeOwned>(self, key: &str) -> Option<T> {
        self.available()?;
        match self {
            Self::Local => LocalStorage::get(key_of(key)).ok(),
            Self::Session => SessionStorage::get(key_of(key)).ok(),
        }
    }

    /// Returns whether there is a value under `key`.
    pub fn contains(self, key: &str) -> bool {
        self.available().is_some_and(|storage| matches!(storage.get_item(&key_of(key)), Ok(Some(_))))
    }

    /// Stores `value` under `key`.
    ///
    /// # Errors
    /// [`StorageError`] if the browser does not store it.
    pub fn set(self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), StorageError> {
        self.available().ok_or(StorageError::Forbidden)?;
        let result = match self {
            Self::Local => LocalStorage::set(key_of(key), value),
            Self::Session => SessionStorage::set(key_of(key), value),
        };
        result.map_err(|error| match error {
            GlooError::JsError(error) => StorageError::from_exception(&error.name),
            GlooError::SerdeError(_) | GlooError::KeyNotFound(_) => StorageError::Forbidden,
        })
    }

    /// Removes the value under `key`.
    pub fn delete(self, key: &str) {
        match self {
            _ if self.available().is_none() => {}
            Self::Local => LocalStorage::delete(key_of(key)),
            Self::Session => SessionStorage::delete(key_of(key)),
        }
    }
}
