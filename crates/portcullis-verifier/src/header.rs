//! The header of a token (RFC 7515 §4) and the rules for it (RFC 8725 §3, RFC 9068 §2.1). Pure.

use jsonwebtoken::Algorithm;

use super::AuthError;
use super::json::{Object, Value};

/// Members that contain a key, or the URL of one. Keys come from the provider only (RFC 8725 §3.10), so a token with
/// an embedded key is rejected.
const KEY_CARRIERS: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];

/// The types that the header of an access token may have, for error messages.
pub const ACCESS_TOKEN_TYPES: &str = "at+jwt or JWT";
/// The type of RFC 9068 §2.1.
pub const STRICT_TYPE: &str = "at+jwt";

/// The type that the header of an ID token may have, for error messages.
pub const ID_TOKEN_TYPE: &str = "JWT";

/// The header of a token.
#[derive(Debug, PartialEq)]
pub struct Header<'a> {
    /// The algorithm: one that is allowed.
    pub algorithm: Algorithm,
    /// The id of the key that signed the token, if the header names one.
    pub key_id: Option<&'a str>,
    /// Whether `typ` is the type of access tokens (RFC 9068 §4).
    pub is_access_token: bool,
}

impl<'a> Header<'a> {
    /// Reads the header `members` of an access token that may be signed with one of `allowed`.
    ///
    /// # Errors
    /// [`AuthError::HeaderMember`], [`AuthError::Algorithm`], [`AuthError::Critical`], [`AuthError::EmbeddedKey`] or
    /// [`AuthError::Type`].
    pub fn read(members: &'a Object<'_>, allowed: &[Algorithm]) -> Result<Self, AuthError> {
        let algorithm = algorithm(members, allowed)?;
        if let Some(carrier) = KEY_CARRIERS.into_iter().find(|name| members.get(name).is_some()) {
            return Err(AuthError::EmbeddedKey(carrier));
        }
        let key_id = key_id(members)?;
        Ok(Self { algorithm, key_id, is_access_token: names_access_token(text(members, "typ")?)? })
    }

    /// Reads the header `members` of an ID token that may be signed with one of `allowed`. Embedded keys
    /// are ignored and never used: the ID tokens of some providers contain their certificates.
    ///
    /// # Errors
    /// [`AuthError::HeaderMember`], [`AuthError::Algorithm`], [`AuthError::Critical`] or [`AuthError::Type`].
    pub fn read_id_token(members: &'a Object<'_>, allowed: &[Algorithm]) -> Result<Self, AuthError> {
        let algorithm = algorithm(members, allowed)?;
        if text(members, "typ")?.is_some_and(names_another_token) {
            return Err(AuthError::Type(ID_TOKEN_TYPE));
        }
        Ok(Self { algorithm, key_id: key_id(members)?, is_access_token: false })
    }
}

/// Returns a member that must be a string if it is present.
fn text<'a>(members: &'a Object<'_>, name: &'static str) -> Result<Option<&'a str>, AuthError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(&**text)),
        Some(_) => Err(AuthError::HeaderMember(name)),
    }
}

/// Returns the id of the key. A blank id counts as none, as in key sets.
fn key_id<'a>(members: &'a Object<'_>) -> Result<Option<&'a str>, AuthError> {
    Ok(text(members, "kid")?.filter(|id| !id.trim().is_empty()))
}

/// Returns the algorithm, one of `allowed`, of a token without critical extensions.
fn algorithm(members: &Object<'_>, allowed: &[Algorithm]) -> Result<Algorithm, AuthError> {
    let algorithm = match text(members, "alg")?.ok_or(AuthError::HeaderMember("alg"))? {
        // The name of the curve (RFC 9864 §2.2), the only one of EdDSA that is supported.
        "Ed25519" => Algorithm::EdDSA,
        // A name that the library does not know, such as `none`, is not allowed.
        name => name.parse().map_err(|_| AuthError::Algorithm)?,
    };
    if !allowed.contains(&algorithm) {
        return Err(AuthError::Algorithm);
    }
    // No critical extension is supported (RFC 7515 §4.1.11).
    if members.get("crit").is_some() { Err(AuthError::Critical) } else { Ok(algorithm) }
}

/// Returns whether `typ` is the explicit type of another token than an ID token, such as `at+jwt` or `logout+jwt` (RFC 8725
/// §3.11).
fn names_another_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.ends_with("+jwt") && typ.trim_start_matches("application/") != "id_token+jwt"
}

/// Returns whether `typ` is the type of access tokens. A missing `typ` and `JWT` can be any token; others are rejected
/// (RFC 8725 §3.11).
fn names_access_token(typ: Option<&str>) -> Result<bool, AuthError> {
    let Some(typ) = typ else { return Ok(false) };
    let is = |name: &str| typ.eq_ignore_ascii_case(name);
    match () {
        () if is("at+jwt") || is("application/at+jwt") => Ok(true),
        () if is("JWT") => Ok(false),
        () => Err(AuthError::Type(ACCESS_TOKEN_TYPES)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256];

    fn verdict(json: &str) -> Result<(Option<String>, bool), AuthError> {
        let members = Object::parse(json.as_bytes()).map_err(|error| error.in_token("header member"))?;
        Header::read(&members, ALLOWED).map(|header| (header.key_id.map(str::to_owned), header.is_access_token))
    }

    #[test]
    fn header_rejects_none_hmac_and_disallowed_algorithms() {
        assert_eq!(verdict(r#"{"alg":"ES256"}"#), Ok((None, false)));
        for other in ["none", "None", "NONE", "HS256", "HS384", "HS512", "RS512", "PS256", "rs256", "RS256 ", ""] {
            assert_eq!(verdict(&format!(r#"{{"alg":"{other}"}}"#)), Err(AuthError::Algorithm), "{other:?}");
        }
        for broken in [r"{}", r#"{"alg":null}"#, r#"{"alg":["RS256"]}"#] {
            assert_eq!(verdict(broken), Err(AuthError::HeaderMember("alg")), "{broken}");
        }
        let twice = r#"{"alg":"RS256","alg":"RS256"}"#;
        assert_eq!(verdict(twice), Err(AuthError::Duplicate("header member")));
    }

    #[test]
    fn header_reads_ed25519_as_eddsa() {
        let members = Object::read(br#"{"alg":"Ed25519"}"#).expect("an object");
        let read = |allowed| Header::read(&members, allowed).map(|header| header.algorithm);
        assert_eq!(read(&[Algorithm::EdDSA]), Ok(Algorithm::EdDSA));
        assert_eq!(read(ALLOWED), Err(AuthError::Algorithm));
        for other in ["ed25519", "Ed448", "ES512"] {
            assert_eq!(verdict(&format!(r#"{{"alg":"{other}"}}"#)), Err(AuthError::Algorithm), "{other}");
        }
    }

    #[test]
    fn header_blank_kid_is_none() {
        assert_eq!(verdict(r#"{"alg":"RS256","kid":" "}"#), Ok((None, false)));
    }

    #[test]
    fn header_rejects_embedded_key() {
        for carrier in KEY_CARRIERS {
            let header = format!(r#"{{"alg":"RS256","kid":"k","{carrier}":null}}"#);
            assert_eq!(verdict(&header), Err(AuthError::EmbeddedKey(carrier)), "{header}");
        }
        // A thumbprint is the name of a key, not a key; Entra sends one.
        assert_eq!(verdict(r#"{"alg":"RS256","kid":"k","x5t":"t"}"#), Ok((Some("k".into()), false)));
    }

    #[test]
    fn id_token_header_names_an_id_token() {
        let read = |json: &str| {
            let members = Object::read(json.as_bytes()).ok_or(AuthError::Malformed)?;
            Header::read_id_token(&members, ALLOWED).map(|header| header.key_id.map(str::to_owned))
        };
        assert_eq!(read(r#"{"alg":"RS256","kid":"k","jwk":{},"x5c":[]}"#), Ok(Some("k".into())));
        for typ in ["JWT", "jwt", "JOSE", "id_token+jwt"] {
            assert_eq!(read(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#)), Ok(None), "{typ}");
        }
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "dpop+jwt"] {
            let refused = Err(AuthError::Type(ID_TOKEN_TYPE));
            assert_eq!(read(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#)), refused, "{typ}");
        }
        for other in ["none", "HS256", "PS256"] {
            assert_eq!(read(&format!(r#"{{"alg":"{other}"}}"#)), Err(AuthError::Algorithm), "{other}");
        }
        assert_eq!(read(r#"{"alg":"RS256","crit":["b64"]}"#), Err(AuthError::Critical));
    }

    #[test]
    fn header_rejects_critical_extensions() {
        for crit in [r#"["b64"]"#, r#"["exp"]"#, "[]", "null"] {
            assert_eq!(verdict(&format!(r#"{{"alg":"RS256","crit":{crit}}}"#)), Err(AuthError::Critical), "{crit}");
        }
    }

    #[test]
    fn header_accepts_access_token_types_only() {
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
            assert_eq!(verdict(&format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#)), Ok((None, true)), "{typ}");
        }
        assert_eq!(verdict(r#"{"alg":"RS256","typ":"JWT"}"#), Ok((None, false)));
        for typ in ["dpop+jwt", "logout+jwt", "secevent+jwt", "id+jwt", "JOSE", "application/jwt", ""] {
            assert_eq!(
                verdict(&format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#)),
                Err(AuthError::Type(ACCESS_TOKEN_TYPES)),
                "{typ}"
            );
        }
        assert_eq!(verdict(r#"{"alg":"RS256","typ":1}"#), Err(AuthError::HeaderMember("typ")));
        assert_eq!(verdict(r#"{"alg":"RS256","kid":1}"#), Err(AuthError::HeaderMember("kid")));
    }
}
