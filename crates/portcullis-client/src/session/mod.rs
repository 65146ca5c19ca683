//! The session: who is signed in, as this browser knows it.

mod events;
mod lifecycle;
mod refreshing;
mod tokens_to_send;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::{Access, Caller, Scope};

use crate::config::{self, SessionConfig};
use crate::notice::Notice;
use crate::tokens::Tokens;
use crate::userinfo::UserInfo;
use crate::{back_off, clock, draft, token_store};

/// What the client knows about the person who uses the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// The session is not read yet: on the server, and in the browser until the page has started.
    Unknown,
    /// Nobody is signed in, or the session has expired.
    SignedOut,
    /// Somebody is signed in.
    SignedIn(Tokens),
}

/// What a guard does with a person who wants to see something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Show a placeholder: it is not known yet who this is.
    Wait,
    /// Show it.
    Open,
    /// Ask the person to sign in.
    SignIn,
    /// Say which scopes are missing.
    Missing(Vec<Scope>),
}

/// The session of this tab. It is a context of the app.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    notice: RwSignal<Option<Notice>>,
    /// The scopes that the last step-up requested and the provider did not grant.
    pub(crate) refused_scopes: RwSignal<Vec<String>>,
    /// The [`Tokens::person_key`] of the last person that the page has shown. For another person the page is reloaded.
    last_person: StoredValue<String>,
    /// The timer that evaluates the session again.
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Whether the person has signed out since the page was loaded.
    pub(crate) has_signed_out: StoredValue<bool>,
}

impl Session {
    /// Provides the session of an app as a context, and returns it. In the browser it is read from storage as soon as
    /// the page has started.
    pub fn provide(config: &'static SessionConfig) -> Self {
        config::set(config);
        let session = Self {
            state: RwSignal::new(SessionState::Unknown),
            notice: RwSignal::new(None),
            refused_scopes: RwSignal::new(Vec::new()),
            last_person: StoredValue::new(String::new()),
            timer: StoredValue::new(None),
            has_signed_out: StoredValue::new(false),
        };
        provide_context(session);
        // Effects run in the browser only, and after the first render.
        Effect::new(move |_| session.start());
        session
    }

    /// Returns the session that [`Session::provide`] created.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Returns the current state, and tracks it.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.state.get()
    }

    /// Returns what the person is told about the session, and tracks it.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        self.notice.get()
    }

    /// Removes the notice.
    pub fn dismiss_notice(&self) {
        self.notice.set(None);
    }

    /// Returns the tokens of the person who is signed in, and tracks them.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        match self.state.get() {
            SessionState::SignedIn(tokens) => Some(tokens),
            SessionState::Unknown | SessionState::SignedOut => None,
        }
    }

    /// Returns who is signed in, as the ID token says, and tracks changes.
    #[must_use]
    pub fn person(&self) -> Option<UserInfo> {
        self.tokens().and_then(|tokens| UserInfo::from_id_token(&tokens))
    }

    /// Returns the person as our server knows them, and tracks changes.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        let Tokens { scopes, principal, .. } = self.tokens()?;
        Some(Caller { issuer: principal.issuer.as_str().into(), subject: principal.subject.clone(), scopes })
    }

    /// Returns what to show a person who wants to see something that requires `access`, and tracks it.
    #[must_use]
    pub fn verdict(&self, access: Access) -> Verdict {
        match (access, self.state.get()) {
            (Access::Public, _) => Verdict::Open,
            (_, SessionState::Unknown) => Verdict::Wait,
            (_, SessionState::SignedOut) => Verdict::SignIn,
            (_, SessionState::SignedIn(tokens)) => match access.missing_from(&tokens.scopes) {
                missing if missing.is_empty() => Verdict::Open,
                missing => Verdict::Missing(missing),
            },
        }
    }

    /// Returns whether the last [`Session::request_scopes`] requested `scope` and the provider did not grant it, and
    /// tracks it.
    #[must_use]
    pub fn was_scope_refused(&self, scope: &str) -> bool {
        self.refused_scopes.with(|refused| refused.iter().any(|known| known == scope))
    }

    /// Returns the tokens of the person who sees the page.
    pub(crate) fn shown_tokens(&self) -> Option<Tokens> {
        self.state.with_untracked(|state| match state {
            SessionState::SignedIn(tokens) => Some(tokens.clone()),
            SessionState::Unknown | SessionState::SignedOut => None,
        })
    }

    /// Returns whether tokens are stored, valid or not.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        token_store::tokens().is_some()
    }

    /// Ends the wait after a failed refresh, unless the provider demands it, and tries again.
    pub fn retry_refresh(&self) {
        back_off::end_early();
        self.evaluate();
    }

    /// Reloads the page, and keeps what was typed into it.
    pub fn reload(&self) {
        let person = self.shown_tokens().map(|tokens| tokens.person_key());
        spawn_local(async move {
            draft::save_fields(person).await;
            let _ = location().reload();
        });
    }

    /// Returns how many seconds the access token of `tokens` is still valid, by our server's clock.
    #[must_use]
    pub fn seconds_left(tokens: &Tokens) -> u64 {
        tokens.seconds_left(clock::now())
    }

    /// Sets the state if it differs: a change makes everything that depends on it load its data again.
    pub(crate) fn set_state(self, state: SessionState) {
        if let SessionState::SignedIn(tokens) = &state {
            self.last_person.set_value(tokens.person_key());
        }
        if self.state.with_untracked(|shown| *shown != state) {
            self.state.set(state);
        }
    }
}
