//! Scopes as the provider names them, and sets of granted scopes (RFC 6749 §3.3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A scope as the provider names it (RFC 6749 §3.3), for example `read:items`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Scope(pub &'static str);

impl Scope {
    /// Returns the names of `scopes`.
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

/// The scopes that a token grants, sorted and without duplicates.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Parses a space-delimited list (RFC 6749 §3.3).
    #[must_use]
    pub fn parse(list: &str) -> Self {
        list.split(' ').collect()
    }

    /// Returns whether `scope` was granted. The comparison is case-sensitive (RFC 6749 §3.3).
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.binary_search_by(|granted| granted.as_str().cmp(scope.0)).is_ok()
    }

    /// Returns the scopes in alphabetical order.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_parse_any_number_of_spaces_and_print_one() {
        assert_eq!(Scopes::parse("  b  a ").to_string(), "a b");
        assert_eq!(Scopes::parse("").to_string(), "");
        assert_eq!(Scopes::parse("b a b"), Scopes::parse("a b"));
    }
}
