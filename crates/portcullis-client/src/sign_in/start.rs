//! Starting a sign-in: leaving for the provider.

use leptos::prelude::*;
use oauth2::{CsrfToken, PkceCodeChallenge, Scope};
use portcullis::Scopes;
use portcullis::sign_in::{AudienceParameter, Provider};

use super::error::SignInError;
use super::pending::{self, PendingSignIn, Purpose, Stage};
use super::{provider, silent};
use crate::embedded_config::embedded_config;
use crate::return_to::ReturnTo;
use crate::session::Session;
use crate::token_endpoint::client;
use crate::tokens::Tokens;
use crate::{draft, later};

impl Session {
    /// Leaves for the provider's sign-in page. The person comes back to `return_to`.
    ///
    /// # Errors
    /// [`SignInError`] if there is no provider, the browser stores nothing, or the code can't be downloaded.
    pub async fn sign_in(&self, return_to: ReturnTo) -> Result<(), SignInError> {
        self.leave(return_to, Purpose::Person).await
    }

    /// Leaves for the provider to request `scopes` in addition to the granted ones.
    ///
    /// # Errors
    /// [`SignInError`] in the same cases as [`Session::sign_in`].
    pub async fn request_scopes(&self, scopes: Vec<String>, return_to: ReturnTo) -> Result<(), SignInError> {
        self.leave(return_to, Purpose::StepUp(scopes)).await
    }

    /// Leaves for the provider to ask whether it still has a session of the person, if a guard may do that now. Returns
    /// whether the page is being left.
    pub async fn try_silent_authentication(&self) -> bool {
        !self.has_signed_out.get_value() && silent::is_due_at_guard() && self.authenticate_silently().await
    }

    /// Leaves for the provider with `prompt=none`. Returns whether the page is being left.
    pub(crate) async fn authenticate_silently(&self) -> bool {
        silent::record_attempt() && self.leave(ReturnTo::current(), Purpose::Silent).await.is_ok()
    }

    async fn leave(&self, return_to: ReturnTo, purpose: Purpose) -> Result<(), SignInError> {
        let shown = self.shown_tokens();
        draft::save_fields(shown.as_ref().map(Tokens::person_key)).await;
        start(return_to, purpose, shown).await
    }
}

later! { sign_in:
    /// Starts a sign-in with a new `state`, `nonce` and challenge. `shown` are the tokens of the person who sees the
    /// page.
    fn start(return_to: ReturnTo, purpose: Purpose, shown: Option<Tokens>) -> Result<(), SignInError> {
        send_to_provider(return_to, purpose, shown.as_ref())
    }
}

fn send_to_provider(return_to: ReturnTo, purpose: Purpose, shown: Option<&Tokens>) -> Result<(), SignInError> {
    let sign_in = embedded_config();
    let provider = provider(&sign_in)?;
    let client = client(provider).ok_or(SignInError::Unavailable)?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let nonce = CsrfToken::new_random().into_secret();
    let scopes = requested_scopes(provider, &purpose, shown);
    let mut request = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(scopes.iter().map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", nonce.clone());
    request = match provider.audience_parameter {
        AudienceParameter::Audience => request.add_extra_param("audience", provider.audience.clone()),
        AudienceParameter::Resource => request.add_extra_param("resource", provider.audience.clone()),
        AudienceParameter::None => request,
    };
    request = match purpose {
        Purpose::Person => request,
        Purpose::Silent => request.add_extra_param("prompt", "none"),
        // Without it, a provider may grant the same scopes as before without asking the person.
        Purpose::StepUp(_) => request.add_extra_param("prompt", "consent"),
    };
    let (url, state) = request.url();
    pending::save(PendingSignIn {
        state: state.into_secret(),
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        nonce,
        verifier: verifier.into_secret(),
        return_to,
        purpose,
        requested_scopes: Some(scopes),
        stage: Stage::Away,
    })?;
    location().assign(url.as_str()).map_err(|_| SignInError::Unavailable)
}

/// Returns the scopes to request from `provider`: the configured ones, and for a step-up also those that the sign-in of
/// `shown` requested, and the wanted ones.
pub(super) fn requested_scopes(provider: &Provider, purpose: &Purpose, shown: Option<&Tokens>) -> Scopes {
    let configured = provider.scopes.iter().map(String::as_str);
    match purpose {
        Purpose::StepUp(wanted) => {
            let before = shown.into_iter().flat_map(|tokens| tokens.principal.requested_scopes.iter());
            let wanted = wanted.iter().map(|scope| provider_name(provider, scope));
            configured.chain(before).chain(wanted).collect()
        }
        Purpose::Person | Purpose::Silent => configured.collect(),
    }
}

/// Returns the provider's name of the scope that our API calls `scope`. Some providers put the API's identifier before
/// it, as the configuration says (`api://app/read:items`).
fn provider_name<'s>(provider: &'s Provider, scope: &'s str) -> &'s str {
    let matches = |name: &&str| name.strip_suffix(scope).is_some_and(|api| api.is_empty() || api.ends_with('/'));
    provider.scopes.iter().map(String::as_str).find(matches).unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use portcullis::sign_in::TokenPlace;

    use super::*;
    use crate::tokens::Principal;

    fn provider(scopes: &[&str]) -> Provider {
        Provider {
            issuer: "https://issuer.example".into(),
            authorization_endpoint: "https://issuer.example/authorize".into(),
            token_endpoint: "https://issuer.example/token".into(),
            userinfo_endpoint: None,
            end_session_endpoint: None,
            revocation_endpoint: None,
            iss_in_callback: true,
            client_id: "web".into(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            audience: "api".into(),
            audience_parameter: AudienceParameter::None,
            token_place: TokenPlace::LocalStorage,
        }
    }

    fn requested(provider: &Provider, wanted: &str, before: &str) -> String {
        let shown = Tokens {
            scopes: Scopes::parse("read:items from:a:role"),
            ..Tokens::new("a", Principal { requested_scopes: Scopes::parse(before), ..Principal::default() })
        };
        requested_scopes(provider, &Purpose::StepUp(vec![wanted.into()]), Some(&shown)).to_string()
    }

    #[test]
    fn step_up_uses_the_providers_names() {
        let entra = provider(&["openid", "api://app/read:items", "api://app/write:items"]);
        assert_eq!(requested(&entra, "write:items", ""), "api://app/read:items api://app/write:items openid");
        let plain = provider(&["openid", "read:items"]);
        assert_eq!(requested(&plain, "write:items", ""), "openid read:items write:items");
        assert_eq!(requested(&provider(&["x/overwrite:items"]), "write:items", ""), "write:items x/overwrite:items");
    }

    #[test]
    fn step_up_repeats_what_was_requested_not_granted() {
        let plain = provider(&["openid"]);
        assert_eq!(requested(&plain, "write:items", "openid admin:items"), "admin:items openid write:items");
    }
}
