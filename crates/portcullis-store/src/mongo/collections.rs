//! The collections of a kind of record, with their common filters and projections.

use bson::oid::ObjectId;
use bson::{Document, doc};
use mongodb::{Collection, Database};
use portcullis::record::RecordId;

use crate::schema::Schema;

/// The field with the record of a deletion or a creation. Its name is that of the first collections.
pub const RECORD: &str = "item";

/// The collections of a kind of record.
#[derive(Clone)]
pub struct Collections {
    pub schema: Schema,
    pub records: Collection<Document>,
    /// Deleted records, for as long as they can be restored.
    pub trash: Collection<Document>,
    /// Creations, for repeated requests.
    pub creations: Collection<Document>,
}

impl Collections {
    pub fn of(database: &Database, schema: Schema) -> Self {
        let collection = |suffix: &str| database.collection(&format!("{}{suffix}", schema.collection));
        Self { schema, records: collection(""), trash: collection("_deleted"), creations: collection("_created") }
    }

    /// Restricts `filter` to documents that are records, because other programs may store other documents in the
    /// collection. It uses an expression: a plain `$type` also matches a list with a string in it.
    pub fn records_of(&self, mut filter: Document) -> Document {
        let is = |field: String, kind: &str| doc! { "$eq": [{ "$type": field }, kind] };
        let searched = format!("${}", self.schema.searched);
        filter.insert("$expr", doc! { "$and": [is("$_id".into(), "objectId"), is(searched, "string")] });
        filter
    }

    pub fn by_id(&self, id: RecordId) -> Document {
        self.records_of(doc! { "_id": ObjectId::from_bytes(id.0) })
    }

    /// Returns the projection for records. Other fields of a document may be large.
    pub fn fields(&self) -> Document {
        self.schema.fields().map(|name| (name.to_owned(), 1.into())).collect()
    }
}
