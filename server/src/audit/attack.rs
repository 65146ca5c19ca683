//! One attack: its name, its family, what is sent, and what must come back from a way that is guarded.

use portcullis::Scopes;

/// What sort of attack it is; reports are in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Nothing is sent.
    NoToken,
    /// A header that is not `Bearer` and one token.
    Header,
    /// A token by another way than the header, or by more than one.
    Elsewhere,
    /// A good token with a change.
    Tampered,
    /// A token that the provider never signed.
    Forged,
    /// A token of the provider's that is not for this, or not any more.
    Sample,
    /// A good token that lacks a scope of the registry.
    Scope,
    /// A good token with every scope of the registry.
    Good,
}

impl Family {
    /// Every family, in the order of reports.
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

    /// What the family is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NoToken => "No token",
            Self::Header => "Malformed header",
            Self::Elsewhere => "Not by the header",
            Self::Tampered => "Tampered",
            Self::Forged => "Forged",
            Self::Sample => "Misused",
            Self::Scope => "By scope",
            Self::Good => "Good",
        }
    }

    /// What the family is called where there is little room.
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

/// What a request carries of credentials.
#[derive(Clone, Default)]
pub struct Sends {
    /// The `Authorization` headers.
    pub headers: Vec<Vec<u8>>,
    /// A query.
    pub query: Option<String>,
    /// A form, as the body.
    pub form: Option<String>,
    /// A `Cookie` header.
    pub cookie: Option<String>,
}

/// What must come back from a guarded way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// 401.
    Unknown,
    /// 401, or 503 where the server says that it does not know the key yet: the claims are good, so it may be a new one.
    UnknownKey,
    /// 401; a proxy before the server may refuse such bytes by itself, with 400 or 431 (RFC 6585 §5).
    UnknownOrUnreadable,
    /// 400: credentials in more than one way (RFC 6750 §3.1).
    Ambiguous,
    /// By the scopes that the token grants: 403, or an answer of what stands behind the gate.
    ByScopes(Scopes),
    /// The same, but 400 in place of what stands behind the gate: the form is read after it.
    ByScopesThenAmbiguous(Scopes),
}

/// One attack. It is made once and sent to every way.
#[derive(Clone)]
pub struct Attack {
    /// What sort it is.
    pub family: Family,
    /// What it is called; no other attack is called so.
    pub name: String,
    /// What is sent. It holds tokens, and is never shown.
    pub sends: Sends,
    /// What must come back.
    pub expect: Expect,
    /// The path at the audit's own listener that the token names as the place of its key.
    pub lure: Option<&'static str>,
}

impl Attack {
    /// An attack of `family` that sends `sends` and must be refused with 401.
    #[must_use]
    pub fn new(family: Family, name: impl Into<String>, sends: Sends) -> Self {
        Self { family, name: name.into(), sends, expect: Expect::Unknown, lure: None }
    }

    /// The same, with another expectation.
    #[must_use]
    pub fn expecting(self, expect: Expect) -> Self {
        Self { expect, ..self }
    }

    /// What must not come back in an answer: the tokens that are sent, and their longer parts.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let Sends { headers, query, form, cookie } = &self.sends;
        let headers = headers.iter().filter_map(|header| std::str::from_utf8(header).ok());
        let others = [query, form, cookie].into_iter().flatten().map(String::as_str);
        let words = headers.chain(others).flat_map(|text| text.split([' ', '=', '&', ';', ',', ':']));
        words.flat_map(|word| std::iter::once(word).chain(word.split('.'))).filter(|word| word.len() >= SHORTEST_SECRET)
    }
}

/// Shorter words may stand in an answer by chance.
const SHORTEST_SECRET: usize = 24;

/// A token in one `Authorization` header.
#[must_use]
pub fn bearer(token: &str) -> Sends {
    header(format!("Bearer {token}"))
}

/// One `Authorization` header with this value.
#[must_use]
pub fn header(value: impl Into<Vec<u8>>) -> Sends {
    Sends { headers: vec![value.into()], ..Sends::default() }
}
