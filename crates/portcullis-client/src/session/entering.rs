//! Leaving for the provider to sign in, and taking what the sign-in has brought.

use leptos::prelude::*;

use crate::return_to::ReturnTo;
use crate::sign_in::{self, Outcome, Purpose, SignInFault};
use crate::tokens::Tokens;
use crate::{Session, SessionState, draft, provider, retry, revocation, silent, token_store};

impl Session {
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

    /// Leaves for the provider to ask whether it still knows the person, where a guard may. Whether it has left.
    pub async fn knocks_silently(&self) -> bool {
        !self.has_left.get_value() && silent::is_due_at_guard() && self.sign_in_silently().await
    }

    pub(crate) async fn sign_in_silently(&self) -> bool {
        silent::asked() && self.leave_for(ReturnTo::address(), Purpose::Silent).await.is_ok()
    }

    async fn leave_for(&self, return_to: ReturnTo, purpose: Purpose) -> Result<(), SignInFault> {
        let shown = self.shown_tokens();
        draft::keep(shown.as_ref().map(Tokens::whose)).await;
        sign_in::start(return_to, purpose, shown).await
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
                revocation::revoke(tokens.refresh_token.clone());
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
}
