//! The owner of a record, and who may change it.

use serde::{Deserialize, Serialize};

use super::Record;
use crate::{Caller, Right};

/// An identity: a subject is unique only within its issuer (OpenID Connect Core §2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Owner {
    /// The `iss` of the owner's tokens.
    pub issuer: String,
    /// The `sub` of the owner's tokens.
    pub subject: String,
}

impl Owner {
    /// Returns the identity of `caller`, or `None` for a caller without a subject, who cannot own records.
    #[must_use]
    pub fn of(caller: &Caller) -> Option<Self> {
        let subject = caller.known_subject()?.to_owned();
        Some(Self { issuer: caller.issuer.to_string(), subject })
    }
}

/// Returns whether `caller` may change or delete a record of `owner`: callers may change their own records, and with
/// the right [`Record::Admin`] all records. Only that right allows changes to a record without an owner.
///
/// The client uses it to decide what to show. The stores enforce it, in the step that writes.
#[must_use]
pub fn may_change<R: Record>(caller: &Caller, owner: Option<&Owner>) -> bool {
    let is_own = owner.is_some() && Owner::of(caller).as_ref() == owner;
    is_own || caller.has(R::Admin::ACCESS).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::test_record::Thing;
    use super::*;
    use crate::Scopes;

    fn may(caller: &Caller, owner: Option<&Owner>) -> bool {
        may_change::<Thing>(caller, owner)
    }

    fn caller(issuer: &str, subject: Option<&str>, scopes: &str) -> Caller {
        Caller { issuer: issuer.into(), subject: subject.map(Into::into), scopes: Scopes::parse(scopes) }
    }

    #[test]
    fn record_is_changed_by_its_owner_and_by_admins() {
        let owner = Owner { issuer: "i".into(), subject: "s".into() };
        assert!(may(&caller("i", Some("s"), "write:things"), Some(&owner)));
        for other in [
            caller("i", Some("t"), "write:things"),
            caller("j", Some("s"), ""),
            caller("i", None, ""),
            // The right of another kind of record.
            caller("i", Some("t"), "admin:items"),
        ] {
            assert!(!may(&other, Some(&owner)), "{other:?}");
            assert!(!may(&other, None), "{other:?}");
        }
        let admin = caller("j", None, "admin:things");
        assert!(may(&admin, Some(&owner)) && may(&admin, None));
    }

    #[test]
    fn caller_without_subject_owns_nothing() {
        assert_eq!(Owner::of(&caller("i", None, "")), None);
        assert_eq!(Owner::of(&caller("i", Some(""), "")), None);
        assert_eq!(Owner::of(&caller("i", Some(" "), "")), None);
        let nobody = Owner { issuer: "i".into(), subject: String::new() };
        assert!(!may(&caller("i", Some(""), ""), Some(&nobody)));
    }
}
