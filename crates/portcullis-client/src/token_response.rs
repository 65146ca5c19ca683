//! The response of the token endpoint (RFC 6749 §5.1), read tolerantly: the code or refresh token that was sent is
//! spent, so a response whose meaning is clear must not be lost because of its form.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A response of the token endpoint. Every JSON object can be read as one; [`TokenResponse::bearer`] checks it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(from = "Map<String, Value>")]
pub struct TokenResponse {
    access_token: AccessToken,
    token_type: BasicTokenType,
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    #[serde(skip)]
    id_token: Option<String>,
}

impl From<Map<String, Value>> for TokenResponse {
    fn from(members: Map<String, Value>) -> Self {
        // `""` means the same as a missing member.
        let text = |name| members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let token_type = match text("token_type") {
            Some(other) if !other.eq_ignore_ascii_case("bearer") => BasicTokenType::Extension(other),
            _ => BasicTokenType::Bearer,
        };
        Self {
            access_token: AccessToken::new(text("access_token").unwrap_or_default()),
            token_type,
            expires_in: members.get("expires_in").and_then(seconds),
            refresh_token: text("refresh_token").map(RefreshToken::new),
            id_token: text("id_token"),
        }
    }
}

/// Reads a number of seconds, from a number or a string, without its fraction.
fn seconds(value: &Value) -> Option<u64> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds as u64)
}

/// Why a response is not usable.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenResponseError {
    /// There is no access token that a header could carry (RFC 6750 §2.1).
    #[error("the identity provider's answer holds no access token")]
    NoAccessToken,
    /// The token is not a bearer token, such as one for DPoP (RFC 9449 §5).
    #[error("the identity provider issued an access token of a type that this app cannot use")]
    TokenType,
}

impl TokenResponse {
    /// Returns the access token. A response without `token_type` also holds a bearer token.
    ///
    /// # Errors
    /// [`TokenResponseError`] if it can't be sent.
    pub fn bearer(&self) -> Result<&str, TokenResponseError> {
        let token = self.access_token.secret();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenResponseError::NoAccessToken);
        }
        if self.token_type != BasicTokenType::Bearer {
            return Err(TokenResponseError::TokenType);
        }
        Ok(token)
    }

    /// Returns the new refresh token, if there is one.
    pub fn new_refresh_token(&self) -> Option<String> {
        self.refresh_token.as_ref().map(|token| token.secret().clone())
    }

    /// Returns the ID token (OpenID Connect Core §3.1.3.3).
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_deref()
    }
}

impl oauth2::TokenResponse for TokenResponse {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// Not read: our server says which scopes the access token grants.
    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use oauth2::TokenResponse as _;

    use super::*;

    fn read(json: &str) -> TokenResponse {
        serde_json::from_str(json).expect("every object is a response")
    }

    #[test]
    fn expires_in_is_a_number_or_text() {
        for (value, seconds) in [
            ("900", Some(900)),
            ("900.0", Some(900)),
            (r#""900""#, Some(900)),
            (r#"" 900.5 ""#, Some(900)),
            ("0", Some(0)),
        ] {
            let response = read(&format!(r#"{{"access_token":"a","expires_in":{value}}}"#));
            assert_eq!(response.expires_in().map(|lifetime| lifetime.as_secs()), seconds, "{value}");
        }
        for odd in ["-1", "null", "true", r#""soon""#, "[900]", r#""""#, "1e999"] {
            let json = format!(r#"{{"access_token":"a","expires_in":{odd}}}"#);
            assert!(
                serde_json::from_str::<TokenResponse>(&json).map_or(true, |response| response.expires_in().is_none()),
                "{odd}"
            );
        }
    }

    #[test]
    fn token_type_absent_is_bearer_and_others_are_refused() {
        for json in [
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","token_type":"bEARER"}"#,
            r#"{"access_token":"a","token_type":""}"#,
        ] {
            assert_eq!(read(json).bearer(), Ok("a"), "{json}");
        }
        for kind in ["DPoP", "mac", "N_A"] {
            let json = format!(r#"{{"access_token":"a","token_type":"{kind}"}}"#);
            assert_eq!(read(&json).bearer(), Err(TokenResponseError::TokenType), "{kind}");
        }
    }

    #[test]
    fn token_response_keeps_refresh_token_despite_errors() {
        for rest in [r#""token_type":"DPoP""#, r#""access_token":[]"#, r#""scope":{},"expires_in":{}"#] {
            let response = read(&format!(r#"{{"refresh_token":"r",{rest}}}"#));
            assert_eq!(response.refresh_token().map(|token| token.secret().as_str()), Some("r"), "{rest}");
            assert!(response.bearer().is_err(), "{rest}");
        }
    }

    #[test]
    fn access_token_must_fit_into_a_header() {
        for token in ["", "a b", "a\\n", "é"] {
            let response = read(&format!(r#"{{"access_token":"{token}"}}"#));
            assert_eq!(response.bearer(), Err(TokenResponseError::NoAccessToken), "{token}");
        }
    }

    #[test]
    fn token_response_takes_the_last_of_duplicate_members() {
        assert_eq!(read(r#"{"access_token":"a","access_token":"b"}"#).bearer(), Ok("b"));
    }
}
