//! The verifier: a token in its compact form in, the caller out.
//!
//! Nothing of a payload is trusted before its signature is verified. Only `iss` is read earlier, to choose the keys.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::Algorithm;
use portcullis::Caller;

use super::AuthError;
use super::claims::{Claims, Rules};
use super::header::Header;
use super::json::{Object, Value};
use super::jwks::{KeyCache, KeySet, SigningKey};
use super::jws::{CompactJws, MAX_TOKEN_BYTES, decode};
use super::token_cache::{CachedToken, TokenCache, digest_of};
use super::unverified::{MAX_EAGER_PAYLOAD_BYTES, UnverifiedClaims};

/// A trusted issuer: the rules for its tokens, and its keys. Tokens of other issuers are never tried against them.
pub struct TrustedKeys {
    /// The rules for the claims of its tokens.
    pub rules: Rules,
    /// The keys that sign its tokens.
    pub keys: Arc<KeyCache>,
}

/// Verifies access tokens.
pub struct Verifier {
    issuers: Vec<TrustedKeys>,
    /// All trusted issuers, for error messages.
    expected: Arc<str>,
    algorithms: Vec<Algorithm>,
    cache: TokenCache,
}

impl Verifier {
    /// Creates a verifier that accepts tokens of `issuers` that are signed with one of `algorithms`.
    #[must_use]
    pub fn new(issuers: Vec<TrustedKeys>, algorithms: Vec<Algorithm>) -> Self {
        let names: Vec<&str> = issuers.iter().map(|trusted| &*trusted.rules.issuer).collect();
        let expected = names.join(" or ").into();
        Self { issuers, expected, algorithms, cache: TokenCache::default() }
    }

    /// Returns the caller of `token`, from the cache or after a complete check.
    ///
    /// # Errors
    /// [`AuthError::TooLong`], or the error of the first check that fails: [`CompactJws::parse`], [`Header::read`],
    /// the issuer, the key, the signature, [`Claims::check`].
    pub async fn verify(&self, token: &str) -> Result<Arc<Caller>, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::TooLong);
        }
        let now = now();
        let digest = digest_of(token);
        let is_current = |issuer: usize, key: &Arc<SigningKey>| self.issuers[issuer].keys.contains(key);
        if let Some(caller) = self.cache.get(&digest, now, is_current) {
            return Ok(caller);
        }
        let CheckedToken { caller, issuer, key, expires } = self.check_with_refresh(token, now).await?;
        let caller = Arc::new(caller);
        // A token that is valid only because of the leeway is checked each time.
        if now < expires {
            self.cache.insert(CachedToken { digest, expires, issuer, key, caller: caller.clone() });
        }
        Ok(caller)
    }

    /// Checks `token`. If its key is unknown, waits for newer keys and checks it again.
    async fn check_with_refresh(&self, token: &str, now: f64) -> Result<CheckedToken, AuthError> {
        // Parsed data are dropped before the wait: many requests may wait, and none has proved anything yet.
        match self.check(token, now) {
            Ok(checked) => return Ok(checked),
            Err(CheckError::Rejected(error)) => return Err(error),
            Err(CheckError::KeyNotFound { issuer, id, algorithm }) => {
                let id = id.as_deref();
                let is_known = |keys: &KeySet| {
                    keys.matching(id, algorithm).next().is_some() || id.is_some_and(|id| keys.has_id(id))
                };
                match self.issuers[issuer].keys.await_key(is_known).await {
                    Ok(()) => {}
                    // A retry can only help if the claims are valid.
                    Err(AuthError::KeyNotYetKnown) if !self.has_valid_claims(token, issuer) => {
                        return Err(AuthError::UnknownKey);
                    }
                    Err(error) => return Err(error),
                }
            }
            Err(CheckError::NoKeyVerifies { issuer, tried }) => {
                // A newer key set may contain the key.
                self.issuers[issuer].keys.await_newer(Some(&tried)).await.map_err(|_| AuthError::Signature)?;
            }
        }
        self.check(token, self::now()).map_err(|error| match error {
            CheckError::Rejected(error) => error,
            CheckError::KeyNotFound { .. } => AuthError::UnknownKey,
            CheckError::NoKeyVerifies { .. } => AuthError::Signature,
        })
    }

    /// Returns whether `token` passes every check except that of the signature. This only decides whether a caller
    /// whose key is not known yet is told to try again.
    fn has_valid_claims(&self, token: &str, issuer: usize) -> bool {
        let check = || -> Result<f64, AuthError> {
            let CompactJws { header, payload, .. } = CompactJws::parse(token)?;
            let (header, payload) = (decode(header)?, decode(payload)?);
            let header = Object::parse_header(&header)?;
            let header = Header::read(&header, &self.algorithms)?;
            let claims = Object::parse_claims(&payload)?;
            Claims(&claims).check(&self.issuers[issuer].rules, now(), header.is_access_token)
        };
        check().is_ok()
    }

    /// Checks `token` completely with the keys that are known.
    fn check(&self, token: &str, now: f64) -> Result<CheckedToken, CheckError> {
        let CompactJws { message, header, payload, signature } = CompactJws::parse(token)?;
        let header = decode(header)?;
        let header = Object::parse_header(&header)?;
        let header = Header::read(&header, &self.algorithms)?;
        let payload = decode(payload)?;
        // A payload of the usual size is parsed once. Of a longer one, which anyone can send, only the issuer is read
        // before the signature is verified.
        let (claims, issuer) = if payload.len() <= MAX_EAGER_PAYLOAD_BYTES {
            let claims = Object::parse_claims(&payload)?;
            let issuer = self.issuer_index(claims.get("iss"));
            (Some(claims), issuer?)
        } else {
            (None, self.issuer_index(UnverifiedClaims::read(&payload)?.iss.as_ref())?)
        };
        let TrustedKeys { rules, keys } = &self.issuers[issuer];
        let known = keys.known();
        let set = known.as_ref();
        let mut matching = set.into_iter().flat_map(|set| set.matching(header.key_id, header.algorithm)).peekable();
        if matching.peek().is_none() {
            let id = header.key_id.map(str::to_owned);
            if id.as_deref().zip(set).is_some_and(|(id, set)| set.has_id(id)) {
                // The provider may have replaced the key with this id.
                keys.request_refresh();
                return Err(AuthError::Algorithm.into());
            }
            return Err(CheckError::KeyNotFound { issuer, id, algorithm: header.algorithm });
        }
        let signature = decode(signature).map_err(|_| AuthError::Signature)?;
        let Some(key) = matching.find(|key| key.verifies(message, &signature)).cloned() else {
            // The provider may have replaced the key with this id.
            keys.request_refresh();
            return Err(match (header.key_id, set) {
                (None, Some(tried)) => CheckError::NoKeyVerifies { issuer, tried: tried.clone() },
                _ => AuthError::Signature.into(),
            });
        };
        let claims = match claims {
            Some(claims) => claims,
            None => Object::parse_claims(&payload)?,
        };
        let claims = Claims(&claims);
        let expires = claims.check(rules, now, header.is_access_token)?;
        let caller = Caller {
            issuer: rules.issuer.clone(),
            subject: claims.subject().map(str::to_owned),
            scopes: rules.scopes(claims.0).into_iter().collect(),
        };
        Ok(CheckedToken { caller, issuer, key, expires })
    }

    /// Returns the index of the issuer `iss`, compared byte by byte.
    fn issuer_index(&self, iss: Option<&Value<'_>>) -> Result<usize, AuthError> {
        let iss = iss.and_then(Value::as_text);
        let index = self.issuers.iter().position(|trusted| Some(&*trusted.rules.issuer) == iss);
        index.ok_or_else(|| AuthError::Issuer(self.expected.clone()))
    }
}

/// A token that passed every check.
struct CheckedToken {
    caller: Caller,
    /// The index of its issuer in the verifier's list.
    issuer: usize,
    key: Arc<SigningKey>,
    /// Its `exp`, in seconds since 1970.
    expires: f64,
}

/// Why the known keys do not verify a token.
enum CheckError {
    /// The token is invalid. Newer keys would not change that.
    Rejected(AuthError),
    /// The known keys of the issuer do not include this one.
    KeyNotFound { issuer: usize, id: Option<String>, algorithm: Algorithm },
    /// The token names no key, and none of the keys `tried` verifies it.
    NoKeyVerifies { issuer: usize, tried: Arc<KeySet> },
}

impl From<AuthError> for CheckError {
    fn from(error: AuthError) -> Self {
        Self::Rejected(error)
    }
}

/// Returns the seconds since 1970. A clock before 1970 counts as infinitely late, so that every token is expired.
#[must_use]
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(f64::INFINITY, |since| since.as_secs_f64())
}
