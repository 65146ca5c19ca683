//! Who may do what: scopes, rights and the one comparison between them. Pure, shared by both sides.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A scope as the provider names it (RFC 6749 §3.3), for example `read:items`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Scope(pub &'static str);

impl Scope {
    /// The names of `scopes`, to be shown or asked for.
    #[must_use]
    pub fn names(scopes: &[Self]) -> Vec<String> {
        scopes.iter().map(Self::to_string).collect()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a page or an endpoint asks of whoever comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anyone, signed in or not.
    Public,
    /// Anyone who is signed in.
    SignedIn,
    /// A signed-in caller who was granted every one of these scopes.
    Scopes(&'static [Scope]),
}

impl Access {
    /// The scopes that `granted` lacks for this access; empty when nothing is missing.
    #[must_use]
    pub fn missing_from(&self, granted: &Scopes) -> Vec<Scope> {
        self.scopes().iter().copied().filter(|scope| !granted.contains(*scope)).collect()
    }

    /// The scopes that this access names.
    #[must_use]
    pub fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Public | Self::SignedIn => &[],
            Self::Scopes(scopes) => scopes,
        }
    }
}

/// A right: what a [`Permit`](../ssr/permit/struct.Permit.html) proves. Declared once, beside its resource.
pub trait Right: Send + Sync + 'static {
    /// The right's name, as the registry and the audit print it.
    const NAME: &'static str;
    /// What it takes to hold it. Never [`Access::Public`]: a right that everyone holds protects nothing.
    const ACCESS: Access;
    /// Whether whoever holds it can only read. Every use of another right is written to the security log.
    const IS_READ_ONLY: bool = false;
}

/// The scopes that a token grants, in alphabetical order and each of them once.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads a space-delimited list (RFC 6749 §3.3).
    #[must_use]
    pub fn parse(list: &str) -> Self {
        list.split(' ').collect()
    }

    /// Whether `scope` was granted; the comparison is case-sensitive (RFC 6749 §3.3).
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.binary_search_by(|granted| granted.as_str().cmp(scope.0)).is_ok()
    }

    /// The scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        scopes.retain(|scope| !scope.is_empty());
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl From<Vec<String>> for Scopes {
    fn from(scopes: Vec<String>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<String> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(f, "{gap}{scope}")?;
        }
        Ok(())
    }
}

/// Who calls: what a verified token says of its bearer.
///
/// A caller is a statement, not a proof: only a permit opens a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The `iss` of the token. A subject means nothing without it.
    pub issuer: Arc<str>,
    /// The `sub` of the token, where it has one.
    pub subject: Option<String>,
    /// The scopes granted.
    pub scopes: Scopes,
}

impl Caller {
    /// The subject, if the token names one: an empty or blank `sub` names nobody.
    #[must_use]
    pub fn known_subject(&self) -> Option<&str> {
        self.subject.as_deref().filter(|subject| !subject.trim().is_empty())
    }

    /// Whether this caller has `access`.
    ///
    /// # Errors
    /// The scopes that are missing.
    pub fn has(&self, access: Access) -> Result<(), Vec<Scope>> {
        let missing = access.missing_from(&self.scopes);
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Scope = Scope("read:items");
    const WRITE: Scope = Scope("write:items");
    const BOTH: Access = Access::Scopes(&[READ, WRITE]);

    fn caller(scopes: &str) -> Caller {
        Caller { issuer: "https://issuer.example".into(), subject: None, scopes: Scopes::parse(scopes) }
    }

    #[test]
    fn every_scope_is_needed_and_the_missing_ones_are_named() {
        assert_eq!(caller("write:items read:items").has(BOTH), Ok(()));
        assert_eq!(caller("read:items").has(BOTH), Err(vec![WRITE]));
        assert_eq!(caller("").has(BOTH), Err(vec![READ, WRITE]));
    }

    #[test]
    fn caller_with_blank_subject_has_none() {
        let named = |subject: Option<&str>| Caller { subject: subject.map(Into::into), ..caller("") };
        for blank in [None, Some(""), Some(" "), Some("\t\n")] {
            assert_eq!(named(blank).known_subject(), None, "{blank:?}");
        }
        assert_eq!(named(Some(" ada")).known_subject(), Some(" ada"), "a subject is compared as it is");
    }

    #[test]
    fn scopes_match_whole_and_case_sensitively() {
        for near in ["read:item", "read:items2", "READ:ITEMS", "read", "read:*", "read:items,write:items"] {
            assert_eq!(caller(near).has(Access::Scopes(&[READ])), Err(vec![READ]), "{near}");
        }
    }

    #[test]
    fn a_list_is_read_with_any_number_of_spaces_and_written_with_one() {
        assert_eq!(Scopes::parse("  b  a ").to_string(), "a b");
        assert_eq!(Scopes::parse("").to_string(), "");
        assert_eq!(Scopes::parse("b a b"), Scopes::parse("a b"));
    }
}
