//! The compact form of a JWS (RFC 7515 §7.1): its limits, and its parts.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::AuthError;

/// The longest token that is parsed, in bytes: more than any provider issues.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest header of a token, in base64url characters.
pub const MAX_HEADER_CHARS: usize = 4 * 1024;

/// The parts of a token in its compact form, not decoded.
pub struct CompactJws<'a> {
    /// What is signed: header and payload with the dot between them.
    pub message: &'a str,
    /// The header.
    pub header: &'a str,
    /// The payload.
    pub payload: &'a str,
    /// The signature.
    pub signature: &'a str,
}

impl<'a> CompactJws<'a> {
    /// Splits `token` into its parts.
    ///
    /// # Errors
    /// [`AuthError::Encrypted`] for five parts (JWE), [`AuthError::Malformed`] for any other number but three,
    /// [`AuthError::HeaderTooLong`] for a header of more than [`MAX_HEADER_CHARS`].
    pub fn parse(token: &'a str) -> Result<Self, AuthError> {
        let (message, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(AuthError::Malformed)?;
        if payload.contains('.') {
            // A JWE has five parts (RFC 7516 §7.1).
            let is_encrypted = payload.matches('.').count() == 2;
            return Err(if is_encrypted { AuthError::Encrypted } else { AuthError::Malformed });
        }
        if header.len() > MAX_HEADER_CHARS {
            return Err(AuthError::HeaderTooLong);
        }
        Ok(Self { message, header, payload, signature })
    }
}

/// Decodes a part of a token: base64url without padding, whitespace or unused bits (RFC 7515 §2).
///
/// # Errors
/// [`AuthError::Malformed`] if `part` is anything else.
pub fn decode(part: &str) -> Result<Vec<u8>, AuthError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_jws_has_three_parts() {
        let jws = CompactJws::parse("a.b.c").expect("three parts");
        assert_eq!((jws.message, jws.header, jws.payload, jws.signature), ("a.b", "a", "b", "c"));
        for (token, error) in [
            ("", AuthError::Malformed),
            ("a.b", AuthError::Malformed),
            ("a.b.c.d", AuthError::Malformed),
            ("a.b.c.d.e", AuthError::Encrypted),
            ("a.b.c.d.e.f", AuthError::Malformed),
        ] {
            assert_eq!(CompactJws::parse(token).map(|_| ()), Err(error), "{token}");
        }
    }
}
