//! The claims of an access token and the rules for them (RFC 7519 §4.1, RFC 9068 §2.2). Pure.

use std::sync::Arc;

use super::AuthError;
use super::header::{ACCESS_TOKEN_TYPES, STRICT_TYPE};
use super::json::{Object, Value};

/// How far the clocks of the provider and of this server may be apart, in seconds.
///
/// Servers keep their clocks by NTP: seconds are generous, and every second is one that an expired token lives.
pub const LEEWAY: f64 = 5.0;

/// What tokens must say.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The issuer, compared byte by byte (RFC 9207 §2.4, RFC 3986 §6.2.1).
    pub issuer: Arc<str>,
    /// The audience that this server is.
    pub audience: Arc<str>,
    /// Whether tokens must keep to the letter of RFC 9068 §2: its type, and every claim that it requires.
    pub strict: bool,
}

/// Claims that stand in ID tokens only (OpenID Connect Core §3.1.3.6 and §3.3.2.11, FAPI 1.0 §5.2.2.1).
pub(crate) const ID_TOKEN_HASHES: [&str; 3] = ["at_hash", "c_hash", "s_hash"];

/// The claims of a token.
pub struct Claims<'a>(pub &'a Object<'a>);

impl Claims<'_> {
    /// Checks the claims by `rules` at `now` (seconds since 1970), and tells when they expire. `says_access_token`:
    /// the header's `typ` does.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, rules: &Rules, now: f64, says_access_token: bool) -> Result<f64, AuthError> {
        if !says_access_token {
            if self.is_id_token() {
                return Err(AuthError::IdToken);
            }
            if rules.strict {
                return Err(AuthError::Type(STRICT_TYPE));
            }
            if !self.may_be_access_token() {
                return Err(AuthError::Type(ACCESS_TOKEN_TYPES));
            }
        }
        if self.time("nbf")?.is_some_and(|nbf| nbf > now + LEEWAY) {
            return Err(AuthError::NotActive);
        }
        let expires = self.time("exp")?.ok_or(AuthError::Claim("exp"))?;
        if expires + LEEWAY <= now {
            return Err(AuthError::Expired);
        }
        let issued = self.time("iat")?;
        if !self.is_for(&rules.audience) {
            return Err(AuthError::Audience(rules.audience.clone()));
        }
        if self.text("iss")? != Some(&*rules.issuer) {
            return Err(AuthError::Issuer(rules.issuer.clone()));
        }
        let subject = self.text("sub")?;
        if rules.strict {
            for (name, there) in [
                ("sub", subject.is_some_and(is_something)),
                ("client_id", self.text("client_id")?.is_some_and(is_something)),
                ("iat", issued.is_some()),
                ("jti", self.text("jti")?.is_some_and(is_something)),
            ] {
                if !there {
                    return Err(AuthError::Claim(name));
                }
            }
        }
        Ok(expires)
    }

    /// Whether the audience is `expected`, or a list of texts and nothing else that holds it (RFC 7519 §4.1.3).
    fn is_for(&self, expected: &str) -> bool {
        let all_texts = match self.0.get("aud") {
            Some(Value::List(list)) => list.iter().all(|one| one.as_text().is_some()),
            _ => true,
        };
        all_texts && self.audiences().any(|audience| audience == expected)
    }

    /// A time (RFC 7519 §2, NumericDate): a number of seconds since 1970, never text.
    pub(crate) fn time(&self, name: &'static str) -> Result<Option<f64>, AuthError> {
        self.0.get(name).map(|value| value.as_number().ok_or(AuthError::Claim(name))).transpose()
    }

    /// A claim that must be text where it stands.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, AuthError> {
        self.0.get(name).map(|value| value.as_text().ok_or(AuthError::Claim(name))).transpose()
    }

    /// The texts of a claim that is one or a list of them.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = match self.0.get(name) {
            Some(Value::List(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        all.iter().filter_map(Value::as_text)
    }

    /// Whether these are the claims of an ID token. The audience tells one apart in most set-ups; where client and API
    /// share an audience, these do: the hashes, and a nonce but for old Keycloak access tokens, which say
    /// `"typ": "Bearer"`. An ID token with none of these cannot be told apart by what it says; only `AUTH_STRICT`
    /// refuses it.
    pub(crate) fn is_id_token(&self) -> bool {
        let typ = self.0.get("typ").and_then(Value::as_text);
        let has = |name: &str| self.0.get(name).is_some();
        typ == Some("ID") || ID_TOKEN_HASHES.into_iter().any(has) || (has("nonce") && typ != Some("Bearer"))
    }

    /// Whether a token that does not say what it is may be an access token: Keycloak names the type of each token
    /// it signs in a claim, and `events` stands in logout and security event tokens (RFC 8417 §2.2).
    fn may_be_access_token(&self) -> bool {
        let named = self.0.get("typ").map(Value::as_text);
        self.0.get("events").is_none() && named.is_none_or(|typ| matches!(typ, Some("Bearer" | "at+jwt")))
    }

    /// The subject, where the token has one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.get("sub").and_then(Value::as_text)
    }

    /// Whom the token is meant for: the texts of `aud`.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.texts("aud")
    }

    /// The scopes: `scope` (RFC 9068 §2.2.3), `scp` (Entra, Okta) and `permissions` (Auth0), each a list or a
    /// space-delimited string.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        ["scope", "scp", "permissions"].into_iter().flat_map(|claim| self.texts(claim)).flat_map(|text| text.split(' '))
    }
}

fn is_something(text: &str) -> bool {
    !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: f64 = 1_000_000.0;

    fn claims(change: &serde_json::Value) -> String {
        let mut claims = json!({"iss": "https://i.example/", "aud": "api", "sub": "ada", "exp": 1_000_600});
        for (name, value) in change.as_object().expect("an object of changes") {
            if value.is_null() {
                claims.as_object_mut().expect("an object").remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        claims.to_string()
    }

    fn judged(change: &serde_json::Value, strict: bool, says_access_token: bool) -> Result<(), AuthError> {
        let text = claims(change);
        let members = Object::read(text.as_bytes()).expect("an object");
        let rules = Rules { issuer: "https://i.example/".into(), audience: "api".into(), strict };
        Claims(&members).check(&rules, NOW, says_access_token).map(|_| ())
    }

    fn verdict(change: serde_json::Value) -> Result<(), AuthError> {
        judged(&change, false, false)
    }

    #[test]
    fn issuer_audience_and_expiry_are_required_not_merely_checked() {
        assert_eq!(verdict(json!({})), Ok(()));
        for bad in [json!(null), json!("https://i.example"), json!("https://I.example/"), json!("")] {
            assert_eq!(verdict(json!({"iss": bad})), Err(AuthError::Issuer("https://i.example/".into())), "{bad}");
        }
        for bad in [json!(1), json!(["https://i.example/"])] {
            assert_eq!(verdict(json!({"iss": bad})), Err(AuthError::Claim("iss")), "{bad}");
        }
        for bad in [
            json!(null),
            json!("ap"),
            json!([]),
            json!(["other"]),
            json!({"api": 1}),
            json!("api other"),
            json!(["api", 5]),
            json!(["api", null]),
        ] {
            assert_eq!(verdict(json!({"aud": bad})), Err(AuthError::Audience("api".into())), "{bad}");
        }
        assert_eq!(verdict(json!({"aud": ["other", "api"]})), Ok(()));
        for bad in [json!(null), json!("1000600"), json!([1_000_600]), json!(true)] {
            assert_eq!(verdict(json!({"exp": bad})), Err(AuthError::Claim("exp")), "{bad}");
        }
    }

    #[test]
    fn times_hold_to_the_leeway_and_no_further() {
        assert_eq!(verdict(json!({"exp": NOW - LEEWAY + 0.5})), Ok(()));
        assert_eq!(verdict(json!({"exp": NOW - LEEWAY})), Err(AuthError::Expired));
        assert_eq!(verdict(json!({"exp": -1})), Err(AuthError::Expired));
        assert_eq!(verdict(json!({"nbf": NOW + LEEWAY})), Ok(()));
        assert_eq!(verdict(json!({"nbf": NOW + LEEWAY + 0.5})), Err(AuthError::NotActive));
        const { assert!(LEEWAY <= 60.0, "clocks that are further apart are to be set, not forgiven") };
    }

    #[test]
    fn times_are_numbers_and_nothing_that_looks_like_one() {
        for name in ["exp", "nbf", "iat"] {
            for bad in [json!("1000600"), json!([1_000_600]), json!(true), json!({})] {
                assert_eq!(verdict(json!({name: bad})), Err(AuthError::Claim(name)), "{name}: {bad}");
            }
        }
        assert_eq!(verdict(json!({"exp": 1_000_600.5, "nbf": 999_999.5, "iat": 1e6})), Ok(()));
    }

    #[test]
    fn null_is_no_way_to_leave_a_claim_out() {
        for name in ["exp", "nbf", "iat", "iss", "sub"] {
            let text = claims(&json!({})).replacen('{', &format!(r#"{{"{name}":null,"#), 1);
            let text = text.replacen(&format!(r#","{name}":"#), r#","was":"#, 1);
            let members = Object::read(text.as_bytes()).expect("an object");
            assert_eq!(members.get(name), Some(&Value::Null), "{text}");
            let rules = Rules { issuer: "https://i.example/".into(), audience: "api".into(), strict: false };
            assert_eq!(Claims(&members).check(&rules, NOW, false), Err(AuthError::Claim(name)), "{name}");
        }
    }

    #[test]
    fn strictness_demands_every_claim_of_rfc_9068_and_its_type() {
        let complete = json!({"client_id": "web", "iat": 1_000_000, "jti": "1"});
        assert_eq!(judged(&complete, true, true), Ok(()));
        assert_eq!(judged(&complete, true, false), Err(AuthError::Type(STRICT_TYPE)));
        for name in ["sub", "client_id", "iat", "jti"] {
            let mut lacking = complete.clone();
            lacking[name] = json!(null);
            assert_eq!(judged(&lacking, true, true), Err(AuthError::Claim(name)), "{name}");
            assert_eq!(judged(&lacking, false, true), Ok(()), "{name}");
            if name != "iat" {
                lacking[name] = json!("");
                assert_eq!(judged(&lacking, true, true), Err(AuthError::Claim(name)), "{name} of nothing");
            }
            lacking[name] = json!([1]);
            assert_eq!(judged(&lacking, true, true), Err(AuthError::Claim(name)), "{name} of a wrong type");
        }
    }

    #[test]
    fn an_id_token_is_refused_even_with_our_audience() {
        let hashes = ["at_hash", "c_hash", "s_hash"].map(|name| json!({name: "h"}));
        for mark in hashes.into_iter().chain([json!({"nonce": "n"}), json!({"typ": "ID"})]) {
            assert_eq!(verdict(mark.clone()), Err(AuthError::IdToken), "{mark}");
        }
        assert_eq!(verdict(json!({"nonce": "n", "typ": "Bearer"})), Ok(()));
        for other in
            [json!({"typ": "Refresh"}), json!({"typ": ["Bearer"]}), json!({"typ": "Offline"}), json!({"events": {}})]
        {
            assert_eq!(verdict(other.clone()), Err(AuthError::Type(ACCESS_TOKEN_TYPES)), "{other}");
        }
    }

    #[test]
    fn scopes_come_from_every_claim_that_providers_use() {
        let of = |change: serde_json::Value| {
            let text = claims(&change);
            let members = Object::read(text.as_bytes()).expect("an object");
            Claims(&members).scopes().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(of(json!({"scope": "a b"})), ["a", "b"]);
        assert_eq!(of(json!({"scope": ["a", "b"]})), ["a", "b"]);
        assert_eq!(of(json!({"scp": ["a"], "permissions": ["b"]})), ["a", "b"]);
        assert_eq!(of(json!({"scp": "a b"})), ["a", "b"]);
        assert_eq!(of(json!({"scope": 1, "permissions": {"a": true}})), [""; 0]);
    }
}
