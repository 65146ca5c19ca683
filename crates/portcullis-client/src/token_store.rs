//! Where tokens are stored: in localStorage, or in the memory of this tab (`AUTH_TOKEN_STORE`).

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use portcullis::Scopes;
use portcullis::sign_in::TokenPlace;

use crate::storage::{StorageError, WebStorage};
use crate::tabs::{self, Signal};
use crate::token_manifest::{MANIFEST_KEY, TOKEN_KEYS, TokenManifest, token_values};
use crate::tokens::Tokens;

const EXPIRES_AT_KEY: &str = "expires_at";
const REFRESH_AT_KEY: &str = "renew_at";
const SCOPES_KEY: &str = "scopes";

thread_local! {
    static MEMORY: RefCell<Option<Tokens>> = const { RefCell::new(None) };
    static PLACE: Cell<TokenPlace> = const { Cell::new(TokenPlace::LocalStorage) };
}

/// The result of [`load`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoredSession {
    /// A session of this app.
    Own(Tokens),
    /// Values that this app did not write, or not for this provider and client.
    Foreign,
    /// No session.
    Missing,
}

/// Reads the session.
#[must_use]
pub fn load() -> StoredSession {
    match PLACE.get() {
        TokenPlace::LocalStorage => load_local(),
        TokenPlace::Memory => MEMORY.with_borrow(Clone::clone).map_or(StoredSession::Missing, StoredSession::Own),
    }
}

/// Returns the tokens of this app's session, if there is one.
#[must_use]
pub fn tokens() -> Option<Tokens> {
    match load() {
        StoredSession::Own(tokens) => Some(tokens),
        StoredSession::Foreign | StoredSession::Missing => None,
    }
}

/// Returns whether `tokens` are the stored ones. Compares them with the manifest, without reading the stored tokens.
#[must_use]
pub fn is_stored(tokens: &Tokens) -> bool {
    let [_, access_token, _] = TOKEN_KEYS;
    match PLACE.get() {
        TokenPlace::LocalStorage => {
            TokenManifest::read().is_some_and(|manifest| manifest.owns(access_token, &tokens.access_token))
        }
        TokenPlace::Memory => MEMORY
            .with_borrow(|stored| stored.as_ref().is_some_and(|stored| stored.access_token == tokens.access_token)),
    }
}

fn load_local() -> StoredSession {
    let local = WebStorage::Local;
    let Some(manifest) = TokenManifest::read() else {
        return if local.contains(MANIFEST_KEY) { StoredSession::Foreign } else { StoredSession::Missing };
    };
    let [refresh_token, access_token, id_token] =
        TOKEN_KEYS.map(|key| local.text(key).filter(|value| manifest.owns(key, value)));
    let Some(access_token) = access_token else { return StoredSession::Foreign };
    // If the time or the scopes beside our token can't be read, the token must be refreshed.
    let (expires_at, scopes) = local.number(EXPIRES_AT_KEY).zip(local.text(SCOPES_KEY)).unwrap_or_default();
    StoredSession::Own(Tokens {
        access_token,
        id_token,
        refresh_token,
        expires_at,
        refresh_at: local.number(REFRESH_AT_KEY).unwrap_or_else(|| expires_at.saturating_sub(60)),
        scopes: Scopes::parse(&scopes),
        principal: Arc::new(manifest.principal()),
    })
}

/// Stores all of `tokens` or nothing, in place of any others.
///
/// # Errors
/// [`StorageError`] if the browser does not store them. Then no session is left.
pub fn save(tokens: &Tokens) -> Result<(), StorageError> {
    match PLACE.get() {
        TokenPlace::LocalStorage => save_local(tokens),
        TokenPlace::Memory => {
            save_in_memory(tokens);
            Ok(())
        }
    }
}

/// Stores `tokens` in this tab only, and uses its memory from now on.
pub fn save_in_memory(tokens: &Tokens) {
    set_place(TokenPlace::Memory);
    MEMORY.replace(Some(tokens.clone()));
}

fn save_local(tokens: &Tokens) -> Result<(), StorageError> {
    let local = WebStorage::Local;
    let before = TokenManifest::read();
    let was_ours = |key, value: &str| before.as_ref().is_some_and(|before| before.owns(key, value));
    // Not for another person: the manifest would name them beside the tokens of the previous person.
    let refreshed = before.as_ref().filter(|before| before.principal().person_key() == tokens.person_key());
    let save_all = || {
        if refreshed.is_some() {
            TokenManifest::write(tokens, refreshed)?;
        }
        for (key, value) in token_values(tokens) {
            match value {
                Some(value) => local.set_js(key, value)?,
                None => remove(&[key], was_ours),
            }
        }
        local.set_js(SCOPES_KEY, tokens.scopes.to_string())?;
        local.set_js(REFRESH_AT_KEY, tokens.refresh_at as f64)?;
        local.set_js(EXPIRES_AT_KEY, tokens.expires_at as f64)?;
        tabs::clear_signal();
        TokenManifest::write(tokens, None)
    };
    save_all().inspect_err(|_| {
        // The session of the other tabs ends too. Removing the refresh token makes room for the signal: a tab that sees
        // the tokens disappear without a signal assumes a sign-out, and leaves its page.
        let is_ours = |key, value: &str| was_ours(key, value) || token_values(tokens).contains(&(key, Some(value)));
        remove(&TOKEN_KEYS[..1], is_ours);
        if before.is_some() {
            tabs::broadcast(Signal::Ended, tokens);
        }
        remove_session(is_ours);
    })
}

/// Removes the session of this app, and nothing that another app has written.
pub fn clear() {
    MEMORY.take();
    clear_local();
}

/// Removes this app's session from localStorage.
pub fn clear_local() {
    if let Some(manifest) = TokenManifest::read() {
        remove_session(|key, value| manifest.owns(key, value));
    }
}

/// Removes the tokens that are ours, the times and scopes of the access token, and the manifest.
fn remove_session(is_ours: impl Fn(&'static str, &str) -> bool) {
    remove(&TOKEN_KEYS, is_ours);
    let [_, access_token, _] = TOKEN_KEYS;
    if !WebStorage::Local.contains(access_token) {
        for key in [SCOPES_KEY, REFRESH_AT_KEY, EXPIRES_AT_KEY] {
            WebStorage::Local.delete(key);
        }
    }
    WebStorage::Local.delete(MANIFEST_KEY);
}

/// Removes each value under `keys` that is ours.
fn remove(keys: &[&'static str], is_ours: impl Fn(&'static str, &str) -> bool) {
    for key in keys {
        if WebStorage::Local.text(key).is_some_and(|value| is_ours(key, &value)) {
            WebStorage::Local.delete(key);
        }
    }
}

/// Uses `place` from now on.
pub fn set_place(place: TokenPlace) {
    PLACE.set(place);
}

/// Switches from memory, which was used for lack of space, to localStorage, if another tab has stored a session there.
/// `configured` is the place that the server names.
pub fn switch_to_local(configured: TokenPlace) {
    if configured == TokenPlace::LocalStorage && matches!(load_local(), StoredSession::Own(_)) {
        MEMORY.take();
        set_place(configured);
    }
}

/// Returns whether the memory of this tab is in use.
#[must_use]
pub fn is_in_memory() -> bool {
    PLACE.get() == TokenPlace::Memory
}
