//! The maximum size of a page. Its response stays in memory while the client reads it.

use bson::{Bson, Document};

use super::schema::Schema;

/// The maximum size of the text on a page in bytes, unless a single record is larger.
pub const MAX_PAGE_BYTES: usize = 60 * 1024;
/// The size of a record in JSON without its text.
const OTHER_BYTES: usize = 300;

/// Returns the approximate size of the record in `document` on a page, in bytes.
pub fn bytes(schema: Schema, document: &Document) -> usize {
    let texts = schema.own_fields.iter().filter_map(|name| document.get(*name).and_then(Bson::as_str));
    texts.map(str::len).sum::<usize>() + OTHER_BYTES
}

/// Returns the number of records with these `sizes` that fit on a page, but at least one if there are any.
pub fn fitting(sizes: impl Iterator<Item = usize>) -> usize {
    let mut sum = 0;
    let fitting = sizes.take_while(|size| {
        let is_first = sum == 0;
        sum += size;
        is_first || sum <= MAX_PAGE_BYTES
    });
    fitting.count()
}
