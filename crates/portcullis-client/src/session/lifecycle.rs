//! The life of a session in a tab: it is looked at when something happens or is due, renewed, and ended.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use js_sys::Promise;
use js_sys::futures::{JsFuture, future_to_promise};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;

use crate::draft;
use crate::handover;
use crate::notice::Notice;
use crate::provider::token_place;
use crate::renewal::{self, Next, Renewal};
use crate::sign_out;
use crate::silent;
use crate::tabs::{self, LONGEST, Signal};
use crate::token_store::{self, Stored, is_memory, keep_in};
use crate::tokens::Tokens;
use crate::{Session, SessionState, clock, config, retry};

/// How long after a page is loaded the code is that it may need when its release is there no more.
const AHEAD: Duration = Duration::from_secs(20);

thread_local! {
    /// Whether a page that found another app's values has looked once more.
    static LOOKED_AGAIN: Cell<bool> = const { Cell::new(false) };
    /// The session of this page, for the client of server functions, which has no context.
    static HERE: Cell<Option<Session>> = const { Cell::new(None) };
    /// The renewal that is under way in this tab, for everyone who waits for it.
    static UNDER_WAY: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

impl Session {
    /// The session of this page; none before it has started.
    pub(crate) fn here() -> Option<Self> {
        HERE.get()
    }

    /// Begins the session's life: in the browser alone, once the page has started.
    pub(crate) fn wake(self) {
        HERE.set(Some(self));
        keep_in(token_place());
        if is_memory() {
            // Of the time before they were to be kept in memory.
            token_store::clear_local();
        }
        self.notice.set(sign_out::returned());
        tabs::listen(move |event| self.on_event(event));
        set_timeout(renewal::fetch_ahead, AHEAD);
        let is_answer = location().pathname().is_ok_and(|path| path == config::get().callback);
        if !is_answer && silent::is_due_at_load() {
            return spawn_local(async move {
                if !self.sign_in_silently().await {
                    self.look();
                }
            });
        }
        self.look();
    }

    /// Looks at the tokens that are kept now, shows what they mean and does what is due.
    pub(crate) fn look(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        if !clock::is_doubtful() {
            return self.decide();
        }
        // The device has slept or its clock was set: what is shown stays until the server has said what time it is.
        spawn_local(async move { if clock::ask().await { self.decide() } else { self.fail(Notice::Unreachable) } });
    }

    fn decide(self) {
        let tokens = match token_store::load() {
            Stored::Ours(tokens) => tokens,
            Stored::Foreign => return self.on_session_displaced(),
            Stored::Nothing => return self.on_signed_out(),
        };
        if self.is_another_person(&tokens) {
            return self.load_again();
        }
        let now = clock::now();
        match tokens.next(now) {
            Next::Wait(seconds) => {
                self.on_valid_tokens(tokens, None);
                self.again_in(seconds);
            }
            Next::Warn(seconds) => {
                self.on_valid_tokens(tokens, Some(Notice::EndsSoon));
                self.again_in(seconds);
            }
            Next::End => self.end(Notice::Ended),
            Next::Renew => {
                if tokens.is_good(now) {
                    self.on_valid_tokens(tokens.clone(), None);
                }
                spawn_local(async move { _ = self.renew(&tokens).await });
            }
        }
    }

    /// Renews the session of `used`, unless that was done meanwhile. Whether there are good tokens now.
    ///
    /// It goes on when whoever asked for it does not: tokens that are under way must not be lost.
    pub(crate) async fn renew(self, used: &Tokens) -> bool {
        let under_way = UNDER_WAY.with_borrow(Clone::clone);
        let renewed = under_way.unwrap_or_else(|| {
            let used = used.access_token.clone();
            let renewed = future_to_promise(async move {
                let outcome = renewal::renew(used).await;
                UNDER_WAY.take();
                Ok(JsValue::from_bool(self.after(outcome)))
            });
            UNDER_WAY.replace(Some(renewed.clone()));
            renewed
        });
        JsFuture::from(renewed).await.is_ok_and(|done: JsValue| done.is_truthy())
    }

    fn after(self, outcome: Renewal) -> bool {
        match outcome {
            Renewal::Done | Renewal::NotKept => {
                let Some(tokens) = token_store::tokens() else { return false };
                if tokens.next(clock::now()) == Next::Renew {
                    // Already due again: a refresh at once could go on endlessly.
                    self.on_valid_tokens(tokens, None);
                    self.fail(Notice::Unreachable);
                    return true;
                }
                self.look();
                if matches!(outcome, Renewal::NotKept) {
                    self.say(Some(Notice::NotKept));
                }
                return true;
            }
            Renewal::Later => self.fail(Notice::Unreachable),
            Renewal::NotLoaded => self.fail(Notice::Outdated),
            Renewal::Gone => self.on_signed_out(),
            Renewal::Displaced => self.on_session_displaced(),
            Renewal::Ended => self.end(Notice::Ended),
            Renewal::Unfit => self.end(Notice::Unfit),
        }
        false
    }

    /// Something could not be done for now: it is tried again. Once the tokens have run out the person is told `why`.
    fn fail(self, why: Notice) {
        if token_store::tokens().is_some_and(|tokens| !tokens.is_good(clock::now())) {
            self.say(Some(if tabs::is_offline() { Notice::Offline } else { why }));
        }
        self.again_in(retry::seconds_left(clock::now()).max(retry::pause_after(1)));
    }

    /// The session is over by itself: the page stays, with what was typed into it.
    fn end(self, why: Notice) {
        // Told first: whoever only sees the tokens go takes it for a sign-out. What is in memory is nobody else's.
        if let Some(tokens) = self.shown_tokens().or_else(token_store::tokens).filter(|_| !is_memory()) {
            tabs::tell(Signal::Ended, &tokens);
        }
        token_store::clear();
        handover::forget();
        self.on_session_ended(why);
    }

    pub(crate) fn on_session_ended(self, why: Notice) {
        match self.state.get_untracked() {
            SessionState::SignedIn(_) => self.say(Some(why)),
            SessionState::Unknown | SessionState::SignedOut => {
                self.say(Some(why).filter(|why| *why == Notice::Unfit));
                self.show(SessionState::SignedOut);
            }
        }
    }

    /// Another app has put its values in the place of ours, which are its own: a page that is open goes on with the
    /// tokens that it has, as long as they last.
    fn on_session_displaced(self) {
        match self.shown_tokens() {
            Some(shown) if shown.is_good(clock::now()) => self.again_in(shown.seconds_left(clock::now())),
            // Another tab of ours may be writing: what it writes is seen in parts, and its record last.
            None if self.state.get_untracked() == SessionState::Unknown && !LOOKED_AGAIN.replace(true) => {
                self.again_in(1)
            }
            _ => self.on_session_ended(Notice::Ended),
        }
    }

    /// The tokens are gone: the session has ended by itself, or its person has signed out.
    fn on_signed_out(self) {
        if self.state.with_untracked(|state| *state == SessionState::Unknown) {
            // This page shows nobody yet, and every page that does has heard by now.
            tabs::clear_signal();
        }
        let notice = self.notice.get_untracked();
        if notice.is_some_and(Notice::is_over) {
            return;
        }
        if tabs::last_ended().is_some_and(|about| self.person.with_value(|shown| about.is_person(shown))) {
            return self.on_session_ended(Notice::Ended);
        }
        self.say(notice.filter(|notice| !notice.ends_with_new_tokens()));
        self.show(SessionState::SignedOut);
    }

    fn on_valid_tokens(self, tokens: Tokens, warning: Option<Notice>) {
        // All else is said of tokens that are there no more.
        let said = self.notice.get_untracked().filter(|said| *said == Notice::NotKept && is_memory());
        self.say(warning.or(said));
        draft::restore();
        self.show(SessionState::SignedIn(tokens));
    }

    /// Says `what`, unless it is said already: it would be read out again.
    fn say(self, what: Option<Notice>) {
        if self.notice.get_untracked() != what {
            self.notice.set(what);
        }
    }

    fn again_in(self, seconds: u64) {
        let wait = Duration::from_secs(seconds).min(LONGEST);
        self.timer.set_value(set_timeout_with_handle(move || self.look(), wait).ok());
    }
}
