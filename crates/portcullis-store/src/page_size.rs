//! How large a page may be. Its response waits in memory as long as the client takes to read it.

use bson::{Bson, Document};

use super::schema::Schema;

/// How many bytes of text are on a page at most, unless a single record has more.
pub const MAX_PAGE_BYTES: usize = 60 * 1024;
/// What a record takes besides its texts, as JSON.
const OTHER_BYTES: usize = 300;

/// Returns about how many bytes the record in `document` takes on a page.
pub fn bytes(schema: Schema, document: &Document) -> usize {
    let texts = schema.own_fields.iter().filter_map(|name| document.get(*name).and_then(Bson::as_str));
    texts.map(str::len).sum::<usize>() + OTHER_BYTES
}

/// Returns how many records of these `sizes` fit on a page: one at least, if there are any.
pub fn fitting(sizes: impl Iterator<Item = usize>) -> usize {
    let mut sum = 0;
    let fitting = sizes.take_while(|size| {
        let is_first = sum == 0;
        sum += size;
        is_first || sum <= MAX_PAGE_BYTES
    });
    fitting.count()
}
