//! The browser's storages, as far as it lets us have them: blocked cookies and private windows may take them away.

use js_sys::JSON;
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{self, DomException};
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// One of the two storages. Values are kept as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// localStorage: for all tabs, until it is cleared.
    Everywhere,
    /// sessionStorage: for this tab.
    InThisTab,
}

impl Kept {
    fn storage(self) -> Option<web_sys::Storage> {
        match self {
            Self::Everywhere => window().local_storage(),
            Self::InThisTab => window().session_storage(),
        }
        .ok()
        .flatten()
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
    fn parsed(self, key: &str) -> Option<JsValue> {
        JSON::parse(&self.storage()?.get_item(key).ok()??).ok()
    }

    /// Keeps the text or the number `value` under `key`, by the browser's own JSON.
    ///
    /// # Errors
    /// When the browser does not.
    pub fn put(self, key: &str, value: impl Into<JsValue>) -> Result<(), StorageFault> {
        let json = JSON::stringify(&value.into()).map_err(|_| StorageFault::Forbidden)?;
        self.keep(key, &String::from(json))
    }

    /// The value under `key`; none if there is none that can be read.
    pub fn get<T: DeserializeOwned>(self, key: &str) -> Option<T> {
        serde_json::from_str(&self.storage()?.get_item(key).ok()??).ok()
    }

    /// Whether there is anything under `key`.
    pub fn holds(self, key: &str) -> bool {
        self.storage().is_some_and(|storage| matches!(storage.get_item(key), Ok(Some(_))))
    }

    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// When the browser does not.
    pub fn set(self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), StorageFault> {
        self.keep(key, &serde_json::to_string(value).map_err(|_| StorageFault::Forbidden)?)
    }

    fn keep(self, key: &str, json: &str) -> Result<(), StorageFault> {
        let storage = self.storage().ok_or(StorageFault::Forbidden)?;
        storage.set_item(key, json).map_err(|error| match error.dyn_ref::<DomException>() {
            Some(error) if error.name() == "QuotaExceededError" => StorageFault::Full,
            _ => StorageFault::Forbidden,
        })
    }

    /// Removes what is under `key`.
    pub fn delete(self, key: &str) {
        if let Some(storage) = self.storage() {
            let _ = storage.remove_item(key);
        }
    }
}
