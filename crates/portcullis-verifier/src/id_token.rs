//! The check of an ID token (OpenID Connect Core §3.1.3.7), with its signature.
//!
//! An ID token tells the client who signed in. It grants no access.

use std::sync::Arc;

use super::AuthError;
use super::claims::Claims;
use super::header::Header;
use super::json::{Object, Value};
use super::jwks::{KeyCache, SUPPORTED_ALGORITHMS, SigningKey};
use super::jws::{CompactJws, MAX_TOKEN_BYTES, decode};
use super::verifier::now;

/// Why an ID token is rejected. The messages contain nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a JWS with a JSON object in it.
    #[error("The ID token is not a signed JWT")]
    Malformed,
    /// Longer than [`MAX_TOKEN_BYTES`], or with a header longer than [`MAX_HEADER_CHARS`](crate::jws::MAX_HEADER_CHARS).
    #[error("The ID token is too long")]
    TooLong,
    /// A JWE (RFC 7516 §7.1).
    #[error("The ID token is encrypted")]
    Encrypted,
    /// A header member or a claim occurs twice.
    #[error("The ID token has a duplicate {0}")]
    Duplicate(&'static str),
    /// The named header member is missing or has the wrong type.
    #[error("The ID token's header has no valid {0}")]
    HeaderMember(&'static str),
    /// `alg` is `none`, symmetric, unknown, or not that of the key.
    #[error("The ID token's signing algorithm is not accepted")]
    Algorithm,
    /// A `crit` header (RFC 7515 §4.1.11).
    #[error("The ID token has critical extensions, and none is supported")]
    Critical,
    /// Header or claims say that it is another kind of token.
    #[error("The token is of another type than an ID token")]
    Type,
    /// The provider has no such key.
    #[error("The ID token's signing key is not among the provider's keys")]
    UnknownKey,
    /// The signature is wrong.
    #[error("The ID token's signature is not valid")]
    Signature,
    /// `iss` is not the issuer that users sign in with, or the access token comes from another.
    #[error("The ID token does not come from the issuer that people sign in with")]
    Issuer,
    /// `aud` is not this client, or `azp` is another.
    #[error("The ID token is meant for another client")]
    Audience,
    /// The named claim is missing or has the wrong type.
    #[error("The ID token has no valid claim {0}")]
    Claim(&'static str),
    /// `exp` has passed.
    #[error("The ID token has expired")]
    Expired,
    /// `nonce` is not the one of the sign-in.
    #[error("The ID token answers another sign-in")]
    Nonce,
    /// The last fetched key set has no such key, and the next fetch is not allowed yet.
    #[error("The signing key of the ID token is not known yet")]
    KeyNotYetKnown,
    /// There are no signing keys yet.
    #[error("The signing keys are not available")]
    KeysUnavailable,
}

impl From<AuthError> for IdTokenError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Algorithm => Self::Algorithm,
            AuthError::Critical => Self::Critical,
            AuthError::Type(_) => Self::Type,
            AuthError::UnknownKey => Self::UnknownKey,
            AuthError::KeysUnavailable => Self::KeysUnavailable,
            AuthError::KeyNotYetKnown => Self::KeyNotYetKnown,
            AuthError::Claim(name) => Self::Claim(name),
            AuthError::TooLong | AuthError::HeaderTooLong => Self::TooLong,
            AuthError::Encrypted => Self::Encrypted,
            AuthError::Duplicate(member) => Self::Duplicate(member),
            AuthError::HeaderMember(name) => Self::HeaderMember(name),
            _ => Self::Malformed,
        }
    }
}

/// Verifies ID tokens of one client at one issuer.
pub struct IdTokenVerifier {
    /// The issuer that users sign in with.
    pub issuer: Arc<str>,
    /// The id of the client.
    pub client_id: Arc<str>,
    /// The issuer's keys.
    pub keys: Arc<KeyCache>,
    /// The allowed difference between clocks, in seconds.
    pub leeway: f64,
}

impl IdTokenVerifier {
    /// Verifies `token`, which was sent with an access token of `access_issuer`. If `nonce` is given, the token must
    /// contain it.
    ///
    /// # Errors
    /// The variant of [`IdTokenError`] for the first check that fails.
    pub async fn verify(&self, token: &str, access_issuer: &str, nonce: Option<&str>) -> Result<(), IdTokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(IdTokenError::TooLong);
        }
        if access_issuer != &*self.issuer {
            return Err(IdTokenError::Issuer);
        }
        let CompactJws { message, header, payload, signature } = CompactJws::parse(token)?;
        let (header, payload) = (decode(header)?, decode(payload)?);
        let header = Object::parse_header(&header)?;
        let header = Header::read_id_token(&header, SUPPORTED_ALGORITHMS)?;
        let claims = Object::parse_claims(&payload)?;
        let claims = Claims(&claims);
        // Before the key, so that a token of another issuer causes no fetch.
        if claims.text("iss")? != Some(&*self.issuer) {
            return Err(IdTokenError::Issuer);
        }
        let tried = self.keys.known().clone();
        let keys = || self.keys.id_token_keys(header.key_id, header.algorithm);
        let found = match keys().await {
            Ok(found) => found,
            // A retry can only help if the claims are valid.
            Err(AuthError::KeyNotYetKnown) if check(&claims, &self.client_id, nonce, now(), self.leeway).is_err() => {
                return Err(IdTokenError::UnknownKey);
            }
            Err(error) => return Err(error.into()),
        };
        let signature = decode(signature).map_err(|_| IdTokenError::Signature)?;
        let is_verified = |keys: &[Arc<SigningKey>]| keys.iter().any(|key| key.verifies(message, &signature));
        if !is_verified(&found) {
            // The provider may have replaced the key with this id.
            self.keys.request_refresh();
            if header.key_id.is_some() {
                return Err(IdTokenError::Signature);
            }
            // A newer key set may contain the key.
            self.keys.await_newer(tried.as_ref()).await.map_err(|_| IdTokenError::Signature)?;
            if !is_verified(&keys().await?) {
                return Err(IdTokenError::Signature);
            }
        }
        check(&claims, &self.client_id, nonce, now(), self.leeway)
    }
}

/// The values of the claim `typ` in other tokens of Keycloak, and the type of RFC 9068.
const OTHER_TYPES: [&str; 5] = ["Bearer", "Refresh", "Offline", "Logout", "at+jwt"];

/// Checks the verified `claims` of a token for the client `client_id` at `now` (seconds since 1970), with a `leeway` in
/// seconds.
fn check(claims: &Claims<'_>, client_id: &str, nonce: Option<&str>, now: f64, leeway: f64) -> Result<(), IdTokenError> {
    let typ = claims.0.get("typ").and_then(Value::as_text);
    // Logout and security event tokens have `events` (RFC 8417 §2.2).
    if typ.is_some_and(|typ| OTHER_TYPES.contains(&typ)) || claims.0.get("events").is_some() {
        return Err(IdTokenError::Type);
    }
    if claims.text("sub")?.is_none_or(|subject| subject.trim().is_empty()) {
        return Err(IdTokenError::Claim("sub"));
    }
    if !is_for(claims, client_id)? {
        return Err(IdTokenError::Audience);
    }
    claims.time("iat")?.ok_or(IdTokenError::Claim("iat"))?;
    if claims.time("exp")?.ok_or(IdTokenError::Claim("exp"))? + leeway <= now {
        return Err(IdTokenError::Expired);
    }
    match nonce {
        Some(nonce) if claims.text("nonce")?.ok_or(IdTokenError::Claim("nonce"))? != nonce => Err(IdTokenError::Nonce),
        _ => Ok(()),
    }
}

/// Returns whether `aud` contains the client. With several audiences `azp` is required, and it must be the client if it
/// is present.
fn is_for(claims: &Claims<'_>, client_id: &str) -> Result<bool, IdTokenError> {
    let number = match claims.0.get("aud") {
        Some(Value::List(list)) if list.iter().all(|value| value.as_text().is_some()) => list.len(),
        Some(Value::Text(_)) => 1,
        _ => return Err(IdTokenError::Claim("aud")),
    };
    let is_meant = claims.audiences().any(|audience| audience == client_id);
    let is_party = claims.text("azp")?.map_or(number == 1, |party| party == client_id);
    Ok(is_meant && is_party)
}

#[cfg(test)]
mod tests;
