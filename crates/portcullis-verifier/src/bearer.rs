//! The bearer token of a request: from the `Authorization` header (RFC 6750 §2.1), and from nowhere else.

use http::{HeaderMap, header};
use url::form_urlencoded;

use super::AuthError;

/// The parameter for tokens in forms and URLs (RFC 6750 §2.2 and §2.3). Its value is never used: URLs are logged, and
/// another site can make a browser send a form.
const PARAMETER: &str = "access_token";

/// Returns the token from the `headers` of a request with this `query`.
///
/// # Errors
/// - [`AuthError::CredentialsRequired`] without a header
/// - [`AuthError::BadScheme`] or [`AuthError::BadFormat`] if the header has no bearer token
/// - [`AuthError::Ambiguous`] with several tokens: a client must use one method only (RFC 6750 §2)
pub fn token<'a>(headers: &'a HeaderMap, query: Option<&str>) -> Result<&'a str, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next();
    let in_query = query.map_or(0, |query| count_tokens(query.as_bytes()));
    if values.next().is_some() || in_query > 1 || (value.is_some() && in_query > 0) {
        return Err(AuthError::Ambiguous);
    }
    let value = value.ok_or(AuthError::CredentialsRequired)?;
    let value = value.to_str().map_err(|_| AuthError::BadFormat)?;
    // Only spaces separate the words (RFC 9110 §11.4).
    if value.contains('\t') {
        return Err(AuthError::BadFormat);
    }
    let mut words = value.split(' ').filter(|word| !word.is_empty());
    match (words.next(), words.next(), words.next()) {
        (None, ..) => Err(AuthError::CredentialsRequired),
        // The scheme is case-insensitive (RFC 9110 §11.1).
        (Some(scheme), Some(token), None) if scheme.eq_ignore_ascii_case("Bearer") => Ok(token),
        (Some(_), Some(_), None) => Err(AuthError::BadScheme),
        _ => Err(AuthError::BadFormat),
    }
}

/// Returns the number of tokens in `form`: a query or a body of the type `application/x-www-form-urlencoded`.
#[must_use]
pub fn count_tokens(form: &[u8]) -> usize {
    form_urlencoded::parse(form).filter(|(name, _)| name == PARAMETER).count()
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
        token(&headers, None).map(str::to_owned)
    }

    #[test]
    fn bearer_rejects_token_in_query() {
        let none = HeaderMap::new();
        let mut one = HeaderMap::new();
        one.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer a.b.c"));
        for (query, without, with) in [
            ("access_token=x", AuthError::CredentialsRequired, Err(AuthError::Ambiguous)),
            ("a=b&access%5Ftoken=x", AuthError::CredentialsRequired, Err(AuthError::Ambiguous)),
            ("access_token=x&access_token=x", AuthError::Ambiguous, Err(AuthError::Ambiguous)),
            ("Access_Token=x&my_access_token=y&q=access_token", AuthError::CredentialsRequired, Ok("a.b.c")),
        ] {
            assert_eq!(token(&none, Some(query)), Err(without), "{query}");
            assert_eq!(token(&one, Some(query)), with, "{query}");
        }
    }

    #[test]
    fn bearer_scheme_is_case_insensitive() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c", " Bearer a.b.c "] {
            assert_eq!(of(&[value.as_bytes()]), Ok("a.b.c".into()), "{value:?}");
        }
    }

    #[test]
    fn bearer_malformed_header_has_its_own_error() {
        assert_eq!(of(&[]), Err(AuthError::CredentialsRequired));
        assert_eq!(of(&[b""]), Err(AuthError::CredentialsRequired));
        assert_eq!(of(&[b"   "]), Err(AuthError::CredentialsRequired));
        assert_eq!(of(&[b"Basic YTpi"]), Err(AuthError::BadScheme));
        assert_eq!(of(&[b"Bearer: a.b.c"]), Err(AuthError::BadScheme));
        assert_eq!(of(&[b"Bearer"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"a.b.c"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer a b"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer\ta.b.c"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer \xff"]), Err(AuthError::BadFormat));
        assert_eq!(of(&[b"Bearer a.b.c", b"Bearer a.b.c"]), Err(AuthError::Ambiguous));
    }
}
