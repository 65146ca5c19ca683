//! The browser's storages, as far as it lets us have them: blocked cookies and private windows may take them away.

use gloo_storage::{LocalStorage, SessionStorage, Storage};
use js_sys::JSON;
use leptos::prelude::window;
use leptos::wasm_bindgen::JsValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The browser keeps nothing for this site: storage is forbidden or full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the browser's storage is not available")]
pub struct StorageFault;

/// One of the two storages. `gloo-storage` throws where a browser forbids them, so each is asked for first.
pub enum Kept {
    /// localStorage: for all tabs, until it is cleared.
    Everywhere,
    /// sessionStorage: for this tab.
    InThisTab,
}

impl Kept {
    fn is_allowed(&self) -> bool {
        let storage = match self {
            Self::Everywhere => window().local_storage(),
            Self::InThisTab => window().session_storage(),
        };
        matches!(storage, Ok(Some(_)))
    }

    /// The text under `key`; none if there is none.
    pub fn text(&self, key: &str) -> Option<String> {
        self.parsed(key)?.as_string()
    }

    /// The whole number under `key`; none if there is none.
    pub fn number(&self, key: &str) -> Option<u64> {
        let number = self.parsed(key)?.as_f64()?;
        // The largest whole numbers that a double holds without a gap end at 2^53.
        ((0.0..9_007_199_254_740_992.0).contains(&number) && number % 1.0 == 0.0).then_some(number as u64)
    }

    /// What is under `key`, read by the browser's own JSON: serde's is not in the first download.
    fn parsed(&self, key: &str) -> Option<JsValue> {
        let storage = match self {
            _ if !self.is_allowed() => return None,
            Self::Everywhere => LocalStorage::raw(),
            Self::InThisTab => SessionStorage::raw(),
        };
        JSON::parse(&storage.get_item(key).ok()??).ok()
    }

    /// The value under `key`; none if there is none that can be read.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        match self {
            _ if !self.is_allowed() => None,
            Self::Everywhere => LocalStorage::get(key).ok(),
            Self::InThisTab => SessionStorage::get(key).ok(),
        }
    }

    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// When the browser does not.
    pub fn set(&self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), StorageFault> {
        let kept = match self {
            _ if !self.is_allowed() => return Err(StorageFault),
            Self::Everywhere => LocalStorage::set(key, value),
            Self::InThisTab => SessionStorage::set(key, value),
        };
        kept.map_err(|_| StorageFault)
    }

    /// Removes what is under `key`.
    pub fn delete(&self, key: &str) {
        match self {
            _ if !self.is_allowed() => {}
            Self::Everywhere => LocalStorage::delete(key),
            Self::InThisTab => SessionStorage::delete(key),
        }
    }
}
