//! What the session does when other tabs or the browser report something.

use leptos::prelude::*;
use portcullis::sign_in::TokenPlace;

use super::Session;
use crate::embedded_config::token_place;
use crate::notice::Notice;
use crate::sign_in::silent;
use crate::tabs::{Event, SessionDigest, Signal};
use crate::token_store::{self, StoredSession, is_in_memory, switch_to_local};
use crate::{back_off, clock, refresh};

impl Session {
    pub(super) fn on_event(self, event: Event) {
        // The tokens may disappear before the signal arrives, so this compares with the last person that was shown.
        let is_mine = |session: &SessionDigest| self.last_person.with_value(|shown| session.matches_person(shown));
        match event {
            Event::Signaled(Signal::SignedOut, session) if is_mine(&session) => {
                refresh::undo_late_write(&session);
                self.clear_tab();
            }
            // With tokens in memory, each tab has its own session.
            Event::Signaled(Signal::Ended, _) if is_in_memory() => {}
            Event::Signaled(Signal::Ended, session) if is_mine(&session) => self.on_session_ended(Notice::Ended),
            // The signal is about a session that this tab does not show: another app's, an earlier one, or one that this tab
            // is about to show by itself. A sign-out must hold for that one too.
            Event::Signaled(Signal::SignedOut, _) => {
                silent::cancel();
                self.evaluate();
            }
            Event::Signaled(Signal::Ended, _) => self.evaluate(),
            Event::Changed => {
                switch_to_local(token_place());
                self.evaluate();
            }
            // Nobody has signed out here, so the session of this page is stored again.
            Event::Cleared => {
                if let Some(shown) =
                    self.shown_tokens().filter(|shown| !is_in_memory() && shown.is_usable(clock::now()))
                {
                    // If that fails, the session ends as with any other failure to store it.
                    let _ = token_store::save(&shown);
                }
                self.evaluate();
            }
            // The page shows somebody who has signed out since.
            Event::Restored if self.shown_tokens().is_some() && token_store::load() == StoredSession::Missing => {
                _ = location().reload();
            }
            // Somebody may have signed out since, which the memory does not show, so the provider is asked.
            Event::Restored if token_place() == TokenPlace::Memory && token_store::tokens().is_some() => self.reload(),
            Event::Restored | Event::Resumed => self.evaluate(),
            Event::Online => {
                back_off::end_early();
                self.evaluate();
            }
        }
    }
}
