//! The verifier: a compact JWS (RFC 7515 §7.1) in, what it proves out. The order of the checks is the order of
//! trust: nothing of the payload is read before the signature holds.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::AuthError;
use super::claims::{Claims, Rules};
use super::jwks::KeyCache;

/// The longest token that is looked at, in bytes: more than any provider issues, less than is worth parsing.
const LONGEST: usize = 16 * 1024;

/// What a token proves once it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The `iss`.
    pub issuer: Arc<str>,
    /// The `sub`, where there is one.
    pub subject: Option<String>,
    /// The scopes granted.
    pub scopes: Vec<String>,
}

/// Verifies the access tokens of one issuer.
pub struct Verifier {
    rules: Rules,
    algorithms: Vec<Algorithm>,
    keys: Arc<KeyCache>,
}

/// The header members that are read. `jku`, `jwk`, `x5u` and `x5c` are not: keys come from the provider alone
/// (RFC 8725 §3.10).
#[derive(Deserialize)]
struct Header {
    // A name that the library does not know, such as `none`, is an algorithm that is not allowed.
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

impl Header {
    fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, AuthError> {
        let algorithm = self.alg.parse().map_err(|_| AuthError::Algorithm)?;
        if allowed.contains(&algorithm) { Ok(algorithm) } else { Err(AuthError::Algorithm) }
    }

    /// Whether the header says that this is an access token (RFC 9068 §4). A missing `typ` and `JWT` say
    /// nothing; any other is the type of something else (RFC 8725 §3.11).
    fn says_access_token(&self) -> Result<bool, AuthError> {
        let Some(typ) = &self.typ else { return Ok(false) };
        let is = |name: &str| typ.eq_ignore_ascii_case(name);
        match () {
            () if is("at+jwt") || is("application/at+jwt") => Ok(true),
            () if is("JWT") => Ok(false),
            () => Err(AuthError::Type),
        }
    }
}

impl Verifier {
    /// A verifier of tokens that keep `rules`, are signed with one of `algorithms` and by one of `keys`.
    #[must_use]
    pub fn new(rules: Rules, algorithms: Vec<Algorithm>, keys: Arc<KeyCache>) -> Self {
        Self { rules, algorithms, keys }
    }

    /// Verifies `token`.
    ///
    /// # Errors
    /// The first check that failed.
    pub async fn verify(&self, token: &str) -> Result<Verified, AuthError> {
        if token.len() > LONGEST {
            return Err(AuthError::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(AuthError::Malformed)?;
        if payload.contains('.') {
            return Err(AuthError::Malformed);
        }
        let header: Header = json(header)?;
        let algorithm = header.algorithm(&self.algorithms)?;
        if header.crit.is_some() {
            return Err(AuthError::Critical);
        }
        let says_access_token = header.says_access_token()?;
        let key = self.keys.key(header.kid.as_deref(), algorithm).await?;
        if !key.verifies(message, signature) {
            return Err(AuthError::Signature);
        }
        let claims: Claims = json(payload)?;
        claims.check(&self.rules, now(), says_access_token)?;
        Ok(Verified {
            issuer: self.rules.issuer.clone(),
            subject: claims.subject().map(str::to_owned),
            scopes: claims.scopes().map(str::to_owned).collect(),
        })
    }
}

/// Decodes a part of a token: base64url without padding (RFC 7515 §2), then a JSON object (RFC 7519 §7.2).
fn json<T: DeserializeOwned>(part: &str) -> Result<T, AuthError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Malformed)?;
    // Structs can be read from lists too, by the order of their fields.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(AuthError::Malformed);
    }
    serde_json::from_slice(&bytes).map_err(|_| AuthError::Malformed)
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
