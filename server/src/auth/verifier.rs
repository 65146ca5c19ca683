//! The verifier: a compact JWS (RFC 7515 §7.1) in, what it proves out. The order of the checks is the order of
//! trust: before the signature holds, nothing of the payload is believed, and only its `iss` is read, to know whose
//! keys to try.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;

use super::AuthError;
use super::claims::{Claims, Rules};
use super::header::Header;
use super::json::{Object, Value};
use super::jwks::{KeyCache, SigningKey};
use super::memory::{Known, Memory, digest_of};

/// The longest token that is looked at, in bytes: more than any provider issues, less than is worth parsing.
pub const LONGEST_TOKEN: usize = 16 * 1024;
/// The longest header of a token, in base64url characters.
pub const LONGEST_HEADER: usize = 4 * 1024;

/// What a token proves once it is verified. The identity is issuer and subject together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The `iss`.
    pub issuer: Arc<str>,
    /// The `sub`, where there is one.
    pub subject: Option<String>,
    /// The scopes granted.
    pub scopes: Vec<String>,
}

/// An issuer whose tokens are taken, with its keys. Tokens of others are never tried against them.
pub struct TrustedKeys {
    /// What its tokens must say.
    pub rules: Rules,
    /// What they must be signed with.
    pub keys: Arc<KeyCache>,
}

/// Verifies access tokens, and makes of what they prove the `C` that the caller is known by.
pub struct Verifier<C> {
    issuers: Vec<TrustedKeys>,
    /// What is said to have been expected of a token of nobody that is trusted.
    expected: Arc<str>,
    algorithms: Vec<Algorithm>,
    memory: Memory<C>,
}

impl<C: From<Verified>> Verifier<C> {
    /// A verifier of tokens of `issuers` that are signed with one of `algorithms`.
    #[must_use]
    pub fn new(issuers: Vec<TrustedKeys>, algorithms: Vec<Algorithm>) -> Self {
        let names: Vec<&str> = issuers.iter().map(|one| &*one.rules.issuer).collect();
        let expected = names.join(" or ").into();
        Self { issuers, expected, algorithms, memory: Memory::default() }
    }

    /// Verifies `token`, or remembers that it did.
    ///
    /// # Errors
    /// The first check that failed.
    pub async fn verify(&self, token: &str) -> Result<Arc<C>, AuthError> {
        if token.len() > LONGEST_TOKEN {
            return Err(AuthError::Malformed);
        }
        let digest = digest_of(token);
        let is_current = |issuer: usize, key: &Arc<SigningKey>| self.issuers[issuer].keys.has(key);
        if let Some(proves) = self.memory.recall(&digest, now(), is_current) {
            return Ok(proves);
        }
        let (verified, issuer, key, expires) = self.check(token).await?;
        let proves = Arc::new(C::from(verified));
        self.memory.remember(Known { digest, expires, issuer, key, proves: proves.clone() });
        Ok(proves)
    }

    /// Checks `token` from its first byte to its last claim; tells also by which issuer's key, and until when.
    async fn check(&self, token: &str) -> Result<(Verified, usize, Arc<SigningKey>, f64), AuthError> {
        let Parts { message, header, payload, signature } = Parts::of(token)?;
        let header = decode(header)?;
        let header = Object::read(&header).ok_or(AuthError::Malformed)?;
        let header = Header::read(&header, &self.algorithms)?;
        let payload = decode(payload)?;
        let payload = Object::read(&payload).ok_or(AuthError::Malformed)?;
        let issuer = payload.get("iss").and_then(Value::as_text);
        let place = self.issuers.iter().position(|one| Some(&*one.rules.issuer) == issuer);
        let place = place.ok_or_else(|| AuthError::Issuer(self.expected.clone()))?;
        let TrustedKeys { rules, keys } = &self.issuers[place];
        let key = keys.key(header.key_id, header.algorithm).await?;
        // A signature in a form that is not its own is as wrong as one that does not fit.
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| AuthError::Signature)?;
        if !key.verifies(message, &signature) {
            return Err(AuthError::Signature);
        }
        let claims = Claims(&payload);
        let expires = claims.check(rules, now(), header.says_access_token)?;
        let verified = Verified {
            issuer: rules.issuer.clone(),
            subject: claims.subject().map(str::to_owned),
            scopes: claims.scopes().map(str::to_owned).collect(),
        };
        Ok((verified, place, key, expires))
    }
}

/// The parts of a token in its compact form, as they stand there.
pub struct Parts<'a> {
    /// What is signed: header and payload with the dot between them.
    pub message: &'a str,
    /// The header.
    pub header: &'a str,
    /// The payload.
    pub payload: &'a str,
    /// The signature.
    pub signature: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes `token` apart.
    ///
    /// # Errors
    /// When it has not three parts, or a header that is too long.
    pub fn of(token: &'a str) -> Result<Self, AuthError> {
        let (message, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(AuthError::Malformed)?;
        if payload.contains('.') || header.len() > LONGEST_HEADER {
            return Err(AuthError::Malformed);
        }
        Ok(Self { message, header, payload, signature })
    }
}

/// Decodes a part of a token: base64url without padding, whitespace or bits that do not count (RFC 7515 §2).
///
/// # Errors
/// When it is none.
pub fn decode(part: &str) -> Result<Vec<u8>, AuthError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Malformed)
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
