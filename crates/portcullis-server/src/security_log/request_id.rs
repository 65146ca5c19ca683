//! The id of a request: the one that a proxy set, if it is valid, or a new one.

use aws_lc_rs::rand;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The header with the request id, in requests and responses.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of an id from a header. The ids of proxies are shorter, and every valid access token is longer: a
/// token that a client sends here by mistake must not get into the log.
const MAX_ID_BYTES: usize = 64;

/// The id of a request, in its extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub HeaderValue);

/// Returns the id in `headers`, or a new one.
pub(super) fn request_id(headers: &HeaderMap) -> HeaderValue {
    let mut given = headers.get_all(X_REQUEST_ID).iter();
    match (given.next(), given.next()) {
        (Some(id), None) if is_plain(id.as_bytes()) => id.clone(),
        _ => new_request_id(),
    }
}

fn is_plain(id: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.iter().all(is_allowed)
}

/// Returns a new id of 128 random bits, in hexadecimal.
pub(crate) fn new_request_id() -> HeaderValue {
    let mut bytes = [0; 16];
    // This fails on no supported platform. An id of zeros would only make lines harder to correlate.
    let _ = rand::fill(&mut bytes);
    let id = format!("{:032x}", u128::from_be_bytes(bytes));
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(values: &[&str]) -> String {
        let headers =
            values.iter().map(|value| (X_REQUEST_ID, HeaderValue::from_bytes(value.as_bytes()).expect("a value")));
        request_id(&headers.collect()).to_str().expect("ASCII").to_owned()
    }

    #[test]
    fn request_id_of_a_proxy_is_kept() {
        for plain in [
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
            "7f1c2b0e9d8a4f6b8c3e5d7a9b1c2d3e",
            "Root_1.2",
            "a",
            &"x".repeat(64),
        ] {
            assert_eq!(id(&[plain]), plain);
        }
    }

    #[test]
    fn request_id_that_is_odd_is_replaced() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIn0.c2ln";
        for odd in ["", " ", "a b", "a\"b", "a=b", "a\tb", "é", "../etc", "a\u{1b}[31m", &"x".repeat(65), token] {
            if odd.bytes().any(|byte| byte < 32 && byte != b'\t') {
                assert!(!is_plain(odd.as_bytes()), "{odd:?}");
                continue;
            }
            let new = id(&[odd]);
            assert!(
                new != odd && new.len() == 32 && new.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{odd:?}: {new}"
            );
        }
        assert_eq!(id(&["a", "b"]).len(), 32, "two of them");
        assert_ne!(id(&[]), id(&[]));
    }
}
