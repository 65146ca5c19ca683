//! Pages of records. Their cost does not depend on the position in the list.
//!
//! The cost of a page of l records, with the indexes of [`super::upkeep`]:
//!
//! - without a search, or with one word: l + 1 index keys and as many documents, because the index has the order of the
//!   page and is entered at the end of the previous page;
//! - with several words: at most [`Limits::counted`] keys for each of up to four words, to find the rarest one, and
//!   then, if that is rare, the keys and documents of that word;
//! - with several words that are all frequent: besides the counting, up to [`Limits::scan`] keys of the rarest word, to
//!   find the last possible position of the page, and then up to as many keys again, with their documents. If they do
//!   not fill the page, it ends early, and its `next` is the position where reading stopped.
//!
//! MongoDB gets the time limit of the operation, and stops then, too.

use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use mongodb::Collection;
use portcullis::record::{ListRequest, Page, Position, Record, RecordId, Sort};
use portcullis_server::store::StoreError;

use super::collections::Collections;
use super::names::{KEY, WORDS};
use super::{TIME_LIMIT, within};
use crate::document::to_record;
use crate::page_size::{self, fitting};
use crate::words::Search;

/// The limits for a search with several words.
#[derive(Clone, Copy)]
pub struct Limits {
    /// A word with this many documents is not rare.
    pub counted: u64,
    /// The number of documents with a frequent word to scan for one page.
    pub scan: u32,
}

impl Limits {
    /// Each takes some ten milliseconds.
    pub const USUAL: Self = Self { counted: 1_000, scan: 10_000 };
    /// The smallest limits: enough to see whether the database supports the query.
    pub const PROBE: Self = Self { counted: 1, scan: 1 };
    /// The number of words to count. Few words of a search make a difference.
    pub const TRIED: usize = 4;
}

/// Returns the page for `request`.
pub async fn list<R: Record>(
    collections: &Collections,
    request: &ListRequest,
    limits: Limits,
) -> Result<Page<R>, StoreError> {
    let Found { documents, border } = find(collections, request, limits).await?;
    let limit = request.limit();
    // A document that is not a record leaves its place on the page empty.
    let records: Vec<_> = documents.iter().take(limit).map(to_record).collect();
    let read = || documents.iter().zip(&records).enumerate().filter(|(_, (_, record))| record.is_some());
    let fitting = fitting(read().map(|(_, (document, _))| page_size::bytes(collections.schema, document)));
    let end = read().nth(fitting).map_or(limit, |(end, _)| end);
    let next =
        if documents.len() > end { end.checked_sub(1).and_then(|last| documents.get(last).cloned()) } else { border };
    Ok(Page {
        records: records.into_iter().take(end).flatten().collect(),
        next: next.as_ref().and_then(|last| position(last, request.sort())).map(|last| request.cursor(&last)),
    })
}

/// The documents for a page.
pub struct Found {
    /// One more than fits, if there is a next page.
    documents: Vec<Document>,
    /// The last possible position of the page, although there may be more documents.
    border: Option<Document>,
}

/// Finds the documents for the page of `request`.
pub async fn find(collections: &Collections, request: &ListRequest, limits: Limits) -> Result<Found, StoreError> {
    let Collections { records, .. } = collections;
    let search = Search::of(request.search());
    // Pairs of characters are not enough for these, so the name itself is compared.
    let runs: Vec<Document> = search.long_runs().map(|run| doc! { KEY: { "$regex": run } }).collect();
    let several = search.words().len() > 1 || !runs.is_empty();
    let Rarest { word, is_rare } = match several {
        true => rarest(records, search.words(), limits).await?,
        false => Rarest { word: search.words().first(), is_rare: true },
    };
    let mut order = Order::of(collections, request, word);
    // The last possible position is determined before the page is read. Concurrent changes cannot move a record past
    // it.
    let border = match is_rare {
        true => None,
        false => order.nth(records, limits.scan).await?,
    };
    if let Some(border) = &border {
        order.end_at(border);
    }
    let one_more = i64::try_from(request.limit() + 1).unwrap_or(i64::MAX);
    let mut shown = collections.fields();
    shown.insert(KEY, 1);
    let mut all = doc! { WORDS: { "$all": search.words() } };
    if !runs.is_empty() {
        all.insert("$and", runs);
    }
    let documents = within(async {
        if several {
            let pipeline = [
                doc! { "$match": &order.filter },
                doc! { "$sort": &order.sort },
                // It keeps MongoDB from choosing another word's index. Twice the limit, so that it does not cut off
                // documents before the border.
                doc! { "$limit": 2 * limits.scan },
                doc! { "$match": all },
                doc! { "$limit": one_more },
                doc! { "$project": shown },
            ];
            records.aggregate(pipeline).max_time(TIME_LIMIT).await?.try_collect().await
        } else {
            let find = records.find(order.filter.clone()).sort(order.sort.clone()).limit(one_more);
            find.projection(shown).max_time(TIME_LIMIT).await?.try_collect().await
        }
    })
    .await?;
    Ok(Found { documents, border })
}

/// The start of a page and its order.
pub struct Order {
    pub filter: Document,
    pub sort: Document,
}

impl Order {
    /// Returns the order of `request` among the records with `word`, or among all records.
    pub fn of(collections: &Collections, request: &ListRequest, word: Option<&String>) -> Self {
        let (field, direction) = match request.sort() {
            Sort::Newest => ("_id", -1),
            Sort::Oldest => ("_id", 1),
            Sort::Name => (KEY, 1),
        };
        let beyond = if direction > 0 { "$gt" } else { "$lt" };
        let from = match (request.after(), request.sort()) {
            (Some(Position::Id(id)), _) => doc! { beyond: ObjectId::from_bytes(id.0) },
            (Some(Position::Name(key)), _) => doc! { beyond: key },
            // The ends of the ranges of ids and keys, so that the index is entered there.
            (None, Sort::Newest) => doc! { "$lte": ObjectId::from_bytes([0xff; 12]) },
            (None, Sort::Oldest) => doc! { "$gte": ObjectId::from_bytes([0; 12]) },
            (None, Sort::Name) => doc! { "$gte": "" },
        };
        let mut filter = doc! { field: from };
        match word {
            Some(word) => _ = filter.insert(WORDS, word),
            // Only records have our field, and with it an index must cover the whole filter.
            None if field == "_id" => filter = collections.records_of(filter),
            None => {}
        }
        Self { filter, sort: doc! { field: direction } }
    }

    /// Returns the `n`th document, if there is one: its id and its position in the order.
    async fn nth(&self, records: &Collection<Document>, n: u32) -> Result<Option<Document>, StoreError> {
        let found = records.find(self.filter.clone()).sort(self.sort.clone()).skip(u64::from(n) - 1).limit(1);
        within(async { found.projection(doc! { KEY: 1 }).max_time(TIME_LIMIT).await?.try_next().await }).await
    }

    /// Ends the page with the document `last`.
    fn end_at(&mut self, last: &Document) {
        for (field, direction) in &self.sort {
            let place = if field == KEY { key(last).map(Bson::from) } else { last.get(field).cloned() };
            let until = if direction.as_i32() == Some(1) { "$lte" } else { "$gte" };
            if let (Some(place), Ok(from)) = (place, self.filter.get_document_mut(field)) {
                from.insert(until, place);
            }
        }
    }
}

/// Returns the key of `document` in the order by name.
fn key(document: &Document) -> Option<&str> {
    document.get_document(super::names::FIELD).ok()?.get_str("key").ok()
}

/// Returns the position of `document` in the order `sort`.
fn position(document: &Document, sort: Sort) -> Option<Position> {
    match sort {
        Sort::Name => key(document).map(|key| Position::Name(key.to_owned())),
        _ => document.get_object_id("_id").ok().map(|id| Position::Id(RecordId(id.bytes()))),
    }
}

/// The word whose index is used for a search.
struct Rarest<'w> {
    word: Option<&'w String>,
    /// Whether the word is so rare that all its documents can be read.
    is_rare: bool,
}

/// Finds the word with the fewest records, as far as the limits allow.
async fn rarest<'w>(
    records: &Collection<Document>,
    words: &'w [String],
    limits: Limits,
) -> Result<Rarest<'w>, StoreError> {
    let mut best: Option<(u64, &String)> = None;
    for word in words.iter().take(Limits::TRIED) {
        let counting = records.count_documents(doc! { WORDS: word }).limit(limits.counted).max_time(TIME_LIMIT);
        let count = within(counting).await?;
        // Of two frequent words, the longer one is used. It comes first.
        if best.is_none_or(|(least, _)| count < least) {
            best = Some((count, word));
        }
    }
    let is_rare = best.is_some_and(|(least, _)| least < limits.counted);
    Ok(Rarest { word: best.map(|(_, word)| word), is_rare })
}
