//! The caller: the sender of a request, identified by a verified access token.

use std::sync::Arc;

use crate::{Access, Scope, Scopes};

/// The sender of a request, identified by a verified access token.
///
/// A caller is plain data and proves nothing: stores require a permit, which only the gate creates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The `iss` claim. Subjects are unique only within their issuer (OpenID Connect Core §2).
    pub issuer: Arc<str>,
    /// The `sub` claim, if the token has one.
    pub subject: Option<String>,
    /// The granted scopes.
    pub scopes: Scopes,
}

impl Caller {
    /// Returns the subject, unless it is missing or blank.
    #[must_use]
    pub fn known_subject(&self) -> Option<&str> {
        self.subject.as_deref().filter(|subject| !subject.trim().is_empty())
    }

    /// Checks whether this caller has `access`.
    ///
    /// # Errors
    /// The missing scopes.
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
    fn caller_needs_every_scope() {
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
    fn scope_comparison_is_exact() {
        for near in ["read:item", "read:items2", "READ:ITEMS", "read", "read:*", "read:items,write:items"] {
            assert_eq!(caller(near).has(Access::Scopes(&[READ])), Err(vec![READ]), "{near}");
        }
    }
}
