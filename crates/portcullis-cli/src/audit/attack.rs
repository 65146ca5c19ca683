//! One attack: its name, its family, the credentials it sends, and the response that a protected route must give.

use portcullis::Scopes;

/// The families of attacks, in the order of reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// No token.
    NoToken,
    /// An `Authorization` header other than `Bearer` and one token.
    Header,
    /// A token outside the `Authorization` header, or in several places.
    Elsewhere,
    /// A valid token that was changed.
    Tampered,
    /// A token that the provider did not sign.
    Forged,
    /// A token of the provider that is expired, of another type, or for another audience.
    Sample,
    /// A valid token without some scope of the registry.
    Scope,
    /// A valid token with every scope of the registry.
    Good,
}

impl Family {
    /// All families, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::NoToken,
        Self::Header,
        Self::Elsewhere,
        Self::Tampered,
        Self::Forged,
        Self::Sample,
        Self::Scope,
        Self::Good,
    ];

    /// Returns the name for reports.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NoToken => "No token",
            Self::Header => "Malformed header",
            Self::Elsewhere => "Outside the header",
            Self::Tampered => "Tampered",
            Self::Forged => "Forged",
            Self::Sample => "Misused",
            Self::Scope => "By scope",
            Self::Good => "Good",
        }
    }

    /// Returns a name of one word, for table heads.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::NoToken => "none",
            Self::Header => "header",
            Self::Elsewhere => "elsewhere",
            Self::Tampered => "tampered",
            Self::Forged => "forged",
            Self::Sample => "misused",
            Self::Scope => "scope",
            Self::Good => "good",
        }
    }
}

/// The credentials of a request.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The `Authorization` headers.
    pub headers: Vec<Vec<u8>>,
    /// The query of the URL.
    pub query: Option<String>,
    /// A form, sent as the body.
    pub form: Option<String>,
    /// The `Cookie` header.
    pub cookie: Option<String>,
}

/// The response that a protected route must give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// 401.
    Unauthorized,
    /// 401, or 503 with the message that the key is not known yet: valid claims may be signed by a new key.
    UnauthorizedOrKeyPending,
    /// 401, or 400 or 431 from a proxy that rejects such a header itself (RFC 6585 §5).
    UnauthorizedOrMalformed,
    /// 400: the request has credentials in more than one place (RFC 6750 §3.1).
    BadRequest,
    /// 403 if these scopes do not suffice, otherwise any response of the handler.
    ByScopes(Scopes),
    /// 403 if these scopes do not suffice, otherwise 400, because the form is read after the gate.
    ByScopesThenBadRequest(Scopes),
}

/// One attack. The same attack is sent to every route.
#[derive(Clone)]
pub struct Attack {
    /// The family.
    pub family: Family,
    /// The unique name.
    pub name: String,
    /// The credentials. They contain tokens and are never shown.
    pub credentials: Credentials,
    /// The expected response.
    pub expectation: Expectation,
    /// The path on the server of the attacker's keys that the token names as the location of its key.
    pub key_path: Option<&'static str>,
}

impl Attack {
    /// Creates an attack that must be rejected with 401.
    #[must_use]
    pub fn new(family: Family, name: impl Into<String>, credentials: Credentials) -> Self {
        let expectation = Expectation::Unauthorized;
        Self { family, name: name.into(), credentials, expectation, key_path: None }
    }

    /// Replaces the expected response.
    #[must_use]
    pub fn expecting(self, expectation: Expectation) -> Self {
        Self { expectation, ..self }
    }

    /// Returns what no response may contain: the tokens that are sent, and their longer parts.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let Credentials { headers, query, form, cookie } = &self.credentials;
        let headers = headers.iter().filter_map(|header| std::str::from_utf8(header).ok());
        let others = [query, form, cookie].into_iter().flatten().map(String::as_str);
        let words = headers.chain(others).flat_map(|text| text.split([' ', '=', '&', ';', ',', ':']));
        words
            .flat_map(|word| std::iter::once(word).chain(word.split('.')))
            .filter(|word| word.len() >= MIN_SECRET_BYTES)
    }
}

/// The length from which a word in a response cannot be a coincidence.
const MIN_SECRET_BYTES: usize = 24;

/// Returns credentials with `token` in one `Authorization` header.
#[must_use]
pub fn bearer(token: &str) -> Credentials {
    header(format!("Bearer {token}"))
}

/// Returns credentials with one `Authorization` header.
#[must_use]
pub fn header(value: impl Into<Vec<u8>>) -> Credentials {
    Credentials { headers: vec![value.into()], ..Credentials::default() }
}
