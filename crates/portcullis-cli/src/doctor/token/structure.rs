//! The checks of the parts of a token and of its header.

use jsonwebtoken::{Algorithm, AlgorithmFamily};
use portcullis_verifier::AuthError;
use portcullis_verifier::header::Header;
use portcullis_verifier::json::{Object, Value};
use portcullis_verifier::jwks::SUPPORTED_ALGORITHMS;
use portcullis_verifier::jws::{CompactJws, MAX_HEADER_CHARS, MAX_TOKEN_BYTES};

use super::checks::TokenChecks;
use crate::doctor::finding::plain;
use crate::doctor::fixes::Problem;

/// Every algorithm, to continue after a header with one that is not allowed.
fn all_algorithms() -> Vec<Algorithm> {
    let symmetric = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    symmetric.iter().chain(SUPPORTED_ALGORITHMS).copied().collect()
}

impl TokenChecks<'_> {
    /// Checks the number of parts and the length. Returns the parts, if the token has three.
    pub(super) fn form<'t>(&mut self, token: &'t str) -> Option<CompactJws<'t>> {
        let (length, number) = (token.len(), token.split('.').count());
        if length > MAX_TOKEN_BYTES {
            let seen = format!("{length} bytes; the gate reads at most {MAX_TOKEN_BYTES}");
            self.fail("form", seen, AuthError::TooLong, Problem::TooLong);
            return None;
        }
        match CompactJws::parse(token) {
            Ok(parts) => {
                self.pass("form", format!("three parts, {length} bytes"));
                Some(parts)
            }
            Err(error) => {
                let (seen, problem) = match error {
                    AuthError::Encrypted => (
                        "five parts: an encrypted token (JWE), which only its recipient can read".into(),
                        Problem::Encrypted,
                    ),
                    AuthError::HeaderTooLong => {
                        (format!("the header has more than {MAX_HEADER_CHARS} characters"), Problem::TooLong)
                    }
                    _ => (
                        format!("not a JWT, which has three parts; this has {number}. It may be opaque"),
                        Problem::Opaque,
                    ),
                };
                self.fail("form", seen, error, problem);
                None
            }
        }
    }

    /// Checks the header. Returns it if it can be read, and whether a key is looked up for it.
    pub(super) fn header<'h>(&mut self, members: &'h Object<'_>) -> (Option<Header<'h>>, bool) {
        let text = |name: &str| match members.get(name) {
            None => "none".to_owned(),
            Some(Value::Text(text)) => plain(text),
            Some(_) => "not a text".to_owned(),
        };
        let alg = text("alg");
        let seen = format!("alg {alg}, typ {}, kid {}", text("typ"), text("kid"));
        let error = match Header::read(members, &self.auth.algorithms) {
            Ok(header) => {
                self.pass("header", seen);
                return (Some(header), true);
            }
            Err(error) => error,
        };
        let named = alg.parse().ok().filter(|named| all_algorithms().contains(named));
        let problem = match (&error, named) {
            (AuthError::Algorithm, Some(named)) if named.family() == AlgorithmFamily::Hmac => Problem::Symmetric,
            (AuthError::Algorithm, Some(_)) => {
                self.facts.algorithms = alg;
                Problem::Algorithms
            }
            (AuthError::Type(_), _) => Problem::TokenType,
            _ => Problem::Header,
        };
        self.fail("header", seen, error, problem);
        (Header::read(members, &all_algorithms()).ok(), false)
    }

    /// Reports that a part of the token cannot be read.
    pub(super) fn unreadable(&mut self, part: &'static str, error: AuthError) {
        let (seen, problem) = match error {
            AuthError::Duplicate(_) => ("a name occurs twice", Problem::Duplicate),
            _ => ("it is not a JSON object in base64url", Problem::Malformed),
        };
        self.fail(part, seen, error, problem);
    }
}
