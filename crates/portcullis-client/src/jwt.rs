//! The payload of a JWT: the one place where the client decodes a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns the payload of `token`, which is JSON in a JWT, or `None` if the token is not a signed JWT (RFC 7515 §3.1).
/// It verifies nothing.
#[must_use]
pub fn jwt_payload(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jwt_payload_reads_three_parts_of_base64url() {
        let body = URL_SAFE_NO_PAD.encode(r#"{"sub":"ada"}"#);
        assert_eq!(jwt_payload(&format!("e30.{body}.c2ln")).as_deref(), Some(r#"{"sub":"ada"}"#));
        for other in ["", "opaque", "a.b", "e30.!.c2ln", &format!("e30.{body}.c2ln.x"), "e30._w.c2ln"] {
            assert_eq!(jwt_payload(other), None, "{other:?}");
        }
    }
}
