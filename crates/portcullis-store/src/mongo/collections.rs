//! The collections of a kind of record, and what is asked of their documents.

use bson::oid::ObjectId;
use bson::{Document, doc};
use mongodb::{Collection, Database};
use portcullis::record::RecordId;

use crate::schema::Schema;

/// The field of a deletion and of a creation that names their record. It is as old as the first collections.
pub const RECORD: &str = "item";

/// The collections of a kind of record.
#[derive(Clone)]
pub struct Collections {
    pub schema: Schema,
    pub records: Collection<Document>,
    /// Deleted records, for as long as they can be restored.
    pub trash: Collection<Document>,
    /// Creations that can be repeated.
    pub creations: Collection<Document>,
}

impl Collections {
    pub fn of(database: &Database, schema: Schema) -> Self {
        let collection = |suffix: &str| database.collection(&format!("{}{suffix}", schema.collection));
        Self { schema, records: collection(""), trash: collection("_deleted"), creations: collection("_created") }
    }

    /// The filter for the documents that are records, of those that `filter` finds: other programs may keep other things
    /// beside them. Asked as an expression, since a plain `$type` also holds for a list with a string in it.
    pub fn records_of(&self, mut filter: Document) -> Document {
        let is = |field: String, kind: &str| doc! { "$eq": [{ "$type": field }, kind] };
        let searched = format!("${}", self.schema.searched);
        filter.insert("$expr", doc! { "$and": [is("$_id".into(), "objectId"), is(searched, "string")] });
        filter
    }

    pub fn by_id(&self, id: RecordId) -> Document {
        self.records_of(doc! { "_id": ObjectId::from_bytes(id.0) })
    }

    /// What is asked of a document: whatever else other programs keep in it may be large.
    pub fn fields(&self) -> Document {
        self.schema.fields().map(|name| (name.to_owned(), 1.into())).collect()
    }
}
