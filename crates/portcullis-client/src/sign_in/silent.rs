//! When to try silent authentication (`prompt=none`). If tokens are in memory, a reload loses them, and the provider
//! may still have a session. The page leaves for the provider: a hidden frame would need third-party cookies.

use portcullis::sign_in::TokenPlace;

use super::PENDING_KEY;
use crate::embedded_config::{provider_member, token_place};
use crate::storage::WebStorage;

/// The sessionStorage key: one of the two values below, or the number of attempts without a response.
pub const SILENT_KEY: &str = "portcullis_silent";
/// Somebody is signed in in this tab, so a reload tries to sign them in again.
const SIGNED_IN: &str = "signed_in";
/// The provider has answered an attempt. There is no other until somebody signs in.
const ANSWERED: &str = "answered";
/// How many attempts may stay without a response, as when a page on the way is reloaded.
const MAX_ATTEMPTS: u64 = 3;

fn stored() -> Option<String> {
    WebStorage::Session.text(SILENT_KEY)
}

fn attempts() -> Option<u64> {
    WebStorage::Session.number(SILENT_KEY)
}

fn uses_memory() -> bool {
    token_place() == TokenPlace::Memory
}

/// Returns whether to try as soon as a page is loaded.
pub fn is_due_on_load() -> bool {
    uses_memory() && (stored().as_deref() == Some(SIGNED_IN) || attempts().is_some())
}

/// Returns whether to try when a guard needs a sign-in. Returns false if the provider can't end its session: it would
/// sign in a person again who has just signed out.
pub fn is_due_at_guard() -> bool {
    uses_memory() && provider_member("end_session_endpoint").is_some() && !WebStorage::Session.contains(SILENT_KEY)
}

/// Records an attempt, and returns whether it may be made. Returns false if it can't be recorded, or after too many
/// without a response: the attempts would never end.
pub fn record_attempt() -> bool {
    let attempts = attempts().unwrap_or(0);
    attempts < MAX_ATTEMPTS && WebStorage::Session.set_js(SILENT_KEY, (attempts + 1) as f64).is_ok()
}

/// Records that the provider has answered.
pub fn record_response() {
    let _ = WebStorage::Session.set_js(SILENT_KEY, ANSWERED);
}

/// Drops the response to the current attempt: somebody has signed out in another tab.
pub fn cancel() {
    if attempts().is_some() {
        WebStorage::Session.delete(PENDING_KEY);
    }
}

/// Records that somebody is signed in.
pub fn record_sign_in() {
    if uses_memory() {
        let _ = WebStorage::Session.set_js(SILENT_KEY, SIGNED_IN);
    }
}
