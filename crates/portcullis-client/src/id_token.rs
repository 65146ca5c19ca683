//! The checks of an ID token that the client owes (OpenID Connect Core §3.1.3.7). Pure.
//!
//! The signature is not among them: our server checks it, in the request that asks it who the caller is (`identity`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

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
    /// A claim is missing or of a wrong type; it is named, in the words of our server.
    #[error("the ID token has no valid claim {0}")]
    Claim(&'static str),
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

/// The claims of a token, each of them judged for itself.
#[derive(Deserialize)]
#[serde(transparent)]
struct Claims(Map<String, Value>);

impl Claims {
    /// A claim that is text, and not blank; none where it is missing or `null`.
    fn text(&self, name: &'static str) -> Result<Option<&str>, IdTokenFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(IdTokenFault::Claim(name)),
        }
    }

    /// A claim that must be there, and be text.
    fn required(&self, name: &'static str) -> Result<&str, IdTokenFault> {
        self.text(name)?.ok_or(IdTokenFault::Claim(name))
    }

    /// A time that must be there: NumericDate may have a fraction (RFC 7519 §2).
    fn time(&self, name: &'static str) -> Result<f64, IdTokenFault> {
        self.0.get(name).and_then(Value::as_f64).ok_or(IdTokenFault::Claim(name))
    }

    /// Whether the token is meant for `client_id`. With several audiences the authorized party must be given and be us.
    fn is_for(&self, client_id: &str) -> Result<bool, IdTokenFault> {
        let wrong = IdTokenFault::Claim("aud");
        let audiences: Vec<&str> = match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().map(|one| one.as_str().ok_or(wrong)).collect::<Result<_, _>>()?,
            _ => return Err(wrong),
        };
        let party = self.text("azp")?;
        Ok(audiences.contains(&client_id) && party.map_or(audiences.len() == 1, |party| party == client_id))
    }
}

/// Checks `token` and gives its subject.
///
/// # Errors
/// The first check that failed.
pub fn check(token: &str, expected: &Expected<'_>) -> Result<String, IdTokenFault> {
    let claims: Claims = claims(token)?;
    if claims.required("iss")? != expected.issuer {
        return Err(IdTokenFault::Issuer);
    }
    let subject = claims.required("sub")?;
    if !claims.is_for(expected.client_id)? {
        return Err(IdTokenFault::Audience);
    }
    let now = expected.now as f64;
    let issued = claims.time("iat")?;
    if claims.time("exp")? + LEEWAY <= now {
        return Err(IdTokenFault::Expired);
    }
    // Asked at the sign-in alone: a renewal that was refused for it would have used up its refresh token.
    if matches!(expected.answers, Answers::Nonce(_)) && issued > now + LEEWAY {
        return Err(IdTokenFault::IssuedLater);
    }
    match expected.answers {
        Answers::Nonce(nonce) if claims.required("nonce")? != nonce => return Err(IdTokenFault::Nonce),
        Answers::Nonce(_) => {}
        Answers::Refresh { subject: before, nonce } => {
            if subject != before {
                return Err(IdTokenFault::Subject);
            }
            let repeated = claims.text("nonce")?;
            if repeated.is_some() && repeated != nonce {
                return Err(IdTokenFault::Nonce);
            }
        }
    }
    Ok(subject.to_owned())
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
    use serde_json::json;

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
        assert_eq!(verdict(json!({"nonce": null})), Err(IdTokenFault::Claim("nonce")));
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
    fn id_token_without_a_claim_names_it() {
        for claim in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
            for wrong in [json!(null), json!({}), json!(true)] {
                assert_eq!(verdict(json!({claim: wrong})), Err(IdTokenFault::Claim(claim)), "{claim}: {wrong}");
            }
        }
        for (claim, wrong) in
            [("sub", json!(" ")), ("aud", json!(["web", 1])), ("exp", json!("1000600")), ("azp", json!(1))]
        {
            assert_eq!(verdict(json!({claim: wrong})), Err(IdTokenFault::Claim(claim)), "{claim}: {wrong}");
        }
    }

    #[test]
    fn what_is_no_jwt_is_malformed() {
        for token in ["", "a.b", "a.b.c.d", "e30.!.c2ln", "e30.W10.c2ln"] {
            assert_eq!(check(token, &EXPECTED), Err(IdTokenFault::Malformed), "{token:?}");
        }
    }
}
