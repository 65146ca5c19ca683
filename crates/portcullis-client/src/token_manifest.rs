//! The manifest of the tokens that this app has written into localStorage.
//!
//! All apps of an origin share one localStorage, and during development they all use the same `localhost` port. The
//! keys of the tokens are common names, so a value under one of them may be another app's. The manifest names the
//! provider and client of our tokens and a digest of each. A value that does not match it is never read, sent or
//! deleted.

use js_sys::{Object, Reflect};
use leptos::wasm_bindgen::JsValue;
use portcullis::Scopes;

use crate::embedded_config::binding;
use crate::json::JsonObject;
use crate::random::random;
use crate::storage::{StorageError, WebStorage};
use crate::tokens::{Principal, Tokens};

/// The localStorage key. The manifest is written last, and differently each time: a tab that sees it change finds
/// everything else in place. A refresh writes it first too, with the digests of the previous tokens: other tabs see the
/// values change one by one, and each of them must be ours at every moment.
pub const MANIFEST_KEY: &str = "portcullis_session";

/// The keys of the tokens, in the order in which they are written. The refresh token works only once, so losing it
/// costs most.
pub const TOKEN_KEYS: [&str; 3] = ["refresh_token", "access_token", "id_token"];

/// Names the provider, the client and the person of the stored tokens, with a digest of each token.
pub struct TokenManifest(JsonObject);

impl TokenManifest {
    /// Returns the manifest in localStorage, if it belongs to the provider and client of this page.
    pub fn read() -> Option<Self> {
        let manifest = Self(JsonObject::new(WebStorage::Local.get_js(MANIFEST_KEY)?)?);
        let (issuer, client_id) = binding()?;
        let is_ours = manifest.text("issuer") == issuer && manifest.text("client_id") == client_id;
        is_ours.then_some(manifest)
    }

    fn text(&self, name: &str) -> String {
        self.0.text(name).unwrap_or_default()
    }

    /// Returns whether this app has written `value` under `key`.
    pub fn owns(&self, key: &str, value: &str) -> bool {
        let digest = digest(value);
        [self.0.text(key), self.0.text(&previous(key))].into_iter().flatten().any(|owned| owned == digest)
    }

    /// Returns whose tokens these are.
    pub fn principal(&self) -> Principal {
        Principal {
            sign_in: self.text("sign_in"),
            issuer: self.text("issuer"),
            client_id: self.text("client_id"),
            subject: self.0.text("subject"),
            id_subject: self.0.text("id_subject"),
            nonce: self.0.text("nonce"),
            requested_scopes: Scopes::parse(&self.text("asked")),
        }
    }

    /// Writes the manifest of `tokens`, and of the tokens of `before`, which they are about to replace.
    ///
    /// # Errors
    /// [`StorageError`] if the browser does not store it.
    pub fn write(tokens: &Tokens, before: Option<&Self>) -> Result<(), StorageError> {
        let Principal { sign_in, issuer, client_id, subject, id_subject, nonce, requested_scopes } = &*tokens.principal;
        let (change, requested_scopes) = (random(), requested_scopes.to_string());
        let digests = token_values(tokens).map(|(_, value)| value.map(digest));
        let members = [
            ("issuer", Some(issuer.as_str())),
            ("client_id", Some(client_id)),
            ("sign_in", Some(sign_in)),
            ("subject", subject.as_deref()),
            ("id_subject", id_subject.as_deref()),
            ("nonce", nonce.as_deref()),
            ("asked", Some(&requested_scopes)),
            ("change", Some(&change)),
        ];
        let owned = TOKEN_KEYS.into_iter().zip(digests.iter().map(Option::as_deref));
        let manifest = Object::new();
        for (name, value) in members.into_iter().chain(owned) {
            if let Some(value) = value {
                let _ = Reflect::set(&manifest, &name.into(), &JsValue::from_str(value));
            }
        }
        for key in TOKEN_KEYS {
            if let Some(owned) = before.and_then(|before| before.0.text(key)) {
                let _ = Reflect::set(&manifest, &previous(key).into(), &JsValue::from_str(&owned));
            }
        }
        WebStorage::Local.set_js(MANIFEST_KEY, manifest)
    }
}

/// Returns the member of a manifest that holds the digest of the token under `key` before a refresh.
fn previous(key: &str) -> String {
    format!("previous_{key}")
}

/// Returns the tokens by their keys, in the order of [`TOKEN_KEYS`].
pub fn token_values(tokens: &Tokens) -> [(&'static str, Option<&str>); 3] {
    let [refresh_token, access_token, id_token] = TOKEN_KEYS;
    [
        (refresh_token, tokens.refresh_token.as_deref()),
        (access_token, Some(&tokens.access_token)),
        (id_token, tokens.id_token.as_deref()),
    ]
}

/// Returns the 64-bit FNV-1a hash of `value`. It distinguishes our values from others, and needs no more strength: a
/// script that could forge one can read the tokens.
pub fn digest(value: &str) -> String {
    let hash = value
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::digest;

    /// The browser tests compute the same.
    #[test]
    fn digest_is_fnv1a() {
        assert_eq!(digest(""), "cbf29ce484222325");
        assert_eq!(digest("foobar"), "85944171f73967e8");
    }
}
