//! What the session does when other tabs or the browser tell it something.

use leptos::prelude::*;

use super::notice::Notice;
use super::provider::{TokenPlace, token_place};
use super::tabs::{Event, Signal};
use super::token_store::{self, Stored, come_back, is_memory};
use super::{Session, renewal, retry};

impl Session {
    /// Does what `event` asks for.
    pub(super) fn on_event(self, event: Event) {
        // The session may be seen to be gone before what has become of it is told.
        let is_mine = |sign_in: &str| self.sign_in.with_value(|shown| shown == sign_in);
        match event {
            Event::Told(Signal::SignedOut, sign_in) if is_mine(&sign_in) => {
                renewal::forget_own();
                self.leave_this_tab();
            }
            // In memory each tab has a session of its own.
            Event::Told(Signal::Ended, _) if is_memory() => {}
            Event::Told(Signal::Ended, sign_in) if is_mine(&sign_in) => self.is_over(Notice::Ended),
            // It is about a session that this tab does not show: another app's, or one before this.
            Event::Told(..) => self.look(),
            Event::Changed => {
                come_back(token_place());
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
