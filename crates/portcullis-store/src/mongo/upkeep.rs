//! Background work that makes a MongoDB fast: indexes, and our field in the documents of other programs.

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::error::ErrorKind;
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};
use portcullis::record::RecordId;
use portcullis_verifier::supervise::Supervised;

use super::collections::{Collections, RECORD};
use super::errors;
use super::names::{self, KEY, WORDS};
use crate::{KEY_LIFETIME, TRASH_LIFETIME};

/// The pause before the next attempt after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(12);
/// The interval of the search for documents that other programs have added.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(60);
/// The number of documents that are changed concurrently.
const MAX_CONCURRENT_UPDATES: usize = 8;

/// Starts the upkeep of `all`. It stops when the value is dropped, and waits for an unavailable MongoDB.
pub fn start(all: Arc<[Collections]>) -> Supervised {
    Supervised::start("upkeep of MongoDB", move || keep_up(all.clone()))
}

async fn keep_up(all: Arc<[Collections]>) {
    let mut has_started = vec![false; all.len()];
    loop {
        for (collections, has_started) in all.iter().zip(&mut has_started) {
            match round(collections, *has_started).await {
                Ok(()) => *has_started = true,
                Err(error) => {
                    let (error, collection) = (errors::describe(&error), collections.schema.collection);
                    tracing::warn!(error, collection, "could not create or use the indexes");
                }
            }
        }
        tokio::time::sleep(if has_started.iter().all(|started| *started) { UPKEEP_INTERVAL } else { RETRY_INTERVAL })
            .await;
    }
}

/// The first round creates the indexes and checks every document, because other programs may have changed names while
/// no server was running. Later rounds check only documents without our field, which an index finds.
async fn round(collections: &Collections, has_started: bool) -> mongodb::error::Result<()> {
    if has_started {
        return fill(collections, collections.records_of(doc! { KEY: null })).await.map(drop);
    }
    for (collection, index) in indexes(collections) {
        collection.create_index(index).await?;
    }
    let schema = collections.schema;
    let stale = doc! { "$expr": names::is_stale(schema), schema.searched: { "$type": "string" } };
    let refused = fill(collections, stale).await?;
    if refused > 0 {
        let collection = schema.collection;
        let message = "MongoDB lets some documents not be changed: the list by name and searches miss them";
        tracing::warn!(refused, collection, message);
    }
    Ok(())
}

/// Returns all indexes with their collections.
fn indexes(collections: &Collections) -> Vec<(&Collection<Document>, IndexModel)> {
    let index = |name: &str, keys, options: IndexOptions| {
        let mut options = options;
        options.name = Some(name.to_owned());
        IndexModel::builder().keys(keys).options(options).build()
    };
    let usual = IndexOptions::default;
    let expiring = |after| IndexOptions::builder().expire_after(after).build();
    vec![
        // The order by id uses the index that every collection has.
        (&collections.records, index("portcullis_name", doc! { KEY: 1 }, usual())),
        (&collections.records, index("portcullis_words_id", doc! { WORDS: 1, "_id": -1 }, usual())),
        (&collections.records, index("portcullis_words_name", doc! { WORDS: 1, KEY: 1 }, usual())),
        (&collections.trash, index(RECORD, doc! { RECORD: 1 }, usual())),
        (&collections.trash, index("deleted_at", doc! { "deleted_at": 1 }, expiring(TRASH_LIFETIME))),
        (&collections.creations, index("created_at", doc! { "created_at": 1 }, expiring(KEY_LIFETIME))),
    ]
}

/// Updates our field in all records that `filter` finds. Returns the number of documents that MongoDB does not allow to
/// change.
async fn fill(collections: &Collections, filter: Document) -> mongodb::error::Result<u64> {
    let Collections { schema, records, .. } = collections;
    let searched = schema.searched;
    let found = records.find(filter).projection(doc! { searched: 1 }).await?;
    found
        .map_ok(|document| async move {
            let (Ok(id), Ok(name)) = (document.get_object_id("_id"), document.get_str(searched)) else { return Ok(0) };
            // If the name changes now, the request that changes it also updates the field.
            let same = doc! { "_id": id, searched: { "$eq": name } };
            let field = doc! { "$set": { names::FIELD: names::of(name, RecordId(id.bytes())) } };
            match records.update_one(same, field).await {
                // For example a validation rule of the collection. The other documents must still be updated.
                Err(error) if matches!(*error.kind, ErrorKind::Write(_)) => Ok(1),
                changed => changed.map(|_| 0),
            }
        })
        .try_buffer_unordered(MAX_CONCURRENT_UPDATES)
        .try_fold(0, |all, refused| async move { Ok(all + refused) })
        .await
}
