//! The additional field of a document for searching and sorting.

use bson::{Document, doc};
use portcullis::record::RecordId;

use crate::schema::Schema;
use crate::words::{Folded, INDEX_VERSION};

/// The name of the field. Its parts: `edition`, the index version; `of`, the name that the rest is derived from; `key`,
/// the key in the order by name; `words`, all beginnings of the name's words.
pub const FIELD: &str = "portcullis";
/// The key in the order by name.
pub const KEY: &str = "portcullis.key";
/// The beginnings of words. An index on them has all names with a word that begins with "co" next to each other, in the
/// order of a page.
pub const WORDS: &str = "portcullis.words";

/// Returns the value of the field for the record `id` with this `name` (the searched field).
pub fn of(name: &str, id: RecordId) -> Document {
    let folded = Folded::of(name);
    doc! { "edition": INDEX_VERSION, "of": name, "key": folded.key(id), "words": folded.beginnings() }
}

/// Sets the field in `document`, if that is a record.
pub fn set(schema: Schema, document: &mut Document) {
    let id = document.get_object_id("_id").map(|id| RecordId(id.bytes()));
    if let (Ok(id), Ok(name)) = (id, document.get_str(schema.searched).map(str::to_owned)) {
        document.insert(FIELD, of(&name, id));
    }
}

/// Returns an expression that matches documents in which the field is missing, or is derived from another name or with
/// another index version.
pub fn is_stale(schema: Schema) -> Document {
    doc! { "$or": [
        { "$ne": ["$portcullis.of", format!("${}", schema.searched)] },
        { "$ne": ["$portcullis.edition", INDEX_VERSION] },
    ] }
}
