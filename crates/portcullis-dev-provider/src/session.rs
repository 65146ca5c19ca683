//! Userinfo (OpenID Connect Core §5.3) and the end of a session (RP-Initiated Logout §2).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use openidconnect::core::CoreUserInfoClaims;
use openidconnect::{
    EmptyAdditionalClaims, EndUserEmail, EndUserName, EndUserPictureUrl, StandardClaims, SubjectIdentifier,
};
use portcullis_verifier::bearer;
use serde::Deserialize;
use url::Url;

use crate::{Provider, page};

/// Returns the claims of the user, for an access token with the scope `openid`.
pub(crate) async fn userinfo(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let grant = bearer::token(&headers, None).ok().and_then(|token| provider.grants.of_access_token(token));
    let Some(grant) = grant.filter(|grant| grant.scopes.iter().any(|scope| scope == "openid")) else {
        let challenge = (header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#);
        return (StatusCode::UNAUTHORIZED, [challenge]).into_response();
    };
    let has = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
    let mut claims = StandardClaims::new(SubjectIdentifier::new(grant.account.id.to_owned()));
    if has("profile") {
        let picture = format!("{}/pictures/{}", provider.issuer, grant.account.id);
        claims = claims
            .set_name(Some(EndUserName::new(grant.account.name.to_owned()).into()))
            .set_picture(Some(EndUserPictureUrl::new(picture).into()));
    }
    if has("email") {
        claims = claims.set_email(Some(EndUserEmail::new(grant.account.email()))).set_email_verified(Some(true));
    }
    Json(CoreUserInfoClaims::new(claims, EmptyAdditionalClaims {})).into_response()
}

#[derive(Deserialize)]
pub(crate) struct EndSession {
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

/// Ends the session in this browser, and redirects to the application if the URL is one of its own.
pub(crate) async fn end(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Query(request): Query<EndSession>,
) -> Response {
    let known = request.post_logout_redirect_uri.filter(|uri| provider.is_post_logout_redirect_uri(uri));
    let mut response = match known.and_then(|uri| Url::parse(&uri).ok()) {
        None => page::signed_out().into_response(),
        Some(mut address) => {
            if let Some(state) = request.state {
                address.query_pairs_mut().append_pair("state", &state);
            }
            Redirect::to(address.as_str()).into_response()
        }
    };
    if let Some(cookie) = provider.end_session(&headers) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
