//! The session: who is signed in, as this browser knows it.
//!
//! Nothing here protects data: the server checks every token itself. The session decides what a person is
//! shown and sends the token along.

mod client;
mod clock;
mod draft;
mod events;
mod fetch;
mod grant;
mod http;
mod id_token;
mod identity;
mod keeper;
mod lock;
mod notice;
mod provider;
mod random;
mod record;
mod renewal;
mod retry;
mod return_to;
mod revocation;
mod sending;
mod sign_in;
mod sign_out;
mod silent;
mod storage;
mod stream;
mod tabs;
mod token_answer;
mod token_store;
mod tokens;
mod userinfo;
mod whoami;

use leptos::prelude::*;
use leptos::task::spawn_local;

pub use client::AuthorizedClient;
pub use draft::{FormDraft, Slot};
pub use identity::{IdTokenCheck, Identity, RESOURCE, ReadIdentity, identify};
pub use notice::Notice;
pub use provider::{
    AudienceParameter, ClientBinding, Provider, SignIn, SignInConfig, TokenPlace, script as sign_in_script,
};
pub use return_to::ReturnTo;
pub use sign_in::{CallbackAddress, Failed, Outcome, SignInFault, complete, cut_off};
pub use tokens::{Principal, Tokens};
pub use userinfo::{UserInfo, origin, userinfo};

use crate::policy::{Access, Caller, Scope};
use sign_in::Purpose;
use tabs::Signal;

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
    /// Makes the session a context, and reads it from where it is kept once the page has started.
    pub fn provide() -> Self {
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

    /// Leaves for the provider's sign-in page; `return_to` is where the person comes back to.
    ///
    /// # Errors
    /// When there is no provider to go to, the browser keeps nothing of it, or the code that signs in cannot be downloaded.
    pub async fn sign_in(&self, return_to: ReturnTo) -> Result<(), SignInFault> {
        self.leave_for(return_to, Purpose::Person).await
    }

    /// Leaves for the provider to ask for `scopes` besides what is granted.
    ///
    /// # Errors
    /// Those of [`Session::sign_in`].
    pub async fn ask_for(&self, scopes: Vec<String>, return_to: ReturnTo) -> Result<(), SignInFault> {
        self.leave_for(return_to, Purpose::StepUp(scopes)).await
    }

    /// Whether the provider was asked for `scope` besides and did not give it; tracks changes.
    #[must_use]
    pub fn was_refused(&self, scope: &str) -> bool {
        self.refused.with(|refused| refused.iter().any(|known| known == scope))
    }

    /// Leaves for the provider to ask whether it still knows the person, where a guard may. Whether it has left.
    pub async fn knocks_silently(&self) -> bool {
        !self.has_left.get_value() && silent::is_due_at_guard() && self.sign_in_silently().await
    }

    async fn sign_in_silently(&self) -> bool {
        silent::asked() && self.leave_for(ReturnTo::address(), Purpose::Silent).await.is_ok()
    }

    async fn leave_for(&self, return_to: ReturnTo, purpose: Purpose) -> Result<(), SignInFault> {
        let shown = self.shown_tokens();
        draft::keep(shown.as_ref().map(Tokens::whose)).await;
        sign_in::start(return_to, purpose, shown).await
    }

    /// The tokens of whoever sees the page.
    fn shown_tokens(&self) -> Option<Tokens> {
        self.state.with_untracked(|state| match state {
            SessionState::SignedIn(tokens) => Some(tokens.clone()),
            SessionState::Unknown | SessionState::SignedOut => None,
        })
    }

    /// Takes what a sign-in has brought.
    ///
    /// # Errors
    /// When the browser does not keep it.
    pub fn accept(&self, outcome: &Outcome) -> Result<(), SignInFault> {
        self.refused.set(outcome.refused.clone());
        if let Some(tokens) = &outcome.tokens {
            token_store::keep_in(provider::token_place());
            retry::forget();
            token_store::save(tokens).inspect_err(|_| {
                revocation::revoke(tokens.clone());
                self.look();
            })?;
            silent::signed_in();
            self.has_left.set_value(false);
            // Whoever was there before, this is who is there now.
            self.show(SessionState::SignedIn(tokens.clone()));
            self.notice.set(None);
            self.look();
        }
        Ok(())
    }

    /// Whether there are tokens, good or not.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        token_store::tokens().is_some()
    }

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
