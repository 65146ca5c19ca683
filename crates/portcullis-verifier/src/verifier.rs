//! The verifier: a compact JWS (RFC 7515 §7.1) in, what it proves out. The order of the checks is the order of
//! trust: before the signature holds, nothing of the payload is believed, and only its `iss` is read, to know whose
//! keys to try.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use portcullis::Caller;
use serde::Deserialize;

use super::AuthError;
use super::claims::{Claims, Rules};
use super::header::Header;
use super::json::{Object, Value};
use super::jwks::{KeyCache, KeySet, SigningKey};
use super::memory::{Known, Memory, digest_of};

/// The longest token that is looked at, in bytes: more than any provider issues, less than is worth parsing.
pub const LONGEST_TOKEN: usize = 16 * 1024;
/// The longest header of a token, in base64url characters.
pub const LONGEST_HEADER: usize = 4 * 1024;

/// How long a payload may be to be read as a whole before the signature holds, in bytes.
pub const USUAL_PAYLOAD: usize = 2 * 1024;

/// What a token proves once it is verified. The identity is issuer and subject together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The `iss`.
    pub issuer: Arc<str>,
    /// The `sub`, where there is one.
    pub subject: Option<String>,
    /// The scopes granted, of those that [`Rules::known_scopes`] names.
    pub scopes: Vec<String>,
}

impl From<Verified> for Caller {
    fn from(verified: Verified) -> Self {
        Self { issuer: verified.issuer, subject: verified.subject, scopes: verified.scopes.into_iter().collect() }
    }
}

impl Verified {
    /// How many bytes of memory its texts take, but for the issuer's, which all share.
    fn text_bytes(&self) -> usize {
        let scopes = self.scopes.iter().map(|scope| size_of::<String>() + scope.len());
        self.subject.as_ref().map_or(0, String::len) + scopes.sum::<usize>()
    }
}

/// What is read of a payload before its signature holds. All the rest is passed over and nothing of it is kept, so that
/// what a stranger sends costs less than a signature check.
#[derive(Deserialize)]
pub struct Unproven<'a> {
    /// Whose keys are to be tried. It is no claim yet: [`Claims::check`] judges the one that was signed.
    #[serde(borrow)]
    pub iss: Option<Value<'a>>,
}

impl<'a> Unproven<'a> {
    /// Reads the payload of a token that may be anybody's.
    ///
    /// # Errors
    /// When it is no JSON object, or names `iss` twice.
    pub fn read(payload: &'a [u8]) -> Result<Self, AuthError> {
        serde_json::from_slice(payload).map_err(|error| {
            // It reads one member alone, so this is serde's word for a second `iss`.
            let is_duplicate = error.is_data() && error.to_string().starts_with("duplicate field");
            if is_duplicate { AuthError::Duplicate("claim") } else { AuthError::Malformed }
        })
    }
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
            return Err(AuthError::TooLong);
        }
        let now = now();
        let digest = digest_of(token);
        let is_current = |issuer: usize, key: &Arc<SigningKey>| self.issuers[issuer].keys.has(key);
        if let Some(proves) = self.memory.recall(&digest, now, is_current) {
            return Ok(proves);
        }
        let Checked { verified, issuer, key, expires } = self.check(token, now).await?;
        let text_bytes = verified.text_bytes();
        let proves = Arc::new(C::from(verified));
        // What has expired and lives by the leeway alone is checked each time.
        if now < expires {
            self.memory.remember(Known { digest, expires, issuer, key, proves: proves.clone(), text_bytes });
        }
        Ok(proves)
    }

    /// Checks `token`, and asks its issuer for its key where that is not known.
    async fn check(&self, token: &str, now: f64) -> Result<Checked, AuthError> {
        // Nothing that was parsed is held while a fetch is waited for: many may wait, and none has proved anything.
        match self.examine(token, now) {
            Ok(checked) => return Ok(checked),
            Err(Stopped::Refused(error)) => return Err(error),
            Err(Stopped::NoSuchKey { issuer, id, algorithm }) => {
                let id = id.as_deref();
                let is_known = |keys: &KeySet| {
                    keys.fitting(id, algorithm).next().is_some() || id.is_some_and(|id| keys.has_id(id))
                };
                match self.issuers[issuer].keys.await_key(is_known).await {
                    Ok(()) => {}
                    // Only a token that its issuer may have signed for us just now is worth asking again.
                    Err(AuthError::KeyNotYetKnown) if !self.is_plausible(token, issuer) => {
                        return Err(AuthError::UnknownKey);
                    }
                    Err(error) => return Err(error),
                }
            }
            Err(Stopped::NoKeyFits { issuer, tried }) => {
                // A newer set may hold the key, if it can be had at once.
                self.issuers[issuer].keys.await_newer(Some(&tried)).await.map_err(|_| AuthError::Signature)?;
            }
        }
        self.examine(token, self::now()).map_err(|stopped| match stopped {
            Stopped::Refused(error) => error,
            Stopped::NoSuchKey { .. } => AuthError::UnknownKey,
            Stopped::NoKeyFits { .. } => AuthError::Signature,
        })
    }

    /// Whether the claims of `token`, which nobody has verified, are those of a token that is good now. This decides
    /// nothing but whether a caller whose key is not known yet is told to come again.
    fn is_plausible(&self, token: &str, issuer: usize) -> bool {
        let claims_are_good = || -> Result<f64, AuthError> {
            let Parts { header, payload, .. } = Parts::of(token)?;
            let (header, payload) = (decode(header)?, decode(payload)?);
            let header = Object::read(&header).ok_or(AuthError::Malformed)?;
            let header = Header::read(&header, &self.algorithms)?;
            let claims = Object::read(&payload).ok_or(AuthError::Malformed)?;
            Claims(&claims).check(&self.issuers[issuer].rules, now(), header.says_access_token)
        };
        claims_are_good().is_ok()
    }

    /// Checks `token` from its first byte to its last claim, by the keys that are known.
    fn examine(&self, token: &str, now: f64) -> Result<Checked, Stopped> {
        let Parts { message, header, payload, signature } = Parts::of(token)?;
        let header = decode(header)?;
        let header = Object::parse(&header).map_err(|error| error.in_token("header member"))?;
        let header = Header::read(&header, &self.algorithms)?;
        let payload = decode(payload)?;
        // A payload of the usual size is read once. Of a longer one, which may be a stranger's, only the issuer is read
        // before the signature holds.
        let (claims, issuer) = if payload.len() <= USUAL_PAYLOAD {
            let claims = Object::parse(&payload).map_err(|error| error.in_token("claim"))?;
            let issuer = self.place_of(claims.get("iss"));
            (Some(claims), issuer?)
        } else {
            (None, self.place_of(Unproven::read(&payload)?.iss.as_ref())?)
        };
        let TrustedKeys { rules, keys } = &self.issuers[issuer];
        let known = keys.known();
        let set = known.as_ref();
        let mut fitting = set.into_iter().flat_map(|set| set.fitting(header.key_id, header.algorithm)).peekable();
        if fitting.peek().is_none() {
            let id = header.key_id.map(str::to_owned);
            if id.as_deref().zip(set).is_some_and(|(id, set)| set.has_id(id)) {
                // The provider may have another key by this id now.
                keys.request_refresh();
                return Err(AuthError::Algorithm.into());
            }
            return Err(Stopped::NoSuchKey { issuer, id, algorithm: header.algorithm });
        }
        // A signature in a form that is not its own is as wrong as one that does not fit.
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| AuthError::Signature)?;
        let Some(key) = fitting.find(|key| key.verifies(message, &signature)).cloned() else {
            // The provider may have another key by this id now.
            keys.request_refresh();
            return Err(match (header.key_id, set) {
                (None, Some(tried)) => Stopped::NoKeyFits { issuer, tried: tried.clone() },
                _ => AuthError::Signature.into(),
            });
        };
        let claims = match claims {
            Some(claims) => claims,
            None => Object::parse(&payload).map_err(|error| error.in_token("claim"))?,
        };
        let claims = Claims(&claims);
        let expires = claims.check(rules, now, header.says_access_token)?;
        let verified = Verified {
            issuer: rules.issuer.clone(),
            subject: claims.subject().map(str::to_owned),
            scopes: rules.scopes(claims.0).into_iter().map(str::to_owned).collect(),
        };
        Ok(Checked { verified, issuer, key, expires })
    }
}

impl<C> Verifier<C> {
    /// The place of the issuer that `named` names, to the byte.
    fn place_of(&self, named: Option<&Value<'_>>) -> Result<usize, AuthError> {
        let named = named.and_then(Value::as_text);
        let place = self.issuers.iter().position(|one| Some(&*one.rules.issuer) == named);
        place.ok_or_else(|| AuthError::Issuer(self.expected.clone()))
    }
}

/// A token that was checked.
struct Checked {
    verified: Verified,
    /// The place of its issuer in the verifier's list.
    issuer: usize,
    key: Arc<SigningKey>,
    /// Its `exp`.
    expires: f64,
}

/// Why a check did not come to its end.
enum Stopped {
    /// The token is refused.
    Refused(AuthError),
    /// Its issuer has no such key, as far as is known.
    NoSuchKey { issuer: usize, id: Option<String>, algorithm: Algorithm },
    /// It names no key, and none of those in `tried` has signed it.
    NoKeyFits { issuer: usize, tried: Arc<KeySet> },
}

impl From<AuthError> for Stopped {
    fn from(error: AuthError) -> Self {
        Self::Refused(error)
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
        if payload.contains('.') {
            // A JWE has five parts (RFC 7516 §7.1).
            let is_encrypted = payload.matches('.').count() == 2;
            return Err(if is_encrypted { AuthError::Encrypted } else { AuthError::Malformed });
        }
        if header.len() > LONGEST_HEADER {
            return Err(AuthError::HeaderTooLong);
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

/// Seconds since 1970; for a clock that stands before that, the end of time: by such a clock nothing is valid.
#[must_use]
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(f64::INFINITY, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verified_counts_subject_and_scopes() {
        let verified = |subject: usize, scopes: usize| Verified {
            issuer: "https://i.example/".into(),
            subject: Some("s".repeat(subject)),
            scopes: vec!["read:items".to_owned(); scopes],
        };
        assert!(verified(15_000, 0).text_bytes() >= 15_000);
        assert!(verified(0, 100).text_bytes() >= 100 * (size_of::<String>() + 10));
        assert!(verified(36, 10).text_bytes() < crate::memory::MAX_TEXT_BYTES);
    }
}
