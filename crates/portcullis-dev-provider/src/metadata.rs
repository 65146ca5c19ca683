//! The discovery document (OpenID Connect Discovery §3) and the key set.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, IssuerUrl, JsonWebKeySet, JsonWebKeySetUrl, PrivateSigningKey,
    ProviderMetadata, ResponseTypes, Scope, TokenUrl, UserInfoUrl,
};
use portcullis_server::config::default_scopes;
use serde::{Deserialize, Serialize};

use crate::Provider;
use crate::page::InternalError;

/// Members of the document that extensions of OpenID Connect define.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Extensions {
    /// RP-Initiated Logout §2.1.
    end_session_endpoint: String,
    /// RFC 8414 §2, RFC 7009.
    revocation_endpoint: String,
    /// RFC 8414 §2.
    revocation_endpoint_auth_methods_supported: Vec<String>,
    /// RFC 8414 §2.
    code_challenge_methods_supported: Vec<String>,
    /// RFC 9207 §3.
    authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for Extensions {}

type Metadata = ProviderMetadata<
    Extensions,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(crate) async fn discovery(State(provider): State<Arc<Provider>>) -> Result<Json<Metadata>, InternalError> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    let extensions = Extensions {
        end_session_endpoint: at("/end-session"),
        revocation_endpoint: at("/revoke"),
        revocation_endpoint_auth_methods_supported: vec!["none".into()],
        code_challenge_methods_supported: vec!["S256".into()],
        authorization_response_iss_parameter_supported: true,
    };
    let metadata = Metadata::new(
        IssuerUrl::new(provider.issuer.clone())?,
        AuthUrl::new(at("/authorize"))?,
        JsonWebKeySetUrl::new(at("/jwks"))?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256],
        extensions,
    )
    .set_token_endpoint(Some(TokenUrl::new(at("/token"))?))
    .set_userinfo_endpoint(Some(UserInfoUrl::new(at("/userinfo"))?))
    .set_grant_types_supported(Some(vec![CoreGrantType::AuthorizationCode, CoreGrantType::RefreshToken]))
    .set_token_endpoint_auth_methods_supported(Some(vec![CoreClientAuthMethod::None]))
    .set_scopes_supported(Some(default_scopes(provider.app.registry).into_iter().map(Scope::new).collect()));
    Ok(Json(metadata))
}

pub(crate) async fn jwks(State(provider): State<Arc<Provider>>) -> Json<CoreJsonWebKeySet> {
    Json(JsonWebKeySet::new(vec![provider.key.as_verification_key()]))
}
