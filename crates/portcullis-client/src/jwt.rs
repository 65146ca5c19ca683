//! The payload of a JWT: the one place where the client decodes a token.

/// Returns the payload of `token`, which is JSON in a JWT, or `None` if the token is not a signed JWT (RFC 7515 §3.1).
/// It verifies nothing.
#[must_use]
pub fn jwt_payload(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    String::from_utf8(decode_base64url(payload)?).ok()
}

/// Decodes base64url without padding (RFC 4648 §5). It is in the first download, in which the decoder of the
/// crate base64 would take 2.7 KB.
fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    // The bits that are left over must be fewer than a digit, and zero.
    (count < 6 && bits & ((1 << count) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jwt_payload_reads_three_parts_of_base64url() {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;

        for text in [r#"{"sub":"ada"}"#, r#"{"name":"Zoë 🦊"}"#, "", "a", "ab", "abc"] {
            let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(text));
            assert_eq!(jwt_payload(&token).as_deref(), Some(text));
        }
        let body = URL_SAFE_NO_PAD.encode(r#"{"sub":"ada"}"#);
        for other in [
            "",
            "opaque",
            "a.b",
            "e30.!.c2ln",
            &format!("e30.{body}.c2ln.x"),
            "e30._w.c2ln",
            "e30.e30A0.c2ln",
            "e30.e31.c2ln",
        ] {
            assert_eq!(jwt_payload(other), None, "{other:?}");
        }
    }
}
