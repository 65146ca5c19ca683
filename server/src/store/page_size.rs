//! How large a page of items may be. Its response waits in memory as long as the client takes to read it.

use app::items::Item;

/// How many bytes of names and descriptions are on a page at most, unless a single item has more.
pub const MAX_PAGE_BYTES: usize = 60 * 1024;
/// What an item takes besides, as JSON.
const OTHER_BYTES: usize = 300;

/// Returns about how many bytes `item` takes on a page.
pub fn bytes(item: &Item) -> usize {
    item.name.len() + item.description.as_ref().map_or(0, String::len) + OTHER_BYTES
}

/// Returns how many of `items` fit on a page: one at least, if there are any.
pub fn fitting<'i>(items: impl Iterator<Item = &'i Item>) -> usize {
    let mut sum = 0;
    let fitting = items.take_while(|item| {
        let is_first = sum == 0;
        sum += bytes(item);
        is_first || sum <= MAX_PAGE_BYTES
    });
    fitting.count()
}
