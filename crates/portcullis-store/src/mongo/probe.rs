//! Checks whether the database supports the operations of requests: each kind of query and write is sent once, for
//! documents that do not exist. A database with MongoDB's protocol may support only a part of it.

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, doc};
use portcullis::record::{ListQuery, ListRequest, Position, RecordId};
use portcullis_server::store::StoreError;

use super::collections::Collections;
use super::writes::{change, unchanged};
use super::{creations, insert, list, names, trash, within};

/// An id that does not exist: MongoDB never generates zero.
const NOTHING: RecordId = RecordId([0; 12]);

/// Does the same reads as a request.
///
/// # Errors
/// [`StoreError`], as a request would get it now.
pub async fn read(collections: &Collections) -> Result<(), StoreError> {
    let Collections { records, trash, creations, .. } = collections;
    let nothing = doc! { "_id": ObjectId::from_bytes(NOTHING.0) };
    within(records.find_one(collections.by_id(NOTHING)).projection(collections.fields())).await?;
    within(trash.find_one(nothing.clone())).await?;
    within(creations.find_one(nothing)).await?;
    Ok(())
}

/// Runs each operation of a request once, for a document that does not exist.
///
/// # Errors
/// [`StoreError::Unsupported`] with the command that the database rejected, and [`StoreError::Unavailable`] if it is
/// down. A missing permission is not an error, because it can be granted while the server runs.
pub async fn run(collections: &Collections) -> Result<(), StoreError> {
    let Collections { schema, records, trash, creations } = collections;
    let (id, now) = (ObjectId::new(), DateTime::now());
    let by_entry = doc! { "_id": id };
    // All kinds of values, because each has its own comparison.
    let sample = doc! { "_id": id, schema.searched: "none", "owner": Bson::Undefined, "created_at": [1] };
    let mut set = doc! { "updated_at": now };
    set.insert(names::FIELD, names::of("none", NOTHING));

    step("find", read(collections)).await?;
    // A search with one word is a find. Two words are counted, and read by an aggregation.
    for (command, search) in [("find", ""), ("find", "a"), ("aggregate", "a b")] {
        step(command, list::find(collections, &beyond(search)?, list::Limits::PROBE)).await?;
    }
    step("findAndModify", change(collections, &sample, doc! { "$set": set, "$unset": { "owner": "" } })).await?;
    step("findAndModify", within(records.find_one_and_delete(unchanged(collections, &sample)))).await?;
    step("find", trash::entry(trash, NOTHING)).await?;
    step("update", within(trash.update_one(by_entry.clone(), doc! { "$unset": { "done": "" } }))).await?;
    step("delete", within(trash.delete_one(by_entry.clone()))).await?;
    let name = Binary { subtype: BinarySubtype::Generic, bytes: id.bytes().to_vec() };
    // The record is already expired: if this ends before it is deleted, the index with the lifetime removes it.
    let record = doc! { "_id": &name, "created_at": DateTime::from_millis(0) };
    step("insert", insert(creations, &record)).await?;
    step("delete", within(creations.delete_one(creations::expired(&name, now)))).await?;
    let stale = doc! { "_id": id, "$expr": names::is_stale(*schema), schema.searched: { "$type": "string" } };
    step("find", within(records.find_one(stale).projection(doc! { schema.searched: 1 }))).await?;
    Ok(())
}

/// Returns a request for a page after the last one. It uses the index of ids, which always exists.
fn beyond(search: &str) -> Result<ListRequest, StoreError> {
    let parse = |after| ListRequest::parse(&ListQuery { search: Some(search.into()), after, ..ListQuery::default() });
    let request = parse(None).and_then(|first| parse(Some(first.cursor(&Position::Id(NOTHING)))));
    request.map_err(|error| StoreError::Failed(error.to_string()))
}

/// Runs one step, and adds the name of its `command` to the error.
async fn step<T>(command: &str, step: impl Future<Output = Result<T, StoreError>>) -> Result<(), StoreError> {
    match step.await {
        Ok(_) => Ok(()),
        Err(StoreError::Unsupported(text)) => Err(StoreError::Unsupported(format!("{command}: {text}"))),
        Err(error @ StoreError::Unavailable(_)) => Err(error),
        Err(error) => {
            tracing::warn!(%error, command, "the database refused a command that requests need");
            Ok(())
        }
    }
}
