//! The token endpoint (RFC 6749 §3.2): exchanges a code with its verifier, or a refresh token, for new tokens.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{StatusCode, header};
use openidconnect::core::{
    CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims, CoreIdTokenFields, CoreJwsSigningAlgorithm,
    CoreTokenResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, Audience, EmptyAdditionalClaims, EmptyExtraTokenFields, EndUserName, IssuerUrl, Nonce, RefreshToken,
    Scope, StandardClaims, StandardErrorResponse, SubjectIdentifier,
};
use serde::{Deserialize, Serialize};

use crate::grants::Grant;
use crate::page::InternalError;
use crate::{AUDIENCE, CLIENT_ID, Provider};

#[derive(Deserialize)]
pub(crate) struct Request {
    grant_type: String,
    client_id: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    /// The flaw that the access token must have.
    #[serde(default)]
    flaw: String,
}

/// A flaw of a sample token for the audit. Its signature is valid, but the server must reject it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The token is expired.
    Expired,
    /// The token has another audience.
    Audience,
}

impl Flaw {
    /// Returns the name of the flaw in the form.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Audience => "audience",
        }
    }

    fn read(name: &str) -> Option<Self> {
        [Self::Expired, Self::Audience].into_iter().find(|flaw| flaw.name() == name)
    }
}

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
    scope: String,
}

/// Exchanges a code or a refresh token for tokens.
pub(crate) async fn exchange(
    State(provider): State<Arc<Provider>>,
    request: Result<Form<Request>, FormRejection>,
) -> Response {
    let unreadable = (CoreErrorResponseType::InvalidRequest, "a form with a grant_type is needed");
    let granted = request.map_err(|_| unreadable).and_then(|Form(request)| {
        let flaw = Flaw::read(&request.flaw);
        grant(&provider, &request).map(|grant| (grant, flaw))
    });
    let response = match granted {
        Ok((grant, flaw)) => tokens(&provider, grant, flaw)
            .map(|tokens| Json(tokens).into_response())
            .unwrap_or_else(InternalError::into_response),
        Err((error, description)) => {
            let body = StandardErrorResponse::new(error, Some(description.to_owned()), None);
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    };
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}

/// Returns the grant of the request, or the error (RFC 6749 §5.2).
fn grant(provider: &Provider, request: &Request) -> Result<Grant, (CoreErrorResponseType, &'static str)> {
    if request.client_id.as_deref() != Some(CLIENT_ID) {
        return Err((CoreErrorResponseType::InvalidClient, "the client is not known"));
    }
    let invalid = |why| (CoreErrorResponseType::InvalidGrant, why);
    match request.grant_type.as_str() {
        "authorization_code" => {
            let code = provider.grants.take_code(request.code.as_deref().unwrap_or_default());
            let code = code.ok_or(invalid("the code is unknown, expired or used up"))?;
            if request.redirect_uri.as_deref() != Some(code.redirect_uri.as_str()) {
                return Err(invalid("the redirect URI is another than the code was sent to"));
            }
            let verifier = request.code_verifier.as_deref().unwrap_or_default();
            // RFC 7636 §4.1.
            if !(43..=128).contains(&verifier.len()) {
                return Err(invalid("the code verifier must have 43 to 128 characters"));
            }
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
            if URL_SAFE_NO_PAD.encode(hash) != code.challenge {
                return Err(invalid("the code verifier does not fit the challenge"));
            }
            Ok(code.grant)
        }
        "refresh_token" => {
            let token = request.refresh_token.as_deref().unwrap_or_default();
            let grant = provider.grants.take_refresh_token(token);
            grant.ok_or(invalid("the refresh token is unknown, expired or used up"))
        }
        _ => Err((CoreErrorResponseType::UnsupportedGrantType, "authorization_code or refresh_token is needed")),
    }
}

fn tokens(provider: &Provider, grant: Grant, flaw: Option<Flaw>) -> Result<CoreTokenResponse, InternalError> {
    let now = SystemTime::now();
    let lifetime = Duration::from_secs(provider.lifetime.into());
    let mut issued = now.duration_since(UNIX_EPOCH)?.as_secs();
    if flaw == Some(Flaw::Expired) {
        issued -= 2 * u64::from(provider.lifetime);
    }
    let access_token = provider.key.access_token(&AccessClaims {
        iss: &provider.issuer,
        sub: grant.account.id,
        aud: if flaw == Some(Flaw::Audience) { "https://another-api.portcullis.example" } else { AUDIENCE },
        client_id: CLIENT_ID,
        iat: issued,
        exp: issued + u64::from(provider.lifetime),
        jti: Nonce::new_random().secret().clone(),
        scope: grant.scopes.to_string(),
    })?;
    provider.grants.keep_access_token(access_token.clone(), grant.clone(), lifetime);
    let access_token = AccessToken::new(access_token);
    let id_token = match grant.scopes.iter().any(|scope| scope == "openid") {
        true => Some(id_token(provider, &grant, &access_token, now, now + lifetime)?),
        false => None,
    };
    let fields = CoreIdTokenFields::new(id_token, EmptyExtraTokenFields {});
    let mut response = CoreTokenResponse::new(access_token, CoreTokenType::Bearer, fields);
    response.set_expires_in(Some(&lifetime));
    response.set_scopes(Some(grant.scopes.iter().map(|scope| Scope::new(scope.to_owned())).collect()));
    response.set_refresh_token(Some(RefreshToken::new(provider.grants.new_refresh_token(grant))));
    Ok(response)
}

fn id_token(
    provider: &Provider,
    grant: &Grant,
    access_token: &AccessToken,
    issued: SystemTime,
    expires: SystemTime,
) -> Result<CoreIdToken, InternalError> {
    let mut person = StandardClaims::new(SubjectIdentifier::new(grant.account.id.to_owned()));
    // Most providers include it, so that a client can show the user name immediately.
    if grant.scopes.iter().any(|scope| scope == "profile") {
        person = person.set_name(Some(EndUserName::new(grant.account.name.to_owned()).into()));
    }
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(provider.issuer.clone())?,
        vec![Audience::new(CLIENT_ID.to_owned())],
        expires.into(),
        issued.into(),
        person,
        EmptyAdditionalClaims {},
    )
    .set_nonce(grant.nonce.clone().map(Nonce::new));
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    Ok(CoreIdToken::new(claims, &provider.key, algorithm, Some(access_token), None)?)
}
