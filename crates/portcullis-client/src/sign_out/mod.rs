//! Signs out: removes the session and all data of the person from this browser, then ends the provider's session.

mod provider;
mod revocation;

use leptos::prelude::*;
use leptos::task::spawn_local;

pub use provider::take_notice;
pub use revocation::revoke_in_background;

use crate::session::{Session, SessionState};
use crate::sign_in::silent::SILENT_KEY;
use crate::sign_in::{PENDING_KEY, RETURNS_KEY};
use crate::storage::WebStorage;
use crate::tabs::{self, Signal};
use crate::token_store::{self, is_in_memory};
use crate::tokens::Tokens;
use crate::{back_off, draft, handover, refresh};

impl Session {
    /// Signs out here and in the other tabs, and leaves the page to end the provider's session. If somebody else has
    /// signed in in another tab, their session stays and the page is reloaded.
    pub fn sign_out(&self) {
        let Ok(tokens) = self.tokens_of_page() else { return };
        // The signal is sent last: a tab that receives it takes tokens that are still there for a newer session.
        self.clear_session(tokens.as_ref().map(Tokens::person_key).as_deref());
        if let Some(tokens) = &tokens {
            tabs::broadcast(Signal::SignedOut, tokens);
        }
        spawn_local(provider::leave(tokens));
    }

    /// Removes the session, and everything of `person` and of this app from both storages.
    fn clear_session(self, person: Option<&str>) {
        refresh::clear_lease();
        back_off::clear();
        WebStorage::Local.delete(RETURNS_KEY);
        token_store::clear();
        draft::clear_drafts_of(person);
        self.clear_tab();
    }

    /// Removes what is in this tab only. The tab that signed out has cleared what all tabs share. If there is a session
    /// now, it is newer: a frozen tab receives the signal late.
    pub(crate) fn clear_tab(self) {
        for key in [PENDING_KEY, SILENT_KEY, provider::SIGN_OUT_KEY] {
            WebStorage::Session.delete(key);
        }
        draft::clear_tab();
        if is_in_memory() {
            // No other tab knows the tokens of this one.
            revoke_in_background(token_store::tokens().and_then(|tokens| tokens.refresh_token));
            token_store::clear();
        }
        if token_store::tokens().is_some() {
            return self.evaluate();
        }
        handover::clear();
        self.has_signed_out.set_value(true);
        self.refused_scopes.set(Vec::new());
        self.dismiss_notice();
        self.set_state(SessionState::SignedOut);
    }
}
