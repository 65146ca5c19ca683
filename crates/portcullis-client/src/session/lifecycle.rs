//! The lifecycle of a session in a tab: it is evaluated when something happens or is due, refreshed, and ended.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Session, SessionState};
use crate::embedded_config::token_place;
use crate::notice::Notice;
use crate::refresh::{self, NextStep};
use crate::sign_in::silent;
use crate::tabs::{self, MAX_TIMER, Signal};
use crate::token_store::{self, StoredSession, is_in_memory, set_place};
use crate::tokens::Tokens;
use crate::{clock, config, draft, handover, sign_out};

/// How long after the load of a page to download the code that it may need after a new release has removed it.
const PRELOAD_DELAY: Duration = Duration::from_secs(20);

thread_local! {
    /// Whether a page that found another app's values has loaded the session a second time.
    static HAS_LOADED_AGAIN: Cell<bool> = const { Cell::new(false) };
    /// The session of this page, for the client of server functions, which has no context.
    static CURRENT: Cell<Option<Session>> = const { Cell::new(None) };
}

impl Session {
    /// Returns the session of this page, or `None` before it has started.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// Starts the session in the browser, once the page has started.
    pub(super) fn start(self) {
        CURRENT.set(Some(self));
        set_place(token_place());
        if is_in_memory() {
            // They were stored before the operator chose to store tokens in memory.
            token_store::clear_local();
        }
        self.notice.set(sign_out::take_notice());
        tabs::listen(move |event| self.on_event(event));
        set_timeout(refresh::preload, PRELOAD_DELAY);
        let is_callback = location().pathname().is_ok_and(|path| path == config::get().callback);
        if !is_callback && silent::is_due_on_load() {
            return spawn_local(async move {
                if !self.authenticate_silently().await {
                    self.evaluate();
                }
            });
        }
        self.evaluate();
    }

    /// Reads the stored session, shows it and does what is due.
    pub(crate) fn evaluate(self) {
        self.stop_timer();
        if !clock::is_uncertain() {
            return self.evaluate_stored();
        }
        // The device has slept or its clock was set: the page stays as it is until the server has told the time.
        spawn_local(async move {
            if clock::synchronize().await {
                self.evaluate_stored()
            } else {
                self.on_refresh_delayed(Notice::Unreachable)
            }
        });
    }

    fn evaluate_stored(self) {
        match token_store::load() {
            StoredSession::Own(tokens) => self.do_next_step(tokens),
            StoredSession::Foreign => self.on_session_displaced(),
            StoredSession::Missing => self.on_signed_out(),
        }
    }

    /// Shows `tokens`, which are stored, and does what is due. It does not read them again.
    pub(crate) fn evaluate_tokens(self, tokens: Tokens) {
        if clock::is_uncertain() {
            return self.evaluate();
        }
        self.stop_timer();
        self.do_next_step(tokens);
    }

    fn do_next_step(self, tokens: Tokens) {
        if self.is_another_person(&tokens) {
            return self.reload();
        }
        let now = clock::now();
        match tokens.next_step(now) {
            NextStep::Wait(seconds) => {
                self.on_valid_tokens(tokens, None);
                self.evaluate_in(seconds);
            }
            NextStep::Warn(seconds) => {
                self.on_valid_tokens(tokens, Some(Notice::EndsSoon));
                self.evaluate_in(seconds);
            }
            NextStep::End => self.end(Notice::Ended),
            NextStep::Refresh => {
                if tokens.is_usable(now) {
                    self.on_valid_tokens(tokens.clone(), None);
                }
                spawn_local(async move { _ = self.refresh(&tokens).await });
            }
        }
    }

    /// Ends the session in all tabs, and shows `notice`. The page stays, with what was typed into it.
    pub(super) fn end(self, notice: Notice) {
        // The signal is sent first: a tab that only sees the tokens disappear assumes a sign-out. Tokens in memory are
        // in no other tab.
        if let Some(tokens) = self.shown_tokens().or_else(token_store::tokens).filter(|_| !is_in_memory()) {
            tabs::broadcast(Signal::Ended, &tokens);
        }
        token_store::clear();
        handover::clear();
        self.on_session_ended(notice);
    }

    pub(super) fn on_session_ended(self, notice: Notice) {
        match self.state.get_untracked() {
            SessionState::SignedIn(_) => self.set_notice(Some(notice)),
            SessionState::Unknown | SessionState::SignedOut => {
                self.set_notice(Some(notice).filter(|notice| *notice == Notice::Mismatch));
                self.set_state(SessionState::SignedOut);
            }
        }
    }

    /// Handles values that another app has overwritten. An open page continues with the tokens that it has, until they
    /// expire.
    pub(super) fn on_session_displaced(self) {
        match self.shown_tokens() {
            Some(shown) if shown.is_usable(clock::now()) => self.evaluate_in(shown.seconds_left(clock::now())),
            // Another tab of ours may be writing. This tab sees some of the values before the manifest.
            None if self.state.get_untracked() == SessionState::Unknown && !HAS_LOADED_AGAIN.replace(true) => {
                self.evaluate_in(1)
            }
            _ => self.on_session_ended(Notice::Ended),
        }
    }

    /// Handles missing tokens: the session has ended, or the person has signed out.
    pub(super) fn on_signed_out(self) {
        if self.state.with_untracked(|state| *state == SessionState::Unknown) {
            // This page shows nobody yet, and every other page has received the signal by now.
            tabs::clear_signal();
        }
        let notice = self.notice.get_untracked();
        if notice.is_some_and(Notice::is_session_over) {
            return;
        }
        if tabs::last_ended().is_some_and(|session| self.last_person.with_value(|shown| session.matches_person(shown)))
        {
            return self.on_session_ended(Notice::Ended);
        }
        self.set_notice(notice.filter(|notice| !notice.is_about_tokens()));
        self.set_state(SessionState::SignedOut);
    }

    pub(super) fn on_valid_tokens(self, tokens: Tokens, warning: Option<Notice>) {
        // Every other notice was about previous tokens.
        let current = self.notice.get_untracked().filter(|notice| *notice == Notice::NotPersisted && is_in_memory());
        self.set_notice(warning.or(current));
        draft::restore_fields();
        self.set_state(SessionState::SignedIn(tokens));
    }

    /// Sets the notice if it differs: screen readers would read it again.
    pub(super) fn set_notice(self, notice: Option<Notice>) {
        if self.notice.get_untracked() != notice {
            self.notice.set(notice);
        }
    }

    fn stop_timer(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }

    pub(super) fn evaluate_in(self, seconds: u64) {
        let wait = Duration::from_secs(seconds).min(MAX_TIMER);
        self.timer.set_value(set_timeout_with_handle(move || self.evaluate(), wait).ok());
    }
}
