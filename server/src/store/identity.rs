//! Who may do what with a single item, and by what a repeated creation is known: asked inside the step that writes.

use app::items::{Expected, IdempotencyKey, Item, Owner, ValidDraft, may_change};
use app::ssr::items::StoreError;
use aws_lc_rs::digest::{SHA256, digest};
use portcullis::Caller;

/// Whether `caller` may change `item` now, and it is what they expect.
///
/// # Errors
/// [`StoreError::NotYours`] before [`StoreError::Changed`]: who may not change it at all is not told to try again.
pub fn check(caller: &Caller, item: &Item, expected: &Expected) -> Result<(), StoreError> {
    if !may_change(caller, item.owner.as_ref()) {
        return Err(StoreError::NotYours);
    }
    if expected.is_met_by(&item.version) { Ok(()) } else { Err(StoreError::Changed) }
}

/// Who owns what `caller` creates.
///
/// # Errors
/// [`StoreError::NoSubject`] for a caller without a subject: what belongs to nobody, its creator could never change.
pub fn owner(caller: &Caller) -> Result<Owner, StoreError> {
    Owner::of(caller).ok_or(StoreError::NoSubject)
}

/// Whether `caller` may bring back what `deleted_by` deleted: the deletion is theirs as an item would be.
pub fn may_restore(caller: &Caller, deleted_by: Option<&Owner>) -> bool {
    may_change(caller, deleted_by)
}

/// A SHA-256.
pub type Hash = [u8; 32];

/// What a repeated creation is known by. Keys are good within one identity: what one person sends says nothing of
/// another's.
pub struct Creation {
    /// Of issuer, subject and key.
    pub name: Hash,
    /// Of what is to be made.
    pub draft: Hash,
}

impl Creation {
    /// The creation of `draft` by `owner` under `key`.
    ///
    /// # Errors
    /// [`StoreError::Failed`] if it cannot be written as JSON.
    pub fn of(owner: &Owner, key: &IdempotencyKey, draft: &ValidDraft) -> Result<Self, StoreError> {
        let json = |what: serde_json::Result<Vec<u8>>| what.map_err(|error| StoreError::Failed(error.to_string()));
        // As JSON, so that no two triples are the same text.
        let name = json(serde_json::to_vec(&(&owner.issuer, &owner.subject, key.as_str())))?;
        Ok(Self { name: hash(&name), draft: hash(&json(serde_json::to_vec(draft))?) })
    }
}

fn hash(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use app::items::ItemDraft;
    use portcullis::Scopes;

    use super::*;

    fn creation(issuer: &str, subject: &str, key: &str, name: &str) -> Creation {
        let owner = Owner { issuer: issuer.into(), subject: subject.into() };
        let draft = ItemDraft { name: name.into(), ..ItemDraft::default() }.validate().expect("right");
        Creation::of(&owner, &IdempotencyKey::parse(key).expect("a key"), &draft).expect("plain JSON")
    }

    #[test]
    fn a_key_is_good_within_one_identity() {
        let one = creation("i", "s", "k", "Lamp");
        assert_eq!(creation("i", "s", "k", "Lamp").name, one.name);
        for other in [creation("j", "s", "k", "Lamp"), creation("i", "t", "k", "Lamp"), creation("i", "s", "l", "Lamp")]
        {
            assert_ne!(other.name, one.name);
        }
        assert_ne!(creation("i", "sk", "k", "Lamp").name, creation("i", "s", "kk", "Lamp").name);
    }

    #[test]
    fn another_draft_is_another_creation() {
        assert_eq!(creation("i", "s", "k", " Lamp ").draft, creation("i", "s", "k", "Lamp").draft);
        assert_ne!(creation("i", "s", "k", "Lamps").draft, creation("i", "s", "k", "Lamp").draft);
    }

    #[test]
    fn caller_without_subject_owns_nothing_new() {
        for subject in [None, Some(""), Some(" ")] {
            let subject = subject.map(Into::into);
            let caller = Caller { issuer: "i".into(), subject, scopes: Scopes::default() };
            assert!(matches!(owner(&caller), Err(StoreError::NoSubject)), "{caller:?}");
        }
    }
}
