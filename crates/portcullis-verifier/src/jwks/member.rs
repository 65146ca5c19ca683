//! Normalizes the members of a key set: providers write keys in several ways, RFC 7517 and RFC 7518 require one.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::document::without_blanks;

/// The JWK members that are used. An error in any other member, such as a certificate chain, is ignored.
const USED: [&str; 12] = ["kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n", "e", "k", "d"];

/// base64url, with or without padding.
const LENIENT_BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Returns `member` with only the used members, in their required form. A value that is not an object is returned
/// unchanged.
///
/// - Blank strings and null count as absent.
/// - `alg: Ed25519` (RFC 9864 §2.2) becomes `EdDSA`, since Ed25519 is the only supported curve.
/// - Numbers may have base64 padding, the standard alphabet and leading zeros. Coordinates may lack leading zeros.
pub(super) fn normalize(member: Value) -> Value {
    let Value::Object(members) = member else { return member };
    let mut members: Map<String, Value> =
        without_blanks(members).into_iter().filter(|(name, _)| USED.contains(&name.as_str())).collect();
    if members.get("alg").is_some_and(|alg| alg == "Ed25519") {
        members.insert("alg".to_owned(), "EdDSA".into());
    }
    let coordinate_length = match members.get("crv").and_then(Value::as_str) {
        Some("P-256") => Some(32),
        Some("P-384") => Some(48),
        _ => None,
    };
    let kind = members.get("kty").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, value) in &mut members {
        let number = match (kind.as_str(), name.as_str()) {
            ("RSA", "n" | "e") => decode(value).map(|bytes| without_zeros(&bytes).to_vec()),
            ("EC", "x" | "y") => decode(value).zip(coordinate_length).and_then(|(bytes, length)| fit(&bytes, length)),
            // A string of 32 bytes and not a number (RFC 8032 §5.1.5), so leading zeros count.
            ("OKP", "x") => decode(value),
            _ => None,
        };
        if let Some(number) = number {
            *value = URL_SAFE_NO_PAD.encode(number).into();
        }
    }
    Value::Object(members)
}

/// Decodes a base64 string. Returns `None` if it is invalid, and the key is then rejected later.
fn decode(value: &Value) -> Option<Vec<u8>> {
    LENIENT_BASE64URL.decode(value.as_str()?.replace('+', "-").replace('/', "_")).ok()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// Pads the number `bytes` to exactly `length` bytes (RFC 7518 §6.2.1.2). Returns `None` if it is too large.
fn fit(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let bytes = without_zeros(bytes);
    let missing = length.checked_sub(bytes.len())?;
    Some([vec![0; missing], bytes.to_vec()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use serde_json::json;

    #[test]
    fn member_rsa_numbers_are_read_with_zeros_and_padding() {
        let modulus = vec![0xfb; 256];
        let zero_first = [vec![0], modulus.clone()].concat();
        let right = normalize(json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(&modulus), "e": "AQAB"}));
        for (n, e) in [
            (URL_SAFE_NO_PAD.encode(&zero_first), "AAEAAQ"),
            (URL_SAFE.encode(&modulus), "AQAB"),
            (STANDARD.encode(&modulus), "AQAB"),
            (STANDARD.encode(&zero_first), "AAEAAQ=="),
        ] {
            assert_eq!(normalize(json!({"kty": "RSA", "n": n, "e": e})), right, "{n} {e}");
        }
        let broken = json!({"kty": "RSA", "n": "***", "e": 1});
        assert_eq!(normalize(broken.clone()), broken);
    }

    #[test]
    fn member_coordinates_have_the_length_of_their_curve() {
        let right = json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode([vec![0], vec![7; 31]].concat())});
        for x in [vec![7; 31], [vec![0; 2], vec![7; 31]].concat(), [vec![0], vec![7; 31]].concat()] {
            let member = json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(&x)});
            assert_eq!(normalize(member), right, "{x:?}");
        }
        let long = json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode([7; 33])});
        assert_eq!(normalize(long.clone()), long);
        let zero_first = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([0; 32])});
        assert_eq!(normalize(zero_first.clone()), zero_first);
    }

    #[test]
    fn member_ed25519_is_eddsa_and_blanks_are_absent() {
        let named = json!({"kty": "OKP", "alg": "Ed25519", "kid": "", "use": " ", "x5c": "broken", "key_ops": null});
        assert_eq!(normalize(named), json!({"kty": "OKP", "alg": "EdDSA"}));
        assert_eq!(normalize(json!(7)), json!(7));
    }
}
