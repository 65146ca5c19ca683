//! The session: who is signed in, as this browser knows it.
//!
//! Nothing here protects data: the server checks every token itself. The session decides what a person is
//! shown and sends the token along.

mod entering;
mod events;
mod leaving;
mod lifecycle;
mod sending;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::sign_in::SignIn;
use portcullis::{Access, Caller, Scope};

use crate::config::{self, SessionConfig};
use crate::notice::Notice;
use crate::tokens::Tokens;
use crate::userinfo::UserInfo;
use crate::{clock, draft, provider, retry, token_store};

/// What the client knows of the person before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// Not read yet: on the server, and in the browser until the page has started.
    Unknown,
    /// Nobody is signed in, or the session has expired.
    SignedOut,
    /// Somebody is.
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

/// The session of this tab; a context of the application.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    notice: RwSignal<Option<Notice>>,
    /// The scopes that the provider was asked for besides, and did not give.
    refused: RwSignal<Vec<String>>,
    /// The name of the person whom the page has shown last.
    person: StoredValue<String>,
    /// When the session is looked at next.
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Whether the person has signed out since the page was loaded.
    has_left: StoredValue<bool>,
}

impl Session {
    /// Provides the session of an app as a context, and returns it. In the browser it is read from storage as soon as the
    /// page has started.
    pub fn provide(config: &'static SessionConfig) -> Self {
        config::set(config);
        let session = Self {
            state: RwSignal::new(SessionState::Unknown),
            notice: RwSignal::new(None),
            refused: RwSignal::new(Vec::new()),
            person: StoredValue::new(String::new()),
            timer: StoredValue::new(None),
            has_left: StoredValue::new(false),
        };
        provide_context(session);
        // Effects run in the browser alone, and after the first render.
        Effect::new(move |_| session.wake());
        session
    }

    /// The session that [`Session::provide`] made.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// What is known now; tracks changes.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.state.get()
    }

    /// What the person is told of the session, if anything; tracks changes.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        self.notice.get()
    }

    /// Takes the notice away: it was read.
    pub fn dismiss_notice(&self) {
        self.notice.set(None);
    }

    /// The tokens of whoever is signed in; tracks changes.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        match self.state.get() {
            SessionState::SignedIn(tokens) => Some(tokens),
            SessionState::Unknown | SessionState::SignedOut => None,
        }
    }

    /// Who is signed in, as the sign-in itself said; tracks changes.
    #[must_use]
    pub fn person(&self) -> Option<UserInfo> {
        self.tokens().and_then(|tokens| UserInfo::of(&tokens))
    }

    /// The person as our server knows them; tracks changes.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        let Tokens { scopes, principal, .. } = self.tokens()?;
        Some(Caller { issuer: principal.issuer.as_str().into(), subject: principal.subject.clone(), scopes })
    }

    /// How people can sign in here.
    #[must_use]
    pub fn how(&self) -> SignIn {
        provider::given_with_the_page()
    }

    /// Whether this person is shown what asks for `access`; tracks changes.
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

    /// Whether the provider was asked for `scope` besides and did not give it; tracks changes.
    #[must_use]
    pub fn was_refused(&self, scope: &str) -> bool {
        self.refused.with(|refused| refused.iter().any(|known| known == scope))
    }

    /// The tokens of whoever sees the page.
    fn shown_tokens(&self) -> Option<Tokens> {
        self.state.with_untracked(|state| match state {
            SessionState::SignedIn(tokens) => Some(tokens.clone()),
            SessionState::Unknown | SessionState::SignedOut => None,
        })
    }

    /// Whether there are tokens, good or not.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        token_store::tokens().is_some()
    }

    /// Looks whether the session can be renewed by now.
    pub fn try_again(&self) {
        retry::end_early();
        self.look();
    }

    /// Loads the page anew, with what was typed into it.
    pub fn load_again(&self) {
        let whose = self.shown_tokens().map(|tokens| tokens.whose());
        spawn_local(async move {
            draft::keep(whose).await;
            let _ = location().reload();
        });
    }

    /// How long the access token of `tokens` is still good for, in seconds, by our server's clock.
    #[must_use]
    pub fn seconds_left(tokens: &Tokens) -> u64 {
        tokens.seconds_left(clock::now())
    }

    /// Shows `state`, unless it is shown already: whoever depends on it would fetch everything anew.
    fn show(self, state: SessionState) {
        if let SessionState::SignedIn(tokens) = &state {
            self.person.set_value(tokens.whose());
        }
        if self.state.with_untracked(|shown| *shown != state) {
            self.state.set(state);
        }
    }
}
