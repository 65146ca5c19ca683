//! The session: who is signed in, as this browser knows it.
//!
//! Nothing here protects data: the server checks every token itself. The session decides what a person is
//! shown and sends the token along.

mod client;
mod http;
mod id_token;
mod provider;
mod return_to;
mod sign_in;
mod sign_out;
mod storage;
mod tokens;
mod userinfo;

use std::time::Duration;

use leptos::prelude::*;

pub use client::AuthorizedClient;
pub use provider::{AudienceParameter, Provider, SignIn, script as sign_in_script};
pub use return_to::ReturnTo;
pub use sign_in::{CallbackAddress, Failed, SignInFault, complete};
pub use tokens::Tokens;
pub use userinfo::{UserInfo, userinfo};

use crate::policy::{Access, Scope};

/// What the client knows of the person before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// Not read yet: on the server, and in the browser until hydration.
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
    /// The timer that ends the session when its time has come.
    end: StoredValue<Option<TimeoutHandle>>,
}

impl Session {
    /// Makes the session a context, and reads it from localStorage once the page is hydrated.
    pub fn provide() -> Self {
        let session = Self { state: RwSignal::new(SessionState::Unknown), end: StoredValue::new(None) };
        provide_context(session);
        // Effects run in the browser alone, and after hydration: the first render is that of the server.
        Effect::new(move |_| session.restore());
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

    /// The tokens of whoever is signed in; tracks changes.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        match self.state.get() {
            SessionState::SignedIn(tokens) => Some(tokens),
            SessionState::Unknown | SessionState::SignedOut => None,
        }
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

    /// Leaves for the provider's sign-in page; `return_to` is where the person comes back to.
    ///
    /// # Errors
    /// When there is no provider to go to, or the code that signs in cannot be downloaded.
    pub async fn sign_in(&self, return_to: ReturnTo) -> Result<(), SignInFault> {
        sign_in::start(return_to).await
    }

    /// Takes the tokens of a sign-in that has just succeeded.
    ///
    /// # Errors
    /// When the browser does not keep them.
    pub fn accept(&self, tokens: Tokens) -> Result<(), SignInFault> {
        tokens.save()?;
        self.restore();
        Ok(())
    }

    /// Forgets the tokens here, and leaves to end the provider's session where it offers that.
    pub fn sign_out(&self) {
        let id_token = self.state.with_untracked(|state| match state {
            SessionState::SignedIn(tokens) => tokens.id_token.clone(),
            SessionState::Unknown | SessionState::SignedOut => None,
        });
        self.forget();
        sign_out::leave(id_token.as_deref());
    }

    /// Forgets the tokens here: they have expired, or the server does not accept them.
    pub fn forget(&self) {
        Tokens::clear();
        self.show(SessionState::SignedOut);
    }

    /// How long the session of `tokens` still lasts, in seconds, by the browser's clock.
    #[must_use]
    pub fn seconds_left(tokens: &Tokens) -> u64 {
        tokens.seconds_left(now())
    }

    fn restore(self) {
        if let Some(timer) = self.end.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        let Some(tokens) = Tokens::load(now()) else { return self.forget() };
        // A timer holds 31 bits of milliseconds; a session that outlasts that is looked at again on the way.
        let wait = Duration::from_secs(tokens.seconds_left(now()).min(86_400));
        self.show(SessionState::SignedIn(tokens));
        self.end.set_value(set_timeout_with_handle(move || self.restore(), wait).ok());
    }

    /// Shows `state`, unless it is shown already: whoever depends on it would fetch everything anew.
    fn show(self, state: SessionState) {
        if self.state.with_untracked(|shown| *shown != state) {
            self.state.set(state);
        }
    }
}

/// The browser's clock: seconds since 1970.
fn now() -> u64 {
    (js_sys::Date::now() / 1000.0) as u64
}
