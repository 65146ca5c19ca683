//! When to sign in without the person (`prompt=none`): where tokens are in memory, a reload has lost them, and the
//! provider may still know who it is. By leaving for it: a hidden frame would need third-party cookies.

use portcullis::sign_in::TokenPlace;

use crate::provider::{member, token_place};
use crate::storage::Kept;

/// The sessionStorage key of what this tab knows of it.
pub const KNOWN: &str = "portcullis_silent";
/// Somebody is signed in in this tab: a reload asks for them again.
const SIGNED_IN: &str = "signed_in";
/// The provider was asked and has answered. Until somebody signs in it is not asked again.
const ANSWERED: &str = "answered";
/// How often it is asked where no answer comes, as when a page on the way is loaded again.
const TRIES: u64 = 3;

fn known() -> Option<String> {
    Kept::InThisTab.text(KNOWN)
}

/// How often the provider was asked since somebody was signed in.
fn tries() -> Option<u64> {
    Kept::InThisTab.number(KNOWN)
}

fn in_memory() -> bool {
    token_place() == TokenPlace::Memory
}

/// Whether to ask as soon as a page is loaded.
pub fn is_due_at_load() -> bool {
    in_memory() && (known().as_deref() == Some(SIGNED_IN) || tries().is_some())
}

/// Whether to ask when a guard stands before somebody unknown. Not where the provider has no end of sessions: it would
/// sign in again whoever has just signed out.
pub fn is_due_at_guard() -> bool {
    in_memory() && member("end_session_endpoint").is_some() && !Kept::InThisTab.holds(KNOWN)
}

/// Counts that the provider is asked. Where that cannot be kept, or was in vain too often, it is not: it would be asked
/// for ever.
pub fn asked() -> bool {
    let tries = tries().unwrap_or(0);
    tries < TRIES && Kept::InThisTab.put(KNOWN, (tries + 1) as f64).is_ok()
}

/// Remembers that the provider has answered.
pub fn answered() {
    let _ = Kept::InThisTab.put(KNOWN, ANSWERED);
}

/// Remembers that somebody is signed in.
pub fn signed_in() {
    if in_memory() {
        let _ = Kept::InThisTab.put(KNOWN, SIGNED_IN);
    }
}
