//! The checks of an ID token that a client must make (OpenID Connect Core §3.1.3.7), without I/O.
//!
//! The signature is not among them: our server verifies it when the client asks it who the caller is (`identity`).

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jwt::jwt_payload;

/// How far the clocks of the provider and of our server may differ, in seconds.
const LEEWAY: f64 = 300.0;

/// What an ID token must match.
pub struct Expected<'a> {
    /// The provider's issuer identifier.
    pub issuer: &'a str,
    /// Our client ID.
    pub client_id: &'a str,
    /// Seconds since 1970, by our server's clock.
    pub now: u64,
    /// The request that the ID token answers.
    pub flow: Flow<'a>,
}

/// The request that an ID token answers.
pub enum Flow<'a> {
    /// A sign-in.
    SignIn {
        /// The `nonce` that the sign-in sent.
        nonce: &'a str,
    },
    /// A refresh (OpenID Connect Core §12.2). Its ID token is compared with that of the sign-in and not with the last
    /// one: a provider may repeat the nonce in some ID tokens only.
    Refresh {
        /// The `sub` of the sign-in's ID token.
        subject: &'a str,
        /// The `nonce` that the sign-in sent.
        nonce: Option<&'a str>,
    },
}

/// Why an ID token is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdTokenError {
    /// It is not three parts of base64url with a JSON object in the second.
    #[error("the ID token is malformed")]
    Malformed,
    /// This claim is missing or has a wrong type.
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
    /// `iat` is in the future.
    #[error("the ID token comes from the future")]
    IssuedInFuture,
    /// `nonce` is not the one that was sent.
    #[error("the ID token answers another sign-in")]
    Nonce,
    /// `sub` is not the one of the sign-in.
    #[error("the ID token names another person")]
    Subject,
}

/// The claims of an ID token. Each is checked when it is read.
#[derive(Deserialize)]
#[serde(transparent)]
struct Claims(Map<String, Value>);

impl Claims {
    /// Returns a claim that is a string and not blank, or `None` if it is missing or `null`.
    fn text(&self, name: &'static str) -> Result<Option<&str>, IdTokenError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(IdTokenError::Claim(name)),
        }
    }

    /// Returns a string claim that must be present.
    fn required(&self, name: &'static str) -> Result<&str, IdTokenError> {
        self.text(name)?.ok_or(IdTokenError::Claim(name))
    }

    /// Returns a time that must be present. NumericDate may have a fraction (RFC 7519 §2).
    fn time(&self, name: &'static str) -> Result<f64, IdTokenError> {
        self.0.get(name).and_then(Value::as_f64).ok_or(IdTokenError::Claim(name))
    }

    /// Returns whether the token is meant for `client_id`. With several audiences, the authorized party must be
    /// present.
    fn is_for(&self, client_id: &str) -> Result<bool, IdTokenError> {
        let wrong = IdTokenError::Claim("aud");
        let audiences: Vec<&str> = match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().map(|one| one.as_str().ok_or(wrong)).collect::<Result<_, _>>()?,
            _ => return Err(wrong),
        };
        let party = self.text("azp")?;
        Ok(audiences.contains(&client_id) && party.map_or(audiences.len() == 1, |party| party == client_id))
    }
}

/// Checks `token` and returns its subject.
///
/// # Errors
/// [`IdTokenError`] for the first check that fails.
pub fn check(token: &str, expected: &Expected<'_>) -> Result<String, IdTokenError> {
    let payload = jwt_payload(token).ok_or(IdTokenError::Malformed)?;
    let claims: Claims = serde_json::from_str(&payload).map_err(|_| IdTokenError::Malformed)?;
    if claims.required("iss")? != expected.issuer {
        return Err(IdTokenError::Issuer);
    }
    let subject = claims.required("sub")?;
    if !claims.is_for(expected.client_id)? {
        return Err(IdTokenError::Audience);
    }
    let now = expected.now as f64;
    let issued = claims.time("iat")?;
    if claims.time("exp")? + LEEWAY <= now {
        return Err(IdTokenError::Expired);
    }
    match expected.flow {
        Flow::SignIn { nonce } => {
            // Not checked for a refresh: refusing it would waste the refresh token.
            if issued > now + LEEWAY {
                return Err(IdTokenError::IssuedInFuture);
            }
            if claims.required("nonce")? != nonce {
                return Err(IdTokenError::Nonce);
            }
        }
        Flow::Refresh { subject: expected_subject, nonce } => {
            if subject != expected_subject {
                return Err(IdTokenError::Subject);
            }
            let repeated = claims.text("nonce")?;
            if repeated.is_some() && repeated != nonce {
                return Err(IdTokenError::Nonce);
            }
        }
    }
    Ok(subject.to_owned())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    const EXPECTED: Expected<'static> = Expected {
        issuer: "https://issuer.example",
        client_id: "web",
        now: 1_000_000,
        flow: Flow::SignIn { nonce: "n-1" },
    };

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

    fn result(change: Value) -> Result<String, IdTokenError> {
        check(&token(change), &EXPECTED)
    }

    #[test]
    fn id_token_valid_returns_its_subject() {
        assert_eq!(result(json!({})), Ok("ada".into()));
        assert_eq!(result(json!({"aud": ["web"]})), Ok("ada".into()));
        assert_eq!(result(json!({"aud": ["web", "api"], "azp": "web"})), Ok("ada".into()));
    }

    #[test]
    fn id_token_of_others_is_refused() {
        assert_eq!(result(json!({"iss": "https://issuer.example/"})), Err(IdTokenError::Issuer));
        assert_eq!(result(json!({"aud": "api"})), Err(IdTokenError::Audience));
        assert_eq!(result(json!({"aud": ["web", "api"]})), Err(IdTokenError::Audience));
        assert_eq!(result(json!({"azp": "other"})), Err(IdTokenError::Audience));
        assert_eq!(result(json!({"nonce": "n-2"})), Err(IdTokenError::Nonce));
        assert_eq!(result(json!({"nonce": null})), Err(IdTokenError::Claim("nonce")));
    }

    #[test]
    fn id_token_of_a_refresh_names_the_same_person() {
        let flow = Flow::Refresh { subject: "ada", nonce: Some("n-1") };
        let expected = Expected { flow, ..EXPECTED };
        let refreshed = |change| check(&token(change), &expected);
        assert_eq!(refreshed(json!({})), Ok("ada".into()));
        assert_eq!(refreshed(json!({"nonce": null})), Ok("ada".into()));
        assert_eq!(refreshed(json!({"nonce": "n-2"})), Err(IdTokenError::Nonce));
        assert_eq!(refreshed(json!({"sub": "eve"})), Err(IdTokenError::Subject));
        assert_eq!(refreshed(json!({"iss": "https://evil.example"})), Err(IdTokenError::Issuer));
    }

    #[test]
    fn id_token_times_have_a_leeway() {
        assert_eq!(result(json!({"exp": 1_000_000 - 299})), Ok("ada".into()));
        assert_eq!(result(json!({"exp": 1_000_000 - 300})), Err(IdTokenError::Expired));
        assert_eq!(result(json!({"iat": 1_000_000 + 300})), Ok("ada".into()));
        assert_eq!(result(json!({"iat": 1_000_000 + 301})), Err(IdTokenError::IssuedInFuture));
    }

    #[test]
    fn id_token_time_may_have_a_fraction() {
        assert_eq!(result(json!({"exp": 1_000_600.5, "iat": 999_999.25})), Ok("ada".into()));
    }

    #[test]
    fn id_token_without_a_claim_names_it() {
        for claim in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
            for wrong in [json!(null), json!({}), json!(true)] {
                assert_eq!(result(json!({claim: wrong})), Err(IdTokenError::Claim(claim)), "{claim}: {wrong}");
            }
        }
        for (claim, wrong) in
            [("sub", json!(" ")), ("aud", json!(["web", 1])), ("exp", json!("1000600")), ("azp", json!(1))]
        {
            assert_eq!(result(json!({claim: wrong})), Err(IdTokenError::Claim(claim)), "{claim}: {wrong}");
        }
    }

    #[test]
    fn id_token_that_is_not_a_jwt_is_malformed() {
        for token in ["", "a.b", "a.b.c.d", "e30.!.c2ln", "e30.W10.c2ln"] {
            assert_eq!(check(token, &EXPECTED), Err(IdTokenError::Malformed), "{token:?}");
        }
    }
}
