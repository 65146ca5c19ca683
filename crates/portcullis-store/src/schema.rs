//! The properties of a kind of record without its type, and the list of records that a database is opened for.

use std::collections::HashSet;

use bson::oid::ObjectId;
use bson::{DateTime, Document};
use portcullis::record::{Record, Valid};
use portcullis_server::store::Stores;

use super::OpenError;
use super::change;
use super::embedded::EmbeddedDatabase;
use super::mongo::MongoDatabase;

/// The fields that every record has besides its own.
pub const COMMON_FIELDS: [&str; 3] = ["owner", "created_at", "updated_at"];
/// Names that a record's own fields cannot have, because they have another meaning in documents or JSON.
const RESERVED: [&str; 7] = ["_id", "id", "owner", "created_at", "updated_at", "version", "portcullis"];

/// The document schema of a kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// [`Record::COLLECTION`].
    pub collection: &'static str,
    /// [`Record::FIELDS`].
    pub own_fields: &'static [&'static str],
    /// [`Record::SEARCHED`].
    pub searched: &'static str,
}

impl Schema {
    /// Returns the schema of `R`. A record with a field that has a reserved name does not compile, and neither does one
    /// whose searched field does not exist.
    pub const fn of<R: Record>() -> Self {
        const { assert!(contains(R::FIELDS, R::SEARCHED), "SEARCHED must be one of FIELDS") };
        const { assert!(are_disjoint(R::FIELDS, &RESERVED), "a field has a reserved name") };
        Self { collection: R::COLLECTION, own_fields: R::FIELDS, searched: R::SEARCHED }
    }

    /// Returns all fields of a document that belong to the record, except for its id.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        self.own_fields.iter().copied().chain(COMMON_FIELDS)
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut n = 0;
    while n < names.len() {
        if is_same(names[n].as_bytes(), name.as_bytes()) {
            return true;
        }
        n += 1;
    }
    false
}

const fn are_disjoint(names: &[&str], others: &[&str]) -> bool {
    let mut n = 0;
    while n < names.len() {
        if contains(others, names[n]) {
            return false;
        }
        n += 1;
    }
    true
}

const fn is_same(left: &[u8], right: &[u8]) -> bool {
    let mut n = 0;
    while n < left.len() && n < right.len() && left[n] == right[n] {
        n += 1;
    }
    n == left.len() && n == right.len()
}

/// A kind of record that a database is opened for.
pub struct Registration {
    pub(super) schema: Schema,
    pub(super) samples: Box<dyn Fn() -> Vec<Document> + Send + Sync>,
    pub(super) embedded: fn(&EmbeddedDatabase, &mut Stores),
    pub(super) mongo: fn(&MongoDatabase, &mut Stores),
}

impl Registration {
    /// Registers the records `R`. A field with a reserved name does not compile, and neither does a searched field that
    /// does not exist:
    ///
    /// ```compile_fail,E0080
    /// # use portcullis::{Access, FieldErrors, Right, record::Record};
    /// # struct Use;
    /// # impl Right for Use { const NAME: &'static str = "Use"; const ACCESS: Access = Access::SignedIn; }
    /// #[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
    /// struct Note { title: String, version: String }
    ///
    /// impl Record for Note {
    ///     const FIELDS: &'static [&'static str] = &["title", "version"];
    ///     const SEARCHED: &'static str = "title";
    /// #   const NAME: &'static str = "Note";
    /// #   const COLLECTION: &'static str = "notes";
    /// #   type Read = Use;
    /// #   type Write = Use;
    /// #   type Delete = Use;
    /// #   type Admin = Use;
    /// #   fn check(&self, _: Option<&Self>) -> Result<Self, FieldErrors> { Ok(self.clone()) }
    /// }
    /// let notes = portcullis_store::Registration::of::<Note>();
    /// ```
    #[must_use]
    pub fn of<R: Record>() -> Self {
        Self {
            schema: Schema::of::<R>(),
            samples: Box::new(Vec::new),
            embedded: |database, stores| stores.insert::<R>(database.store()),
            mongo: |database, stores| stores.insert::<R>(database.store()),
        }
    }

    /// Registers the records `R`. For development, `samples` are added to an empty collection of an embedded database.
    /// They have no owner, and a list of the newest shows them in this order. Invalid samples are skipped.
    #[must_use]
    pub fn with_samples<R: Record>(samples: fn() -> Vec<R>) -> Self {
        let documents = move || {
            let (valid, now) = (samples().into_iter().filter_map(|sample| sample.validate().ok()), DateTime::now());
            let valid: Vec<Valid<R>> = valid.collect();
            let documents = valid.iter().rev().map(|sample| change::create(ObjectId::new(), sample, None, now));
            documents.filter_map(Result::ok).collect()
        };
        Self { samples: Box::new(documents), ..Self::of::<R>() }
    }
}

/// Checks that each of the `records` has a collection of its own.
///
/// # Errors
/// [`OpenError::SharedCollection`].
pub fn check_collections(records: &[Registration]) -> Result<(), OpenError> {
    let mut seen = HashSet::new();
    let mut collections = records.iter().map(|record| record.schema.collection);
    collections
        .find(|collection| !seen.insert(*collection))
        .map_or(Ok(()), |shared| Err(OpenError::SharedCollection(shared)))
}

#[cfg(test)]
mod tests {
    use portcullis_server::config::DatabaseUrl;

    use super::*;
    use crate::test_record::Thing;

    #[tokio::test]
    async fn open_refuses_two_records_with_one_collection() {
        let file = tempfile::tempdir().expect("a folder").path().join("data.redb");
        let records = [Registration::of::<Thing>(), Registration::of::<Thing>()];
        let opened = crate::open(&DatabaseUrl::Embedded(file.clone()), &records, false, crate::Clock::system()).await;
        assert!(matches!(opened, Err(OpenError::SharedCollection("items"))));
        assert!(!file.exists());
    }

    #[test]
    fn schema_samples_that_are_valid_keep_their_order() {
        fn thing(name: &str) -> Thing {
            Thing { name: name.into(), ..Thing::default() }
        }
        let registration = Registration::with_samples(|| ["Lamp", "", "Torch"].map(thing).into());
        let mut documents = (registration.samples)();
        documents.sort_by_key(|document| std::cmp::Reverse(document.get_object_id("_id").expect("an id")));
        let names: Vec<_> = documents.iter().map(|document| document.get_str("name").expect("a name")).collect();
        assert_eq!(names, ["Lamp", "Torch"]);
        assert!(documents.iter().all(|document| !document.contains_key("owner")));
    }

    #[test]
    fn names_of_fields_are_compared_as_a_whole() {
        assert!(contains(&["name", "price"], "price") && !contains(&["name", "price"], "pric"));
        assert!(!contains(&["name"], "names") && !contains(&[], "name"));
        assert!(are_disjoint(&["name", "ids"], &RESERVED) && !are_disjoint(&["name", "version"], &RESERVED));
    }
}
