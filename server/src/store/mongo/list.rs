//! Pages of items, from wherever they begin, at a cost that does not grow with how deep they lie.
//!
//! What a page costs, with the indexes of [`super::upkeep`] and for a page of l items:
//!
//! - without a search, or with one word: l + 1 keys of an index and as many documents, as the index has them in the
//!   page's order and is entered where the page before ended;
//! - with several words: at most [`COUNTED`] keys for each of up to four words, to learn which is the rarest, and then
//!   at most [`SCAN`] keys and documents of that word. If they do not fill the page, it ends early, and its `next` says
//!   how far it came.

use app::items::{ItemId, ItemPage, ListRequest, Position, Sort};
use app::ssr::items::StoreError;
use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use mongodb::Collection;

use super::names::{KEY, WORDS};
use super::{fields, items_of, within};
use crate::store::document::to_item;
use crate::store::words::Search;

/// How many documents with the rarest word are looked at for one page.
const SCAN: u32 = 10_000;
/// A word with this many documents is not rare.
const COUNTED: u64 = 1_000;
/// How many words are counted.
const TRIED: usize = 4;

/// The page that `request` asks for.
pub async fn list(items: &Collection<Document>, request: &ListRequest) -> Result<ItemPage, StoreError> {
    let search = Search::of(request.search());
    let word = rarest(items, search.words()).await?;
    let order = Order::of(request, word);
    let limit = request.limit();
    let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut shown = fields();
    shown.insert(KEY, 1);
    let several = search.words().len() > 1;
    let found: Vec<Document> = within(async {
        if several {
            let pipeline = [
                doc! { "$match": &order.filter },
                doc! { "$sort": &order.sort },
                doc! { "$limit": SCAN },
                doc! { "$match": { WORDS: { "$all": search.words() } } },
                doc! { "$limit": one_more },
                doc! { "$project": shown },
            ];
            items.aggregate(pipeline).await?.try_collect().await
        } else {
            let find = items.find(order.filter.clone()).sort(order.sort.clone()).limit(one_more);
            find.projection(shown).await?.try_collect().await
        }
    })
    .await?;
    let next = if found.len() > limit {
        found.get(limit - 1).cloned()
    } else if several {
        // The page ends early if there is more behind what was looked at.
        let last = items.find(order.filter).sort(order.sort).skip(u64::from(SCAN) - 1).limit(1);
        within(async { last.projection(doc! { KEY: 1 }).await?.try_next().await }).await?
    } else {
        None
    };
    Ok(ItemPage {
        items: found.iter().take(limit).filter_map(to_item).collect(),
        next: next.as_ref().and_then(|last| position(last, request.sort())).map(|last| request.cursor(&last)),
    })
}

/// Where a page begins, and in which order it goes on.
pub struct Order {
    pub filter: Document,
    pub sort: Document,
}

impl Order {
    /// The order of `request` among the items with `word`, or among all.
    pub fn of(request: &ListRequest, word: Option<&String>) -> Self {
        let (field, direction) = match request.sort() {
            Sort::Newest => ("_id", -1),
            Sort::Oldest => ("_id", 1),
            Sort::Name => (KEY, 1),
        };
        let beyond = if direction > 0 { "$gt" } else { "$lt" };
        let from = match (request.after(), request.sort()) {
            (Some(Position::Id(id)), _) => doc! { beyond: ObjectId::from_bytes(id.0) },
            (Some(Position::Name(key)), _) => doc! { beyond: key },
            // The ends of all ids and keys, so that the index is entered where they are.
            (None, Sort::Newest) => doc! { "$lte": ObjectId::from_bytes([0xff; 12]) },
            (None, Sort::Oldest) => doc! { "$gte": ObjectId::from_bytes([0; 12]) },
            (None, Sort::Name) => doc! { "$gte": "" },
        };
        let mut filter = doc! { field: from };
        match word {
            Some(word) => _ = filter.insert(WORDS, word),
            // Our field stands in items alone, and where it does an index must answer the whole filter.
            None if field == "_id" => filter = items_of(filter),
            None => {}
        }
        Self { filter, sort: doc! { field: direction } }
    }
}

/// The position of `document` in the order `sort`.
fn position(document: &Document, sort: Sort) -> Option<Position> {
    match sort {
        Sort::Name => {
            let key = document.get_document(super::names::FIELD).ok()?.get("key").and_then(Bson::as_str)?;
            Some(Position::Name(key.to_owned()))
        }
        _ => document.get_object_id("_id").ok().map(|id| Position::Id(ItemId(id.bytes()))),
    }
}

/// The word that the fewest items have, as far as it is worth knowing.
async fn rarest<'w>(items: &Collection<Document>, words: &'w [String]) -> Result<Option<&'w String>, StoreError> {
    if words.len() < 2 {
        return Ok(words.first());
    }
    let mut best: Option<(u64, &String)> = None;
    for word in words.iter().take(TRIED) {
        let count = within(items.count_documents(doc! { WORDS: word }).limit(COUNTED)).await?;
        // Of two that are frequent the longer one, which comes first.
        if best.is_none_or(|(least, _)| count < least) {
            best = Some((count, word));
        }
    }
    Ok(best.map(|(_, word)| word))
}
