//! Expected versions of changes, and idempotency keys of creations.

use crate::AppError;

/// The versions of a record that a change expects (RFC 9110 §13.1.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Any version: `If-Match: *`.
    Any,
    /// One of these versions.
    OneOf(Vec<String>),
}

impl Expected {
    /// Expects exactly `version`: the [`version`](super::Stored::version) that the user has seen.
    #[must_use]
    pub fn version(version: String) -> Self {
        Self::OneOf(vec![version])
    }

    /// Returns whether `version` is expected.
    #[must_use]
    pub fn is_met_by(&self, version: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.iter().any(|expected| expected == version),
        }
    }
}

/// An idempotency key: a client sends the same key when it repeats a request, so that only one record is created
/// (draft-ietf-httpapi-idempotency-key-header).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses a key of 1 to 255 visible ASCII characters. The quotes of a structured field (RFC 8941 §3.3.3) are not
    /// part of it.
    ///
    /// # Errors
    /// 400 if it is not valid.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let key = inner.unwrap_or(text);
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AppError::invalid_request("Idempotency-Key must have 1 to 255 visible ASCII characters"));
        }
        Ok(Self(key.to_owned()))
    }

    /// Returns the key as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_any_matches_all_and_a_version_only_itself() {
        assert!(Expected::Any.is_met_by("a"));
        assert!(Expected::version("a".into()).is_met_by("a"));
        assert!(!Expected::version("a".into()).is_met_by("b"));
        assert!(!Expected::OneOf(vec![]).is_met_by("a"));
    }

    #[test]
    fn idempotency_key_has_1_to_255_visible_ascii_characters() {
        for right in ["x", "8e03978e-40d5-43dd-bc93-6894a57f9324", &"~".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(right).expect("right").as_str(), right);
        }
        assert_eq!(IdempotencyKey::parse("\"x\"").expect("right").as_str(), "x");
        for wrong in ["", "\"\"", " ", "a b", "a\u{7f}", "\u{e9}", "a\n", &"x".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(wrong).expect_err(wrong).status, 400, "{wrong:?}");
        }
    }
}
