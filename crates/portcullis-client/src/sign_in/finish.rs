//! Finishing a sign-in: from the URL of the callback page to a stored session.

use leptos::prelude::*;
use portcullis::sign_in::{Provider, SignIn};

use super::authorization_response::AuthorizationResponse;
use super::error::{FailedSignIn, SignInError};
use super::exchange::exchange_code;
use super::pending::{self, PendingSignIn, Purpose, Taken};
use super::start::requested_scopes;
use super::{provider, silent};
use crate::embedded_config::{embedded_config, token_place};
use crate::provider_error::ProviderError;
use crate::return_to::ReturnTo;
use crate::session::{Session, SessionState};
use crate::sign_out::revoke_in_background;
use crate::tokens::Tokens;
use crate::{back_off, token_store};

impl Session {
    /// Finishes the sign-in whose response is in the URL of the callback page, and removes the response from the URL.
    /// Returns where the person was going.
    ///
    /// # Errors
    /// [`FailedSignIn`] if the response does not sign anyone in.
    pub async fn finish_sign_in(&self) -> Result<ReturnTo, FailedSignIn> {
        let response = AuthorizationResponse::take();
        if response.is_empty() {
            // The page was opened by hand, or loaded again while the code was exchanged.
            return Ok(pending::last_answered().unwrap_or_else(ReturnTo::home));
        }
        let sign_in = embedded_config();
        let state = response.state.clone().unwrap_or_default();
        // `state` is checked before anything else is trusted, errors included (RFC 9700 §4.7).
        let pending = match pending::take(&state) {
            Taken::First(pending) => pending,
            Taken::Again(return_to) => return self.on_unknown_state(return_to),
            Taken::Unknown => match error_without_state(&sign_in, &response) {
                Some(error) => return Err(FailedSignIn { error, return_to: ReturnTo::home() }),
                None => return self.on_unknown_state(pending::return_to_of(&state)),
            },
        };
        let return_to = pending.return_to.clone();
        let result = redeem(&sign_in, response, &pending).await;
        if pending.purpose == Purpose::Silent {
            silent::record_response();
        }
        let wanted = match &pending.purpose {
            Purpose::StepUp(wanted) => wanted.clone(),
            Purpose::Person | Purpose::Silent => Vec::new(),
        };
        let (tokens, refused) = match result {
            Ok(tokens) => {
                let refused =
                    wanted.into_iter().filter(|scope| !tokens.scopes.iter().any(|has| has == scope)).collect();
                (Some(tokens), refused)
            }
            // In these two cases the session stays as it was.
            Err(SignInError::NeedsPerson) if pending.purpose == Purpose::Silent => (None, Vec::new()),
            Err(SignInError::Denied(_)) if !wanted.is_empty() => (None, wanted),
            Err(error) => return Err(FailedSignIn { error, return_to }),
        };
        if !pending::mark_done(&pending.state) {
            self.on_signed_out_during_exchange(tokens);
            return Ok(return_to);
        }
        self.refused_scopes.set(refused);
        match tokens.map_or(Ok(()), |tokens| self.store_sign_in(tokens)) {
            Ok(()) => Ok(return_to),
            Err(error) => Err(FailedSignIn { error, return_to }),
        }
    }

    /// Ignores a response that was used before, by the back button or a second click, if somebody is signed in.
    fn on_unknown_state(&self, return_to: ReturnTo) -> Result<ReturnTo, FailedSignIn> {
        match self.has_tokens() {
            true => Ok(return_to),
            false => Err(FailedSignIn { error: SignInError::UnknownState, return_to }),
        }
    }

    /// Drops `tokens`: the person has signed out in another tab while the code was exchanged.
    fn on_signed_out_during_exchange(&self, tokens: Option<Tokens>) {
        // Not while someone is signed in: a provider may revoke everything that it has issued to them.
        if !self.has_tokens() {
            revoke_in_background(tokens.and_then(|tokens| tokens.refresh_token));
        }
        self.evaluate();
    }

    fn store_sign_in(&self, tokens: Tokens) -> Result<(), SignInError> {
        token_store::set_place(token_place());
        back_off::clear();
        token_store::save(&tokens).inspect_err(|_| {
            revoke_in_background(tokens.refresh_token.clone());
            self.evaluate();
        })?;
        silent::record_sign_in();
        self.has_signed_out.set_value(false);
        // Set before the tokens are evaluated, which would reload the page for another person.
        self.set_state(SessionState::SignedIn(tokens.clone()));
        self.dismiss_notice();
        self.evaluate_tokens(tokens);
        Ok(())
    }
}

/// Redeems the code in `response`, which answers `pending`.
async fn redeem(
    sign_in: &SignIn,
    response: AuthorizationResponse,
    pending: &PendingSignIn,
) -> Result<Tokens, SignInError> {
    let provider = provider(sign_in)?;
    let code = checked_code(provider, response, pending)?;
    // A release before this one did not store the scopes.
    let scopes = pending.requested_scopes.clone();
    let scopes = scopes.unwrap_or_else(|| requested_scopes(provider, &pending.purpose, None));
    Ok(exchange_code(provider, code, pending, scopes).await?)
}

/// Returns the code in `response` if it is a successful response of `provider` to `pending`.
fn checked_code(
    provider: &Provider,
    response: AuthorizationResponse,
    pending: &PendingSignIn,
) -> Result<String, SignInError> {
    if (&pending.issuer, &pending.client_id) != (&provider.issuer, &provider.client_id) {
        return Err(SignInError::SettingsChanged);
    }
    if response.has_token {
        return Err(SignInError::TokenInUrl);
    }
    check_issuer(provider, &response)?;
    let Some(error) = response.error else { return response.code.ok_or(SignInError::NoCode) };
    let description = response.error_description.as_deref();
    Err(match error.as_str() {
        "access_denied" => SignInError::Denied(description.map(|text| ProviderError::new(&error, Some(text)))),
        // OpenID Connect Core §3.1.2.6.
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            SignInError::NeedsPerson
        }
        _ => SignInError::Provider(ProviderError::new(&error, description)),
    })
}

/// Checks that `response` comes from `provider` (RFC 9207 §2.4).
fn check_issuer(provider: &Provider, response: &AuthorizationResponse) -> Result<(), SignInError> {
    match response.iss.as_deref() {
        Some(iss) if iss != provider.issuer => Err(SignInError::AnotherIssuer),
        None if provider.iss_in_callback => Err(SignInError::NoIssuer),
        Some(_) | None => Ok(()),
    }
}

/// Returns the error in a response without `state`: some providers omit it in errors that they find before they read
/// it. The error is shown as unattributed, only while this tab waits for a response, and has no other effect.
fn error_without_state(sign_in: &SignIn, response: &AuthorizationResponse) -> Option<SignInError> {
    let (SignIn::At(provider), None, Some(error)) = (sign_in, &response.state, &response.error) else { return None };
    if !pending::has_unanswered() {
        return None;
    }
    let reported = ProviderError::new(error, response.error_description.as_deref());
    Some(check_issuer(provider, response).err().unwrap_or(SignInError::Unattributed(reported)))
}
