//! The claims of an access token and the rules for them (RFC 7519 §4.1, RFC 9068 §2.2). Pure.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::AuthError;

/// How far the clocks of the provider and of this server may be apart, in seconds.
///
/// Servers keep their clocks by NTP: seconds are generous, and every second is one that an expired token lives.
pub const LEEWAY: f64 = 5.0;

/// What tokens must say.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The one issuer, compared byte by byte (RFC 9207 §2.4, RFC 3986 §6.2.1).
    pub issuer: Arc<str>,
    /// The audience that this server is.
    pub audience: Arc<str>,
}

/// The claims that are looked at. Members that appear twice are refused by the parser (RFC 8725 §2.4); values of
/// a wrong type are kept, so that the refusal can name the claim.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: Option<Value>,
    sub: Option<String>,
    aud: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    scope: Option<Value>,
    scp: Option<Value>,
    permissions: Option<Value>,
    at_hash: Option<Value>,
    c_hash: Option<Value>,
    nonce: Option<Value>,
    typ: Option<Value>,
    events: Option<Value>,
}

impl Claims {
    /// Checks the claims by `rules` at `now` (seconds since 1970). `says_access_token`: the header's `typ` does.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, rules: &Rules, now: f64, says_access_token: bool) -> Result<(), AuthError> {
        if !says_access_token {
            if self.is_id_token() {
                return Err(AuthError::IdToken);
            }
            if !self.may_be_access_token() {
                return Err(AuthError::Type);
            }
        }
        if let Some(nbf) = &self.nbf {
            let nbf = nbf.as_f64().ok_or(AuthError::Time("nbf"))?;
            if nbf > now + LEEWAY {
                return Err(AuthError::NotActive);
            }
        }
        let exp = self.exp.as_ref().and_then(Value::as_f64).ok_or(AuthError::Time("exp"))?;
        if exp + LEEWAY <= now {
            return Err(AuthError::Expired);
        }
        if !strings(self.aud.as_ref()).any(|audience| audience == &*rules.audience) {
            return Err(AuthError::Audience(rules.audience.clone()));
        }
        if self.iss.as_ref().and_then(Value::as_str) != Some(&*rules.issuer) {
            return Err(AuthError::Issuer(rules.issuer.clone()));
        }
        Ok(())
    }

    /// Whether these are the claims of an ID token. The audience tells one apart in most set-ups; where client
    /// and API share an audience, these do: the hashes stand in ID tokens only (OpenID Connect Core §3.1.3.6), a
    /// nonce does too but for old Keycloak access tokens, which say `"typ": "Bearer"`.
    fn is_id_token(&self) -> bool {
        let typ = self.typ.as_ref().and_then(Value::as_str);
        typ == Some("ID")
            || self.at_hash.is_some()
            || self.c_hash.is_some()
            || (self.nonce.is_some() && typ != Some("Bearer"))
    }

    /// Whether a token that does not say what it is may be an access token: Keycloak names the type of each token
    /// it signs in a claim, and `events` stands in logout and security event tokens (RFC 8417 §2.2).
    fn may_be_access_token(&self) -> bool {
        let named = self.typ.as_ref().and_then(Value::as_str);
        self.events.is_none() && named.is_none_or(|typ| typ == "Bearer" || typ == "at+jwt")
    }

    /// The subject, where the token has one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The scopes: `scope` (RFC 9068 §2.2.3), `scp` (Entra, Okta) and `permissions` (Auth0), each a list or a
    /// space-delimited string.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        [&self.scope, &self.scp, &self.permissions]
            .into_iter()
            .flat_map(|claim| strings(claim.as_ref()))
            .flat_map(|text| text.split(' '))
    }
}

/// The strings of a claim that is a string or a list of them.
fn strings(claim: Option<&Value>) -> impl Iterator<Item = &str> {
    let (one, many) = match claim {
        Some(Value::String(text)) => (Some(text.as_str()), &[][..]),
        Some(Value::Array(list)) => (None, list.as_slice()),
        _ => (None, &[][..]),
    };
    one.into_iter().chain(many.iter().filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: f64 = 1_000_000.0;

    fn claims(change: &Value) -> Claims {
        let mut claims = json!({"iss": "https://i.example/", "aud": "api", "sub": "ada", "exp": 1_000_600});
        for (name, value) in change.as_object().expect("an object of changes") {
            if value.is_null() {
                claims.as_object_mut().expect("an object").remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        serde_json::from_value(claims).expect("claims")
    }

    fn verdict(change: Value) -> Result<(), AuthError> {
        claims(&change).check(&Rules { issuer: "https://i.example/".into(), audience: "api".into() }, NOW, false)
    }

    #[test]
    fn issuer_audience_and_expiry_are_required_not_merely_checked() {
        assert_eq!(verdict(json!({})), Ok(()));
        for bad in [json!(null), json!("https://i.example"), json!(1), json!(["https://i.example/"])] {
            assert_eq!(verdict(json!({"iss": bad})), Err(AuthError::Issuer("https://i.example/".into())), "{bad}");
        }
        for bad in [json!(null), json!("ap"), json!([]), json!(["other"]), json!({"api": 1}), json!("api other")] {
            assert_eq!(verdict(json!({"aud": bad})), Err(AuthError::Audience("api".into())), "{bad}");
        }
        assert_eq!(verdict(json!({"aud": ["other", "api"]})), Ok(()));
        for bad in [json!(null), json!("1000600"), json!([1_000_600]), json!(true)] {
            assert_eq!(verdict(json!({"exp": bad})), Err(AuthError::Time("exp")), "{bad}");
        }
    }

    #[test]
    fn times_hold_to_the_leeway_and_no_further() {
        assert_eq!(verdict(json!({"exp": NOW - LEEWAY + 0.5})), Ok(()));
        assert_eq!(verdict(json!({"exp": NOW - LEEWAY})), Err(AuthError::Expired));
        assert_eq!(verdict(json!({"exp": -1})), Err(AuthError::Expired));
        assert_eq!(verdict(json!({"nbf": NOW + LEEWAY})), Ok(()));
        assert_eq!(verdict(json!({"nbf": NOW + LEEWAY + 0.5})), Err(AuthError::NotActive));
        assert_eq!(verdict(json!({"nbf": "0"})), Err(AuthError::Time("nbf")));
    }

    #[test]
    fn an_id_token_is_refused_even_with_our_audience() {
        for mark in [json!({"nonce": "n"}), json!({"at_hash": "h"}), json!({"c_hash": "h"}), json!({"typ": "ID"})] {
            assert_eq!(verdict(mark.clone()), Err(AuthError::IdToken), "{mark}");
        }
        assert_eq!(verdict(json!({"nonce": "n", "typ": "Bearer"})), Ok(()));
        for other in
            [json!({"typ": "Refresh"}), json!({"typ": "Logout"}), json!({"typ": "Offline"}), json!({"events": {}})]
        {
            assert_eq!(verdict(other.clone()), Err(AuthError::Type), "{other}");
        }
    }

    #[test]
    fn scopes_come_from_every_claim_that_providers_use() {
        let of = |change: Value| claims(&change).scopes().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of(json!({"scope": "a b"})), ["a", "b"]);
        assert_eq!(of(json!({"scope": ["a", "b"]})), ["a", "b"]);
        assert_eq!(of(json!({"scp": ["a"], "permissions": ["b"]})), ["a", "b"]);
        assert_eq!(of(json!({"scp": "a b"})), ["a", "b"]);
        assert_eq!(of(json!({"scope": 1, "permissions": {"a": true}})), [""; 0]);
    }

    #[test]
    fn a_claim_that_stands_twice_is_refused() {
        assert!(serde_json::from_str::<Claims>(r#"{"iss":"a","iss":"b"}"#).is_err());
    }
}
