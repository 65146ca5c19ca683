//! The bearer token of a request (RFC 6750 §2.1): from the `Authorization` header, and from nowhere else.

use http::{HeaderMap, header};

use super::AuthError;

/// The token in `headers`.
///
/// # Errors
/// Which of the ways of not sending one was chosen.
pub fn token(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::CredentialsRequired)?;
    if values.next().is_some() {
        return Err(AuthError::Ambiguous);
    }
    let value = value.to_str().map_err(|_| AuthError::BadFormat)?;
    let mut words = value.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None, ..) => Err(AuthError::CredentialsRequired),
        // The scheme is case-insensitive (RFC 9110 §11.1).
        (Some(scheme), Some(token), None) if scheme.eq_ignore_ascii_case("Bearer") => Ok(token),
        (Some(_), Some(_), None) => Err(AuthError::BadScheme),
        _ => Err(AuthError::BadFormat),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(values: &[&[u8]]) -> Result<String, AuthError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).expect("a header value"));
        }
        token(&headers).map(str::to_owned)
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_its_scheme() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c", " Bearer a.b.c "] {
            assert_eq!(of(&[value.as_bytes()]), Ok("a.b.c".into()), "{value:?}");
        }
    }

    #[test]
    fn everything_else_is_named() {
        assert_eq!(of(&[]), Err(AuthError::CredentialsRequired));
        assert_eq!(of(&[b""]), Err(AuthError::CredentialsRequired));
        assert_eq!(of(&[b"   "]), Err(AuthError::CredentialsRequired));
        assert_eq!(of(&[b"Basic YTpi"]), Err(AuthError::BadScheme));
        assert_eq!(of(&[b"Bearer: a.b.c"]), Err(AuthError::BadScheme));
        assert_eq!(of(&[b"Bearer"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"a.b.c"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer a b"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer \xff"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer a.b.c", b"Bearer a.b.c"]), Err(AuthError::Ambiguous));
    }
}
