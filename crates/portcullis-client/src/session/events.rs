//! What the session does when other tabs or the browser tell it something.

use leptos::prelude::*;
use portcullis::sign_in::TokenPlace;

use crate::notice::Notice;
use crate::provider::token_place;
use crate::tabs::{About, Event, Signal};
use crate::token_store::{self, Stored, come_back, is_memory};
use crate::{Session, clock, renewal, retry};

impl Session {
    /// Does what `event` asks for.
    pub(crate) fn on_event(self, event: Event) {
        // The session may be seen to be gone before what has become of it is told.
        let is_mine = |about: &About| self.person.with_value(|shown| about.is_person(shown));
        match event {
            Event::Told(Signal::SignedOut, about) if is_mine(&about) => {
                renewal::forget_own(&about);
                self.leave_this_tab();
            }
            // In memory each tab has a session of its own.
            Event::Told(Signal::Ended, _) if is_memory() => {}
            Event::Told(Signal::Ended, about) if is_mine(&about) => self.on_session_ended(Notice::Ended),
            // It is about a session that this tab does not show: another app's, or one before this.
            Event::Told(..) => self.look(),
            Event::Changed => {
                come_back(token_place());
                self.look();
            }
            // Nobody has signed out here: what this page shows is kept again.
            Event::Cleared => {
                if let Some(shown) = self.shown_tokens().filter(|shown| !is_memory() && shown.is_good(clock::now())) {
                    // Where it cannot be kept, the session ends as it would with any other failure to keep it.
                    let _ = token_store::save(&shown);
                }
                self.look();
            }
            // What is shown is of somebody who has signed out since.
            Event::Back if self.shown_tokens().is_some() && token_store::load() == Stored::Nothing => {
                _ = location().reload();
            }
            // Somebody may have signed out since, and memory does not show it: the provider is asked again.
            Event::Back if token_place() == TokenPlace::Memory && token_store::tokens().is_some() => self.load_again(),
            Event::Back | Event::Woken => self.look(),
            Event::Online => {
                retry::end_early();
                self.look();
            }
        }
    }
}
