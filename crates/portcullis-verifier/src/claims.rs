//! The claims of an access token and the rules for them (RFC 7519 §4.1, RFC 9068 §2.2). Pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::AuthError;
use super::audiences::Audiences;
use super::header::{ACCESS_TOKEN_TYPES, STRICT_TYPE};
use super::json::{Object, Value};
use super::rights::{Rights, SCOPE_CLAIMS};

/// How far the clocks of the provider and of this server may be apart unless the operator says otherwise, in seconds.
///
/// Servers keep their clocks by NTP: seconds are generous, and every second is one that an expired token lives.
pub const DEFAULT_LEEWAY: f64 = 5.0;
/// The largest leeway that can be set, in seconds. Clocks that are further apart must be corrected, not tolerated.
pub const MAX_LEEWAY: f64 = 60.0;

/// What tokens must say.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The issuer, compared byte by byte (RFC 9207 §2.4, RFC 3986 §6.2.1).
    pub issuer: Arc<str>,
    /// Whom tokens may be meant for.
    pub audiences: Audiences,
    /// The client that people sign in with at this issuer, where that is known: the audience of its ID tokens.
    pub client_id: Option<Arc<str>>,
    /// Whether tokens must keep to the letter of RFC 9068 §2: its type, and every claim that it requires.
    pub strict: bool,
    /// How far the clocks may be apart, in seconds: at most [`MAX_LEEWAY`].
    pub leeway: f64,
    /// Which claims carry rights.
    pub rights: Arc<Rights>,
    /// The scopes that mean something here; all others are dropped. `None` keeps every scope.
    pub known_scopes: Option<Arc<BTreeSet<String>>>,
}

impl Rules {
    /// The rules for tokens of `issuer` for `audience`, with the default for everything else.
    #[must_use]
    pub fn new(issuer: impl Into<Arc<str>>, audience: &str) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: audience.into(),
            client_id: None,
            strict: false,
            leeway: DEFAULT_LEEWAY,
            rights: Arc::default(),
            known_scopes: None,
        }
    }

    /// Returns the scopes that a token with the claims `token` grants: of the known ones, each once. A token may name
    /// thousands of others, and what is kept of it must not be the sender's choice.
    pub fn scopes<'a>(&'a self, token: &'a Object<'_>) -> Vec<&'a str> {
        let mut granted = self.rights.scopes(token);
        if let Some(known) = &self.known_scopes {
            granted.retain(|scope| known.contains(*scope));
            granted.sort_unstable();
            granted.dedup();
        }
        granted
    }
}

/// Claims that stand in ID tokens only (OpenID Connect Core §3.1.3.6 and §3.3.2.11, FAPI 1.0 §5.2.2.1).
pub const ID_TOKEN_HASHES: [&str; 3] = ["at_hash", "c_hash", "s_hash"];

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
            if self.is_id_token(rules.client_id.as_deref()) {
                return Err(AuthError::IdToken);
            }
            if rules.strict {
                return Err(AuthError::Type(STRICT_TYPE));
            }
            if !self.may_be_access_token() {
                return Err(AuthError::Type(ACCESS_TOKEN_TYPES));
            }
        }
        if self.time("nbf")?.is_some_and(|nbf| nbf > now + rules.leeway) {
            return Err(AuthError::NotActive);
        }
        let expires = self.time("exp")?.ok_or(AuthError::Claim("exp"))?;
        if expires + rules.leeway <= now {
            return Err(AuthError::Expired);
        }
        let issued = self.time("iat")?;
        rules.audiences.check(self)?;
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
        // Bound to a key of the sender (RFC 7800 §3.1, RFC 8705 §3, RFC 9449 §6): as a plain bearer token it proves
        // nothing, since whoever sends it may have stolen it.
        if self.0.get("cnf").is_some() {
            return Err(AuthError::SenderConstrained);
        }
        Ok(expires)
    }

    /// A time (RFC 7519 §2, NumericDate): a number of seconds since 1970, never text.
    pub fn time(&self, name: &'static str) -> Result<Option<f64>, AuthError> {
        self.0.get(name).map(|value| value.as_number().ok_or(AuthError::Claim(name))).transpose()
    }

    /// A claim that must be text where it stands.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, AuthError> {
        self.0.get(name).map(|value| value.as_text().ok_or(AuthError::Claim(name))).transpose()
    }

    /// The texts of a claim that is one or a list of them.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = match self.0.get(name) {
            Some(Value::List(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        all.iter().filter_map(Value::as_text)
    }

    /// Whether these are the claims of an ID token. The audience tells one apart in most set-ups; where client and API
    /// share an audience, these do: the hashes, the types that Keycloak and Cognito name, and a nonce where nothing
    /// speaks for an access token. An ID token with none of these cannot be told apart by what it says; only
    /// `AUTH_STRICT` refuses it. `client_id`: the client that people sign in with, where that is known.
    pub fn is_id_token(&self, client_id: Option<&str>) -> bool {
        let says = |name: &str, value: &str| self.0.get(name).and_then(Value::as_text) == Some(value);
        says("typ", "ID")
            || says("token_use", "id")
            || ID_TOKEN_HASHES.into_iter().any(|name| self.0.get(name).is_some())
            || (self.0.get("nonce").is_some() && !self.may_have_nonce(client_id))
    }

    /// Whether a nonce may stand here though this is an access token: authentik, Dex and old Keycloaks copy it there.
    /// Such a token lists scopes, or is meant for an API and not for the client that the nonce is of.
    fn may_have_nonce(&self, client_id: Option<&str>) -> bool {
        let is_for_another = |client: &str| self.audiences().all(|audience| audience != client);
        self.0.get("typ").and_then(Value::as_text) == Some("Bearer")
            || SCOPE_CLAIMS.into_iter().any(|name| self.texts(name).any(is_something))
            || client_id.is_some_and(is_for_another)
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
        let rules = Rules { strict, ..rules() };
        Claims(&members).check(&rules, NOW, says_access_token).map(|_| ())
    }

    fn rules() -> Rules {
        Rules::new("https://i.example/", "api")
    }

    fn verdict_by(rules: &Rules, change: serde_json::Value) -> Result<(), AuthError> {
        let text = claims(&change);
        let members = Object::read(text.as_bytes()).expect("an object");
        Claims(&members).check(rules, NOW, false).map(|_| ())
    }

    fn verdict(change: serde_json::Value) -> Result<(), AuthError> {
        judged(&change, false, false)
    }

    #[test]
    fn rules_keep_known_scopes_once() {
        let many: Vec<String> = (0..4_000).map(|n| format!("s{n}")).collect();
        let text = claims(&json!({"scope": format!("read write read {}", many.join(" ")), "scp": ["read", "READ"]}));
        let members = Object::read(text.as_bytes()).expect("an object");
        let known = ["read", "write", "admin"].map(str::to_owned).into();
        let rules = Rules { known_scopes: Some(Arc::new(known)), ..rules() };
        assert_eq!(rules.scopes(&members), ["read", "write"]);
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
        for leeway in [0.0, DEFAULT_LEEWAY, MAX_LEEWAY] {
            let rules = Rules { leeway, ..rules() };
            let verdict = |change| verdict_by(&rules, change);
            assert_eq!(verdict(json!({"exp": NOW - leeway + 0.5})), Ok(()));
            assert_eq!(verdict(json!({"exp": NOW - leeway})), Err(AuthError::Expired));
            assert_eq!(verdict(json!({"exp": -1})), Err(AuthError::Expired));
            assert_eq!(verdict(json!({"nbf": NOW + leeway})), Ok(()));
            assert_eq!(verdict(json!({"nbf": NOW + leeway + 0.5})), Err(AuthError::NotActive));
        }
        const { assert!(MAX_LEEWAY <= 60.0, "clocks that are further apart must be corrected, not tolerated") };
    }

    #[test]
    fn iat_in_the_future_is_no_fault() {
        for ahead in [1.0, MAX_LEEWAY, 3600.0] {
            assert_eq!(verdict(json!({"iat": NOW + ahead})), Ok(()));
        }
    }

    #[test]
    fn nbf_8_seconds_ahead_is_taken_with_leeway_of_10() {
        assert_eq!(verdict(json!({"nbf": NOW + 8.0})), Err(AuthError::NotActive));
        assert_eq!(verdict_by(&Rules { leeway: 10.0, ..rules() }, json!({"nbf": NOW + 8.0})), Ok(()));
    }

    #[test]
    fn any_accepted_audience_is_enough() {
        let rules = Rules { audiences: Audiences::new(&["api", "api2"], &[]), ..rules() };
        for good in [json!("api"), json!("api2"), json!(["other", "api2"])] {
            assert_eq!(verdict_by(&rules, json!({"aud": good})), Ok(()), "{good}");
        }
        for bad in [json!("api3"), json!(null), json!("api api2"), json!(["api", 1])] {
            let expected = Err(AuthError::Audience("api or api2".into()));
            assert_eq!(verdict_by(&rules, json!({"aud": bad})), expected, "{bad}");
        }
    }

    #[test]
    fn token_without_aud_needs_client_id_and_token_use() {
        let rules = Rules { audiences: Audiences::new(&["api"], &["web"]), ..rules() };
        let expected = || AuthError::Audience("api or client_id=web".into());
        let good = json!({"aud": null, "client_id": "web", "token_use": "access"});
        assert_eq!(verdict_by(&rules, good.clone()), Ok(()));
        assert_eq!(verdict_by(&rules, json!({"aud": "api"})), Ok(()), "one with an audience needs neither");
        assert_eq!(verdict(good.clone()), Err(AuthError::Audience("api".into())), "it takes an explicit opt-in");
        let with = |name: &str, value: serde_json::Value| {
            let mut changed = good.clone();
            changed[name] = value;
            verdict_by(&rules, changed)
        };
        for bad in [json!(null), json!("other"), json!("api")] {
            assert_eq!(with("client_id", bad.clone()), Err(expected()), "{bad}");
        }
        for bad in [json!(null), json!("refresh"), json!(["access"])] {
            assert_eq!(with("token_use", bad.clone()), Err(AuthError::Claim("token_use")), "{bad}");
        }
        assert_eq!(with("token_use", json!("id")), Err(AuthError::IdToken));
        for bad in [json!("web"), json!(["other"]), json!([])] {
            assert_eq!(with("aud", bad.clone()), Err(expected()), "an audience counts where there is one: {bad}");
        }
    }

    #[test]
    fn token_bound_to_a_key_is_refused_as_plain_bearer() {
        for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!("x"), json!(0)] {
            assert_eq!(verdict(json!({"cnf": cnf})), Err(AuthError::SenderConstrained), "{cnf}");
            assert_eq!(judged(&json!({"cnf": cnf}), false, true), Err(AuthError::SenderConstrained), "{cnf}");
        }
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
            assert_eq!(Claims(&members).check(&rules(), NOW, false), Err(AuthError::Claim(name)), "{name}");
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
        let hashes = ["at_hash", "c_hash", "s_hash"].map(|name| json!({name: "h", "scope": "read:items"}));
        for mark in hashes.into_iter().chain([json!({"nonce": "n"}), json!({"typ": "ID"}), json!({"token_use": "id"})])
        {
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
    fn nonce_alone_makes_no_id_token_for_the_apis_audience() {
        let client = |client: &str| Rules { client_id: Some(client.into()), ..rules() };
        assert_eq!(verdict_by(&client("web"), json!({"nonce": "n"})), Ok(()), "the audience is the API's alone");
        for shared in [json!({"nonce": "n", "aud": ["api", "web"]}), json!({"nonce": "n", "aud": "web"})] {
            assert_eq!(verdict_by(&client("web"), shared.clone()), Err(AuthError::IdToken), "{shared}");
        }
        // authentik: client and API share an audience, and the scopes tell an access token.
        assert_eq!(verdict_by(&client("api"), json!({"nonce": "n"})), Err(AuthError::IdToken));
        for none in [json!(null), json!(""), json!([]), json!(1)] {
            let change = json!({"nonce": "n", "scp": none});
            assert_eq!(verdict_by(&client("api"), change.clone()), Err(AuthError::IdToken), "{change}");
        }
        for scopes in [json!({"nonce": "n", "scope": "read:items"}), json!({"nonce": "n", "scp": ["read:items"]})] {
            assert_eq!(verdict_by(&client("api"), scopes.clone()), Ok(()), "{scopes}");
        }
        assert_eq!(verdict_by(&client("web"), json!({"nonce": "n", "at_hash": "h"})), Err(AuthError::IdToken));
    }
}
