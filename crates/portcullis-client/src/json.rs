//! JSON that the browser parses, since serde's JSON is not in the first download.

use js_sys::{JSON, Object, Reflect};
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::jwt::jwt_payload;

/// A JSON object.
pub struct JsonObject(JsValue);

impl JsonObject {
    /// Returns `value` if it is an object.
    pub fn new(value: JsValue) -> Option<Self> {
        value.is_object().then_some(Self(value))
    }

    /// Parses `text`.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok()?.dyn_into::<Object>().ok().map(|object| Self(object.into()))
    }

    /// Reads the claims of `token` without verifying it, if it is a JWT.
    pub fn claims(token: &str) -> Option<Self> {
        Self::parse(&jwt_payload(token)?)
    }

    /// Returns the member `name` if it is a string.
    pub fn text(&self, name: &str) -> Option<String> {
        Reflect::get(&self.0, &name.into()).ok()?.as_string()
    }
}
