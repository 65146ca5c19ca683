//! When to sign in without the person (`prompt=none`): where tokens are in memory, a reload has lost them, and the
//! provider may still know who it is. By leaving for it: a hidden frame would need third-party cookies.

use super::provider::{TokenPlace, member, token_place};
use super::storage::Kept;

/// The sessionStorage key of what this tab knows of it.
pub const KNOWN: &str = "silent";
/// Somebody is signed in in this tab: a reload asks for them again.
const SIGNED_IN: &str = "signed_in";
/// The provider was asked. Until somebody signs in it is not asked again.
const ASKED: &str = "asked";

fn known() -> Option<String> {
    Kept::InThisTab.text(KNOWN)
}

fn in_memory() -> bool {
    token_place() == TokenPlace::Memory
}

/// Whether to ask as soon as a page is loaded.
pub fn is_due_at_load() -> bool {
    in_memory() && known().as_deref() == Some(SIGNED_IN)
}

/// Whether to ask when a guard stands before somebody unknown. Not where the provider has no end of sessions: it would
/// sign in again whoever has just signed out.
pub fn is_due_at_guard() -> bool {
    in_memory() && member("end_session_endpoint").is_some() && known().is_none()
}

/// Remembers that the provider is asked. Where that cannot be kept it is not: it would be asked for ever.
pub fn asked() -> bool {
    Kept::InThisTab.put(KNOWN, ASKED).is_ok()
}

/// Remembers that somebody is signed in.
pub fn signed_in() {
    if in_memory() {
        let _ = Kept::InThisTab.put(KNOWN, SIGNED_IN);
    }
}
