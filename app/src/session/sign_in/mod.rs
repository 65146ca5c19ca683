//! Signing in: authorization code with PKCE (RFC 6749 §4.1, RFC 7636), `state` and `nonce`.

mod address;
mod fault;

use leptos::prelude::*;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthUrl, AuthorizationCode, Client, ClientId, CsrfToken, EndpointNotSet, EndpointSet, ExtraTokenFields,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use wasm_split_helpers::wasm_split;

pub use address::CallbackAddress;
pub use fault::{Failed, SignInFault};

use super::id_token::{self, Expected};
use super::provider::{AudienceParameter, Provider, SignIn, given_with_the_page};
use super::return_to::ReturnTo;
use super::storage::Kept;
use super::tokens::Tokens;
use crate::pages::CALLBACK_PAGE;
use crate::policy::Scopes;

/// The sessionStorage key of the sign-ins that were begun in this tab.
const BEGUN: &str = "sign_in";
/// How many begun sign-ins a tab remembers: the back button may return to an earlier one.
const REMEMBERED: usize = 5;
/// How long an access token is taken to live when the provider does not say, in seconds.
const LIFETIME_UNSAID: u64 = 300;

/// A sign-in that was begun and must be ended by the same tab.
#[derive(Clone, Serialize, Deserialize)]
struct Begun {
    state: String,
    nonce: String,
    verifier: String,
    return_to: ReturnTo,
}

/// The part of a token answer that OpenID Connect adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct IdTokenField {
    id_token: Option<String>,
}
impl ExtraTokenFields for IdTokenField {}

type OidcClient = Client<
    BasicErrorResponse,
    StandardTokenResponse<IdTokenField, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn client(provider: &Provider) -> Result<OidcClient, SignInFault> {
    let origin = location().origin().map_err(|_| SignInFault::Unavailable)?;
    let redirect = RedirectUrl::new(format!("{origin}{}", CALLBACK_PAGE.path));
    Ok(Client::new(ClientId::new(provider.client_id.clone()))
        .set_auth_uri(AuthUrl::new(provider.authorization_endpoint.clone()).map_err(|_| SignInFault::Unavailable)?)
        .set_token_uri(TokenUrl::new(provider.token_endpoint.clone()).map_err(|_| SignInFault::Unavailable)?)
        .set_redirect_uri(redirect.map_err(|_| SignInFault::Unavailable)?))
}

fn provider(how: &SignIn) -> Result<&Provider, SignInFault> {
    match how {
        SignIn::At(provider) => Ok(provider),
        SignIn::Unavailable => Err(SignInFault::Unavailable),
        SignIn::NotConfigured => Err(SignInFault::NotConfigured),
    }
}

/// Begins a sign-in with a fresh `state`, `nonce` and challenge, and leaves for the provider.
#[wasm_split(sign_in, fallible)]
pub(super) fn start(return_to: ReturnTo) -> Result<(), SignInFault> {
    let how = given_with_the_page();
    let provider = provider(&how)?;
    let client = client(provider)?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let nonce = CsrfToken::new_random().into_secret();
    let mut request = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", nonce.clone());
    request = match provider.audience_parameter {
        AudienceParameter::Audience => request.add_extra_param("audience", provider.audience.clone()),
        AudienceParameter::Resource => request.add_extra_param("resource", provider.audience.clone()),
        AudienceParameter::None => request,
    };
    let (address, state) = request.url();
    let mut begun: Vec<Begun> = Kept::InThisTab.get(BEGUN).unwrap_or_default();
    begun.push(Begun { state: state.into_secret(), nonce, verifier: verifier.into_secret(), return_to });
    let oldest = begun.len().saturating_sub(REMEMBERED);
    Kept::InThisTab.set(BEGUN, &begun[oldest..])?;
    location().assign(address.as_str()).map_err(|_| SignInFault::Unavailable)
}

/// Takes the begun sign-in of `state` out of sessionStorage: each answers once.
fn take_begun(state: &str) -> Option<Begun> {
    let mut begun: Vec<Begun> = Kept::InThisTab.get(BEGUN)?;
    let place = begun.iter().position(|one| one.state == state)?;
    let found = begun.remove(place);
    Kept::InThisTab.set(BEGUN, &begun).ok()?;
    Some(found)
}

/// Ends the sign-in that `address` answers: the tokens, and where the person was going.
///
/// `state` is checked before anything else is believed, errors included (RFC 9700 §4.7).
///
/// # Errors
/// Why nobody is signed in.
pub async fn complete(how: &SignIn, address: CallbackAddress) -> Result<(Tokens, ReturnTo), Failed> {
    let Some(begun) = address.state.as_deref().and_then(take_begun) else {
        return Err(Failed { fault: SignInFault::UnknownState, return_to: ReturnTo::home() });
    };
    match answered(how, address, &begun).await {
        Ok(tokens) => Ok((tokens, begun.return_to)),
        Err(fault) => Err(Failed { fault, return_to: begun.return_to }),
    }
}

async fn answered(how: &SignIn, address: CallbackAddress, begun: &Begun) -> Result<Tokens, SignInFault> {
    let provider = provider(how)?;
    if address.holds_token {
        return Err(SignInFault::TokenInAddress);
    }
    let named = address.iss.as_deref();
    if named.is_some_and(|iss| iss != provider.issuer) || (named.is_none() && provider.iss_in_callback) {
        return Err(SignInFault::AnotherIssuer);
    }
    if let Some(error) = address.error {
        return Err(match error.as_str() {
            "access_denied" => SignInFault::Denied,
            _ => SignInFault::Provider(address.error_description.unwrap_or(error)),
        });
    }
    exchange(provider, address.code.ok_or(SignInFault::NoCode)?, begun).await
}

async fn exchange(provider: &Provider, code: String, begun: &Begun) -> Result<Tokens, SignInFault> {
    let client = client(provider)?;
    let mut request = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()));
    if provider.audience_parameter == AudienceParameter::Resource {
        request = request.add_extra_param("resource", provider.audience.clone());
    }
    let answer = request.request_async(&crate::session::http::send).await.map_err(|error| {
        SignInFault::Exchange(match error {
            RequestTokenError::ServerResponse(answer) => match answer.error() {
                BasicErrorResponseType::InvalidGrant => "the code is not valid any more".to_owned(),
                other => format!("the identity provider refused ({other})"),
            },
            RequestTokenError::Request(error) => error.to_string(),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                "the identity provider's answer could not be read".to_owned()
            }
        })
    })?;
    let now = crate::session::now();
    let id_token = answer.extra_fields().id_token.clone();
    match &id_token {
        Some(token) => {
            let expected =
                Expected { issuer: &provider.issuer, client_id: &provider.client_id, nonce: &begun.nonce, now };
            id_token::check(token, &expected).map_err(SignInFault::IdToken)?;
        }
        None if provider.scopes.iter().any(|scope| scope == "openid") => return Err(SignInFault::NoIdToken),
        None => {}
    }
    Ok(Tokens {
        access_token: answer.access_token().secret().clone(),
        id_token,
        refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
        expires_at: now.saturating_add(answer.expires_in().map_or(LIFETIME_UNSAID, |lifetime| lifetime.as_secs())),
        scopes: match answer.scopes() {
            Some(granted) => granted.iter().map(|scope| scope.as_str()).collect::<Scopes>(),
            None => provider.scopes.iter().collect(),
        },
    })
}
