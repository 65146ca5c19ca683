//! What is read of a payload before the signature is verified: the issuer, to choose the keys.

use serde::Deserialize;

use super::AuthError;
use super::json::Value;

/// The longest payload that is parsed completely before the signature is verified, in bytes.
pub const MAX_EAGER_PAYLOAD_BYTES: usize = 2 * 1024;

/// The only claim that is read from a long payload before its signature is verified. All other claims are skipped
/// without allocation, so that a token that anyone can make costs less than a signature check.
#[derive(Deserialize)]
pub struct UnverifiedClaims<'a> {
    /// The issuer whose keys to try. [`Claims::check`](crate::claims::Claims::check) compares the signed one later.
    #[serde(borrow)]
    pub iss: Option<Value<'a>>,
}

impl<'a> UnverifiedClaims<'a> {
    /// Reads the issuer from `payload`, which nobody has verified.
    ///
    /// # Errors
    /// [`AuthError::Malformed`] if it is not a JSON object, [`AuthError::Duplicate`] if it has two `iss` members.
    pub fn read(payload: &'a [u8]) -> Result<Self, AuthError> {
        serde_json::from_slice(payload).map_err(|error| {
            // Only one member is read, so this is what serde says about a second `iss`.
            let is_duplicate = error.is_data() && error.to_string().starts_with("duplicate field");
            if is_duplicate { AuthError::Duplicate("claim") } else { AuthError::Malformed }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unverified_claims_reject_a_second_issuer() {
        let issuer = |json: &'static str| {
            let claims = UnverifiedClaims::read(json.as_bytes())?;
            Ok(claims.iss.as_ref().and_then(Value::as_text).map(str::to_owned))
        };
        assert_eq!(issuer(r#"{"iss":"a","sub":"b","sub":"c"}"#), Ok(Some("a".to_owned())));
        assert_eq!(issuer(r#"{"iss":1}"#), Ok(None));
        assert_eq!(issuer("{}"), Ok(None));
        assert_eq!(issuer(r#"{"iss":"a","iss":"a"}"#), Err(AuthError::Duplicate("claim")));
        assert_eq!(issuer("[]x"), Err(AuthError::Malformed));
    }
}
