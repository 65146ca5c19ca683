//! What a document keeps for searching and sorting: a field of our own beside those that people have.

use bson::{Document, doc};
use portcullis::record::RecordId;

use crate::schema::Schema;
use crate::words::{Folded, INDEX_VERSION};

/// The field. Its parts: `edition`, the index version; `of`, the name that the rest was made from; `key`, the place in the
/// order by name; `words`, all beginnings of the name's words.
pub const FIELD: &str = "portcullis";
/// The place in the order by name.
pub const KEY: &str = "portcullis.key";
/// The beginnings of words. All of them stand there, so that what begins with "co" lies together in an index, in the
/// order that a page wants.
pub const WORDS: &str = "portcullis.words";

/// The field's value for the record `id` of this `name`: the text of its searched field.
pub fn of(name: &str, id: RecordId) -> Document {
    let folded = Folded::of(name);
    doc! { "edition": INDEX_VERSION, "of": name, "key": folded.key(id), "words": folded.beginnings() }
}

/// Sets the field of `document`, if it is a record.
pub fn set(schema: Schema, document: &mut Document) {
    let id = document.get_object_id("_id").map(|id| RecordId(id.bytes()));
    if let (Ok(id), Ok(name)) = (id, document.get_str(schema.searched).map(str::to_owned)) {
        document.insert(FIELD, of(&name, id));
    }
}

/// The expression that holds for documents whose field is missing, or was made from another name or in another index
/// version.
pub fn is_stale(schema: Schema) -> Document {
    doc! { "$or": [
        { "$ne": ["$portcullis.of", format!("${}", schema.searched)] },
        { "$ne": ["$portcullis.edition", INDEX_VERSION] },
    ] }
}
