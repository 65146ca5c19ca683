//! How a session starts a refresh, and what it does with the outcome.

use std::cell::RefCell;

use js_sys::Promise;
use js_sys::futures::{JsFuture, future_to_promise};
use leptos::wasm_bindgen::JsValue;

use super::Session;
use crate::notice::Notice;
use crate::refresh::{self, NextStep, RefreshOutcome};
use crate::tokens::Tokens;
use crate::{back_off, clock, tabs, token_store};

thread_local! {
    /// The current refresh in this tab, for everyone who waits for it.
    static REFRESH: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

impl Session {
    /// Refreshes the session of `used`, unless another caller does. Returns whether there are valid tokens now.
    ///
    /// The refresh continues if its caller is dropped: the response of a refresh must not be lost.
    pub(crate) async fn refresh(self, used: &Tokens) -> bool {
        let current = REFRESH.with_borrow(Clone::clone);
        let refreshing = current.unwrap_or_else(|| {
            let used = used.access_token.clone();
            let refreshing = future_to_promise(async move {
                let outcome = refresh::refresh(used).await;
                REFRESH.take();
                Ok(JsValue::from_bool(self.on_refresh_outcome(outcome)))
            });
            REFRESH.replace(Some(refreshing.clone()));
            refreshing
        });
        JsFuture::from(refreshing).await.is_ok_and(|is_valid: JsValue| is_valid.is_truthy())
    }

    /// Shows the outcome. Returns whether there are valid tokens now.
    fn on_refresh_outcome(self, outcome: RefreshOutcome) -> bool {
        match outcome {
            RefreshOutcome::Refreshed(tokens) => return self.on_refreshed(tokens, None),
            RefreshOutcome::NotPersisted(tokens) => return self.on_refreshed(tokens, Some(Notice::NotPersisted)),
            RefreshOutcome::RetryLater => self.on_refresh_delayed(Notice::Unreachable),
            RefreshOutcome::NotLoaded => self.on_refresh_delayed(Notice::Outdated),
            RefreshOutcome::SignedOut => self.on_signed_out(),
            RefreshOutcome::Displaced => self.on_session_displaced(),
            RefreshOutcome::Ended => self.end(Notice::Ended),
            RefreshOutcome::Mismatch => self.end(Notice::Mismatch),
        }
        false
    }

    /// Shows the new tokens, and then `notice`. Returns whether there are valid tokens now.
    fn on_refreshed(self, tokens: Tokens, notice: Option<Notice>) -> bool {
        // Another tab may have ended the session since they were stored.
        if !token_store::is_stored(&tokens) {
            self.evaluate();
            return self.has_tokens();
        }
        if tokens.next_step(clock::now()) == NextStep::Refresh {
            // Another refresh at once could repeat forever.
            self.on_valid_tokens(tokens, None);
            self.on_refresh_delayed(Notice::Unreachable);
            return true;
        }
        self.evaluate_tokens(tokens);
        if notice.is_some() {
            self.set_notice(notice);
        }
        true
    }

    /// Schedules another try. If the access token has expired, shows `notice`.
    pub(super) fn on_refresh_delayed(self, notice: Notice) {
        if token_store::tokens().is_some_and(|tokens| !tokens.is_usable(clock::now())) {
            self.set_notice(Some(if tabs::is_offline() { Notice::Offline } else { notice }));
        }
        self.evaluate_in(back_off::seconds_left(clock::now()).max(back_off::delay_after(1)));
    }
}
