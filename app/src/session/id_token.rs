//! The checks of an ID token that the client owes (OpenID Connect Core §3.1.3.7). Pure.
//!
//! The signature is not among them: our server checks it, in the request that asks it who the caller is (`identity`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How far the clocks of the provider and of this device may be apart, in seconds.
const LEEWAY: f64 = 300.0;

/// What an ID token must say to be the answer to our sign-in.
pub struct Expected<'a> {
    /// The provider's issuer identifier.
    pub issuer: &'a str,
    /// Our client id.
    pub client_id: &'a str,
    /// Seconds since 1970, by our server's clock.
    pub now: u64,
    /// What else it must agree with.
    pub answers: Answers<'a>,
}

/// What an ID token answers.
pub enum Answers<'a> {
    /// A sign-in that was begun with this nonce.
    Nonce(&'a str),
    /// The refresh of a session that began with an ID token of this subject and nonce (OpenID Connect Core §12.2). Not
    /// the last ID token counts but that of the sign-in: a provider may repeat the nonce in every other one only.
    Refresh {
        /// The `sub` of the sign-in's ID token.
        subject: &'a str,
        /// The `nonce` that the sign-in was sent with.
        nonce: Option<&'a str>,
    },
}

/// Why an ID token is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdTokenFault {
    /// Not three parts of base64url with a JSON object in the second.
    #[error("the ID token is malformed")]
    Malformed,
    /// `iss` is not the provider.
    #[error("the ID token comes from another issuer")]
    Issuer,
    /// `aud` is not this client, or `azp` is another.
    #[error("the ID token is meant for another client")]
    Audience,
    /// `exp` has passed.
    #[error("the ID token has expired")]
    Expired,
    /// `iat` lies in the future.
    #[error("the ID token comes from the future")]
    IssuedLater,
    /// `nonce` is not the one that was sent.
    #[error("the ID token answers another sign-in")]
    Nonce,
    /// `sub` is another than before the renewal.
    #[error("the ID token names another person")]
    Subject,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    // NumericDate may have a fraction (RFC 7519 §2).
    exp: f64,
    iat: f64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn is_ours(&self, client_id: &str, authorized_party: Option<&str>) -> bool {
        let meant = match self {
            Self::One(audience) => audience == client_id,
            // With several audiences the authorized party must be given and be us.
            Self::Many(all) => {
                all.iter().any(|audience| audience == client_id) && (all.len() == 1 || authorized_party.is_some())
            }
        };
        meant && authorized_party.is_none_or(|party| party == client_id)
    }
}

/// Checks `token` and gives its subject.
///
/// # Errors
/// The first check that failed.
pub fn check(token: &str, expected: &Expected<'_>) -> Result<String, IdTokenFault> {
    let claims: Claims = claims(token)?;
    if claims.iss != expected.issuer {
        return Err(IdTokenFault::Issuer);
    }
    if !claims.aud.is_ours(expected.client_id, claims.azp.as_deref()) {
        return Err(IdTokenFault::Audience);
    }
    let now = expected.now as f64;
    if claims.exp + LEEWAY <= now {
        return Err(IdTokenFault::Expired);
    }
    // Asked at the sign-in alone: a renewal that was refused for it would have used up its refresh token.
    if matches!(expected.answers, Answers::Nonce(_)) && claims.iat > now + LEEWAY {
        return Err(IdTokenFault::IssuedLater);
    }
    match expected.answers {
        Answers::Nonce(nonce) if claims.nonce.as_deref() != Some(nonce) => return Err(IdTokenFault::Nonce),
        Answers::Nonce(_) => {}
        Answers::Refresh { subject, nonce } => {
            if claims.sub != subject {
                return Err(IdTokenFault::Subject);
            }
            if claims.nonce.is_some() && claims.nonce.as_deref() != nonce {
                return Err(IdTokenFault::Nonce);
            }
        }
    }
    Ok(claims.sub)
}

/// Returns the claims of a token that is a JWT, and checks nothing of them.
///
/// # Errors
/// When it is none.
pub fn claims<T: DeserializeOwned>(token: &str) -> Result<T, IdTokenFault> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(IdTokenFault::Malformed);
    };
    let json = URL_SAFE_NO_PAD.decode(payload).map_err(|_| IdTokenFault::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| IdTokenFault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const EXPECTED: Expected<'static> =
        Expected { issuer: "https://issuer.example", client_id: "web", now: 1_000_000, answers: Answers::Nonce("n-1") };

    fn token(change: Value) -> String {
        let mut claims = json!({
            "iss": "https://issuer.example", "sub": "ada", "aud": "web",
            "exp": 1_000_600, "iat": 1_000_000, "nonce": "n-1",
        });
        for (name, value) in change.as_object().expect("an object of changes") {
            claims[name] = value.clone();
        }
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn verdict(change: Value) -> Result<String, IdTokenFault> {
        check(&token(change), &EXPECTED)
    }

    #[test]
    fn a_good_token_gives_its_subject() {
        assert_eq!(verdict(json!({})), Ok("ada".into()));
        assert_eq!(verdict(json!({"aud": ["web"]})), Ok("ada".into()));
        assert_eq!(verdict(json!({"aud": ["web", "api"], "azp": "web"})), Ok("ada".into()));
    }

    #[test]
    fn issuer_audience_and_nonce_must_be_ours() {
        assert_eq!(verdict(json!({"iss": "https://issuer.example/"})), Err(IdTokenFault::Issuer));
        assert_eq!(verdict(json!({"aud": "api"})), Err(IdTokenFault::Audience));
        assert_eq!(verdict(json!({"aud": ["web", "api"]})), Err(IdTokenFault::Audience));
        assert_eq!(verdict(json!({"azp": "other"})), Err(IdTokenFault::Audience));
        assert_eq!(verdict(json!({"nonce": "n-2"})), Err(IdTokenFault::Nonce));
        assert_eq!(verdict(json!({"nonce": null})), Err(IdTokenFault::Nonce));
    }

    #[test]
    fn a_renewal_must_be_of_the_same_person_and_need_not_repeat_the_nonce() {
        let answers = Answers::Refresh { subject: "ada", nonce: Some("n-1") };
        let expected = Expected { answers, ..EXPECTED };
        let renewed = |change| check(&token(change), &expected);
        assert_eq!(renewed(json!({})), Ok("ada".into()));
        assert_eq!(renewed(json!({"nonce": null})), Ok("ada".into()));
        assert_eq!(renewed(json!({"nonce": "n-2"})), Err(IdTokenFault::Nonce));
        assert_eq!(renewed(json!({"sub": "eve"})), Err(IdTokenFault::Subject));
        assert_eq!(renewed(json!({"iss": "https://evil.example"})), Err(IdTokenFault::Issuer));
    }

    #[test]
    fn times_are_checked_with_the_leeway_and_no_more() {
        assert_eq!(verdict(json!({"exp": 1_000_000 - 299})), Ok("ada".into()));
        assert_eq!(verdict(json!({"exp": 1_000_000 - 300})), Err(IdTokenFault::Expired));
        assert_eq!(verdict(json!({"iat": 1_000_000 + 300})), Ok("ada".into()));
        assert_eq!(verdict(json!({"iat": 1_000_000 + 301})), Err(IdTokenFault::IssuedLater));
    }

    #[test]
    fn a_time_may_have_a_fraction() {
        assert_eq!(verdict(json!({"exp": 1_000_600.5, "iat": 999_999.25})), Ok("ada".into()));
    }

    #[test]
    fn every_claim_is_needed() {
        for claim in ["iss", "sub", "aud", "exp", "iat"] {
            assert_eq!(verdict(json!({claim: null})), Err(IdTokenFault::Malformed), "{claim}");
        }
        for token in ["", "a.b", "a.b.c.d", "e30.!.c2ln", "e30.e30.c2ln"] {
            assert_eq!(check(token, &EXPECTED), Err(IdTokenFault::Malformed), "{token:?}");
        }
    }
}
