//! What is removed when a person signs out: the session, and everything of theirs in this browser.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::sign_in::{BEGUN, RETURNS};
use crate::sign_out::{self, LEFT};
use crate::silent::KNOWN;
use crate::storage::Kept;
use crate::tabs::{self, Signal};
use crate::token_store::{self, is_memory};
use crate::tokens::Tokens;
use crate::{Session, SessionState, draft, handover, renewal, retry, revocation};

impl Session {
    /// Forgets everything here and in the other tabs, and leaves to end the provider's session where it offers that. Where
    /// someone else has signed in in another tab, theirs is left alone and the page loads again.
    pub fn sign_out(&self) {
        let Ok(tokens) = self.tokens_of_page() else { return };
        // Told last: a tab that hears it takes the tokens that are there for those of a newer session.
        self.leave_nothing(tokens.as_ref().map(Tokens::whose).as_deref());
        if let Some(tokens) = &tokens {
            tabs::tell(Signal::SignedOut, tokens);
        }
        spawn_local(sign_out::leave(tokens));
    }

    /// Ends the session of `person`, and removes everything of theirs and ours from both storages.
    fn leave_nothing(self, person: Option<&str>) {
        renewal::forget_lease();
        retry::forget();
        Kept::Everywhere.delete(RETURNS);
        token_store::clear();
        draft::forget_of(person);
        self.leave_this_tab();
    }

    /// Removes what this tab alone keeps. The tab that signed out has cleared what all tabs share; what is there now is a
    /// session that began since, as a tab that was frozen hears of things late.
    pub(crate) fn leave_this_tab(self) {
        for key in [BEGUN, KNOWN, LEFT] {
            Kept::InThisTab.delete(key);
        }
        draft::forget_in_tab();
        if is_memory() {
            // Nobody else knows the tokens of this tab.
            revocation::revoke(token_store::tokens().and_then(|tokens| tokens.refresh_token));
            token_store::clear();
        }
        if token_store::tokens().is_some() {
            return self.look();
        }
        handover::forget();
        self.has_left.set_value(true);
        self.refused.set(Vec::new());
        self.notice.set(None);
        self.show(SessionState::SignedOut);
    }
}
