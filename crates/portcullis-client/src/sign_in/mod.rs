//! Signing in: authorization code with PKCE (RFC 6749 §4.1, RFC 7636), `state` and `nonce`.

mod address;
mod begun;
mod fault;

use leptos::prelude::*;
use oauth2::{CsrfToken, PkceCodeChallenge, Scope};

pub use address::CallbackAddress;
pub use begun::{BEGUN, Purpose, RETURNS, cut_off};
pub use fault::{Failed, SignInFault};

use crate::grant::{self, GrantFault};
use crate::later;
use crate::provider::given_with_the_page;
use crate::provider_error::ProviderError;
use crate::return_to::ReturnTo;
use crate::silent;
use crate::tokens::Tokens;
use crate::whoami::WhoamiError;
use begun::{Begun, Found, Stage};
use portcullis::Scopes;
use portcullis::sign_in::{AudienceParameter, Provider, SignIn};

/// What came of a sign-in.
#[derive(Debug)]
pub struct Outcome {
    /// The tokens; none where everything stays as it was: a silent one that needs the person, a step-up that was denied.
    pub tokens: Option<Tokens>,
    /// Where the person was going.
    pub return_to: ReturnTo,
    /// The scopes that a step-up asked for and did not get.
    pub refused: Vec<String>,
}

fn provider(how: &SignIn) -> Result<&Provider, SignInFault> {
    match how {
        SignIn::At(provider) => Ok(provider),
        SignIn::Unavailable => Err(SignInFault::Unavailable),
        SignIn::Misconfigured => Err(SignInFault::Misconfigured),
        SignIn::NotConfigured => Err(SignInFault::NotConfigured),
    }
}

/// What to ask `provider` for: what is configured, and for a step-up what it wants besides what the sign-in of `shown`
/// had asked for.
fn scopes(provider: &Provider, purpose: &Purpose, shown: Option<&Tokens>) -> Scopes {
    let configured = provider.scopes.iter().map(String::as_str);
    match purpose {
        Purpose::StepUp(wanted) => {
            let asked = shown.into_iter().flat_map(|tokens| tokens.principal.asked.iter());
            let wanted = wanted.iter().map(|scope| name_at(provider, scope));
            configured.chain(asked).chain(wanted).collect()
        }
        Purpose::Person | Purpose::Silent => configured.collect(),
    }
}

/// What `provider` calls the scope that our API calls `scope`: some put the API's identifier before it, and the
/// configuration says so (`api://app/read:items`).
fn name_at<'s>(provider: &'s Provider, scope: &'s str) -> &'s str {
    let is_it = |name: &&str| name.strip_suffix(scope).is_some_and(|api| api.is_empty() || api.ends_with('/'));
    provider.scopes.iter().map(String::as_str).find(is_it).unwrap_or(scope)
}

later! { sign_in:
    /// Begins a sign-in with a fresh `state`, `nonce` and challenge, and leaves for the provider. `shown` are the tokens of
    /// whoever sees the page.
    pub(crate) fn start(return_to: ReturnTo, purpose: Purpose, shown: Option<Tokens>) -> Result<(), SignInFault> {
        begin(return_to, purpose, shown.as_ref())
    }
}

fn begin(return_to: ReturnTo, purpose: Purpose, shown: Option<&Tokens>) -> Result<(), SignInFault> {
    let how = given_with_the_page();
    let provider = provider(&how)?;
    let client = grant::client(provider).ok_or(SignInFault::Unavailable)?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let nonce = CsrfToken::new_random().into_secret();
    let asked = scopes(provider, &purpose, shown);
    let mut request = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(asked.iter().map(|scope| Scope::new(scope.to_owned())))
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
        // Without it a provider may give again what it gave before, and not ask.
        Purpose::StepUp(_) => request.add_extra_param("prompt", "consent"),
    };
    let (address, state) = request.url();
    begun::remember(Begun {
        state: state.into_secret(),
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        nonce,
        verifier: verifier.into_secret(),
        return_to,
        purpose,
        asked: Some(asked),
        stage: Stage::Away,
    })?;
    location().assign(address.as_str()).map_err(|_| SignInFault::Unavailable)
}

/// Ends the sign-in that `address` answers.
///
/// `state` is checked before anything else is believed, errors included (RFC 9700 §4.7).
///
/// # Errors
/// Why nobody is signed in.
pub async fn complete(how: &SignIn, address: CallbackAddress) -> Result<Outcome, Failed> {
    let begun = match begun::take(address.state.as_deref().unwrap_or_default()) {
        Found::First(begun) => begun,
        Found::Again(return_to) => return Err(Failed { fault: SignInFault::UnknownState, return_to }),
        Found::Unknown => {
            if let Some(fault) = without_state(how, &address) {
                return Err(Failed { fault, return_to: ReturnTo::home() });
            }
            let return_to = begun::return_of(address.state.as_deref().unwrap_or_default());
            return Err(Failed { fault: SignInFault::UnknownState, return_to });
        }
    };
    let wanted = match &begun.purpose {
        Purpose::StepUp(wanted) => wanted.clone(),
        Purpose::Person | Purpose::Silent => Vec::new(),
    };
    let return_to = begun.return_to.clone();
    let answer = answered(how, address, &begun).await;
    if begun.purpose == Purpose::Silent {
        silent::answered();
    }
    match answer {
        Ok(tokens) => {
            begun::done(&begun.state);
            let refused = wanted.into_iter().filter(|scope| !tokens.scopes.iter().any(|has| has == scope)).collect();
            Ok(Outcome { tokens: Some(tokens), return_to, refused })
        }
        Err(SignInFault::NeedsPerson) if begun.purpose == Purpose::Silent => {
            begun::done(&begun.state);
            Ok(Outcome { tokens: None, return_to, refused: Vec::new() })
        }
        Err(SignInFault::Denied(_)) if !wanted.is_empty() => {
            begun::done(&begun.state);
            Ok(Outcome { tokens: None, return_to, refused: wanted })
        }
        Err(fault) => Err(Failed { fault, return_to }),
    }
}

/// What to say of an error that comes without `state`, as some providers send the errors that they find first. It is shown,
/// as what it is, only while this tab waits for an answer; nothing else is made of it.
fn without_state(how: &SignIn, address: &CallbackAddress) -> Option<SignInFault> {
    let (SignIn::At(provider), None, Some(error)) = (how, &address.state, &address.error) else { return None };
    if !begun::is_pending() {
        return None;
    }
    let reported = ProviderError::new(error, address.error_description.as_deref());
    Some(wrong_issuer(provider, address).unwrap_or(SignInFault::Unattributed(reported)))
}

/// Why `address` is not an answer of `provider` (RFC 9207 §2.4).
fn wrong_issuer(provider: &Provider, address: &CallbackAddress) -> Option<SignInFault> {
    match address.iss.as_deref() {
        Some(iss) => (iss != provider.issuer).then_some(SignInFault::AnotherIssuer),
        None => provider.iss_in_callback.then_some(SignInFault::NoIssuer),
    }
}

async fn answered(how: &SignIn, address: CallbackAddress, begun: &Begun) -> Result<Tokens, SignInFault> {
    let provider = provider(how)?;
    if (&begun.issuer, &begun.client_id) != (&provider.issuer, &provider.client_id) {
        return Err(SignInFault::SettingsChanged);
    }
    if address.holds_token {
        return Err(SignInFault::TokenInAddress);
    }
    if let Some(fault) = wrong_issuer(provider, &address) {
        return Err(fault);
    }
    if let Some(error) = address.error {
        let description = address.error_description.as_deref();
        return Err(match error.as_str() {
            "access_denied" => SignInFault::Denied(description.map(|said| ProviderError::new(&error, Some(said)))),
            // OpenID Connect Core §3.1.2.6.
            "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
                SignInFault::NeedsPerson
            }
            _ => SignInFault::Provider(ProviderError::new(&error, description)),
        });
    }
    let code = address.code.ok_or(SignInFault::NoCode)?;
    // A step-up asks for the same again.
    let asked = begun.asked.clone().unwrap_or_else(|| scopes(provider, &begun.purpose, None));
    let tokens = grant::exchange(provider, code, begun.verifier.clone(), &begun.nonce, asked).await;
    tokens.map_err(|fault| match fault {
        GrantFault::IdToken(fault) => SignInFault::IdToken(fault),
        GrantFault::IdTokenRefused(why) => SignInFault::IdTokenRefused(why),
        GrantFault::Whoami(WhoamiError::NotAccepted) => SignInFault::NotAccepted,
        GrantFault::Whoami(WhoamiError::Unavailable { .. }) => SignInFault::NotChecked,
        GrantFault::NoIdToken => SignInFault::NoIdToken,
        other => SignInFault::Exchange(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Principal;
    use portcullis::sign_in::TokenPlace;

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

    fn asked(provider: &Provider, wanted: &str, before: &str) -> String {
        let shown = Tokens {
            scopes: Scopes::parse("read:items from:a:role"),
            ..Tokens::of("a", Principal { asked: Scopes::parse(before), ..Principal::default() })
        };
        scopes(provider, &Purpose::StepUp(vec![wanted.into()]), Some(&shown)).to_string()
    }

    #[test]
    fn step_up_asks_by_the_providers_names() {
        let entra = provider(&["openid", "api://app/read:items", "api://app/write:items"]);
        assert_eq!(asked(&entra, "write:items", ""), "api://app/read:items api://app/write:items openid");
        let plain = provider(&["openid", "read:items"]);
        assert_eq!(asked(&plain, "write:items", ""), "openid read:items write:items");
        assert_eq!(asked(&provider(&["x/overwrite:items"]), "write:items", ""), "write:items x/overwrite:items");
    }

    #[test]
    fn step_up_repeats_what_was_asked_and_not_what_the_api_grants() {
        let plain = provider(&["openid"]);
        assert_eq!(asked(&plain, "write:items", "openid admin:items"), "admin:items openid write:items");
    }
}
