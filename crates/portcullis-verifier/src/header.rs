//! The header of a token (RFC 7515 §4) and the rules for it (RFC 8725 §3, RFC 9068 §2.1). Pure.

use jsonwebtoken::Algorithm;

use super::AuthError;
use super::json::{Object, Value};

/// Members that carry a key, or say where one is. Keys come from the provider alone (RFC 8725 §3.10): a token that
/// brings its own is refused, since nothing good can be meant by it.
const KEY_CARRIERS: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];

/// The types that an access token may name in its header, for a person.
pub const ACCESS_TOKEN_TYPES: &str = "at+jwt or JWT";
/// The type of RFC 9068 §2.1.
pub const STRICT_TYPE: &str = "at+jwt";

/// The type that an ID token may name in its header, for a person.
pub const ID_TOKEN_TYPE: &str = "JWT";

/// What a header says.
#[derive(Debug, PartialEq)]
pub struct Header<'a> {
    /// The algorithm: one that is allowed.
    pub algorithm: Algorithm,
    /// The id of the key that signed the token, where it names one.
    pub key_id: Option<&'a str>,
    /// Whether `typ` says that this is an access token (RFC 9068 §4).
    pub is_access_token: bool,
}

impl<'a> Header<'a> {
    /// Reads the header `members`, of a token that may be signed with one of `allowed`.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn read(members: &'a Object<'_>, allowed: &[Algorithm]) -> Result<Self, AuthError> {
        let algorithm = algorithm(members, allowed)?;
        if let Some(carrier) = KEY_CARRIERS.into_iter().find(|name| members.get(name).is_some()) {
            return Err(AuthError::EmbeddedKey(carrier));
        }
        let key_id = key_id(members)?;
        Ok(Self { algorithm, key_id, is_access_token: names_access_token(text(members, "typ")?)? })
    }

    /// Reads the header `members` of an ID token that may be signed with one of `allowed`. Keys that it carries are
    /// ignored: they are never used, and ID tokens of some providers hold their certificates.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn read_id_token(members: &'a Object<'_>, allowed: &[Algorithm]) -> Result<Self, AuthError> {
        let algorithm = algorithm(members, allowed)?;
        if text(members, "typ")?.is_some_and(names_another_token) {
            return Err(AuthError::Type(ID_TOKEN_TYPE));
        }
        Ok(Self { algorithm, key_id: key_id(members)?, is_access_token: false })
    }
}

/// A member that must be text where it stands.
fn text<'a>(members: &'a Object<'_>, name: &'static str) -> Result<Option<&'a str>, AuthError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(&**text)),
        Some(_) => Err(AuthError::HeaderMember(name)),
    }
}

/// The id of the key; a blank one names none, in tokens as in key sets.
fn key_id<'a>(members: &'a Object<'_>) -> Result<Option<&'a str>, AuthError> {
    Ok(text(members, "kid")?.filter(|id| !id.trim().is_empty()))
}

/// The algorithm, one of `allowed`, of a token without extensions.
fn algorithm(members: &Object<'_>, allowed: &[Algorithm]) -> Result<Algorithm, AuthError> {
    let algorithm = match text(members, "alg")?.ok_or(AuthError::HeaderMember("alg"))? {
        // RFC 9864 §2.2 names the curve; of those of EdDSA it is the only one that is supported.
        "Ed25519" => Algorithm::EdDSA,
        // A name that the library does not know, such as `none`, is an algorithm that is not allowed.
        name => name.parse().map_err(|_| AuthError::Algorithm)?,
    };
    if !allowed.contains(&algorithm) {
        return Err(AuthError::Algorithm);
    }
    // Extensions that must be understood, and none is (RFC 7515 §4.1.11).
    if members.get("crit").is_some() { Err(AuthError::Critical) } else { Ok(algorithm) }
}

/// Whether `typ` is the explicit type of something that is no ID token, such as `at+jwt` or `logout+jwt` (RFC 8725
/// §3.11).
fn names_another_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.ends_with("+jwt") && typ.trim_start_matches("application/") != "id_token+jwt"
}

/// A missing `typ` and `JWT` say nothing; any other is the type of something else (RFC 8725 §3.11).
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
