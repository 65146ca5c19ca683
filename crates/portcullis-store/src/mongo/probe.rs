//! Whether the database has what requests use: each kind of query and write is sent once, to documents that are not
//! there. A database that speaks MongoDB's protocol does not have to know all of its language.

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, doc};
use portcullis::record::{ListQuery, ListRequest, Position, RecordId};
use portcullis_server::store::StoreError;

use super::collections::Collections;
use super::writes::{change, unchanged};
use super::{creations, insert, list, names, trash, within};

/// An id that nothing has: MongoDB's are never zero.
const NOTHING: RecordId = RecordId([0; 12]);

/// Reads what requests read.
///
/// # Errors
/// What a request would get now.
pub async fn read(collections: &Collections) -> Result<(), StoreError> {
    let Collections { records, trash, creations, .. } = collections;
    let nothing = doc! { "_id": ObjectId::from_bytes(NOTHING.0) };
    within(records.find_one(collections.by_id(NOTHING)).projection(collections.fields())).await?;
    within(trash.find_one(nothing.clone())).await?;
    within(creations.find_one(nothing)).await?;
    Ok(())
}

/// Does once, to nothing, what requests do.
///
/// # Errors
/// [`StoreError::Unsupported`], with the command that the database refused, and [`StoreError::Unavailable`] when it does
/// not answer. What is refused for lack of rights is no error: rights can be given while the server runs.
pub async fn run(collections: &Collections) -> Result<(), StoreError> {
    let Collections { schema, records, trash, creations } = collections;
    let (id, now) = (ObjectId::new(), DateTime::now());
    let by_entry = doc! { "_id": id };
    // Every kind of value, as each is asked for in another way.
    let sample = doc! { "_id": id, schema.searched: "none", "owner": Bson::Undefined, "created_at": [1] };
    let mut set = doc! { "updated_at": now };
    set.insert(names::FIELD, names::of("none", NOTHING));

    step("find", read(collections)).await?;
    // One word is a find; two are counted, and read by an aggregation.
    for (command, search) in [("find", ""), ("find", "a"), ("aggregate", "a b")] {
        step(command, list::find(collections, &beyond(search)?, list::Limits::PROBE)).await?;
    }
    step("findAndModify", change(collections, &sample, doc! { "$set": set, "$unset": { "owner": "" } })).await?;
    step("findAndModify", within(records.find_one_and_delete(unchanged(collections, &sample)))).await?;
    step("find", trash::entry(trash, NOTHING)).await?;
    step("update", within(trash.update_one(by_entry.clone(), doc! { "$unset": { "done": "" } }))).await?;
    step("delete", within(trash.delete_one(by_entry.clone()))).await?;
    let name = Binary { subtype: BinarySubtype::Generic, bytes: id.bytes().to_vec() };
    // Expired already: should this end before it is deleted, the index of these records removes it.
    let record = doc! { "_id": &name, "created_at": DateTime::from_millis(0) };
    step("insert", insert(creations, &record)).await?;
    step("delete", within(creations.delete_one(creations::expired(&name, now)))).await?;
    let stale = doc! { "_id": id, "$expr": names::is_stale(*schema), schema.searched: { "$type": "string" } };
    step("find", within(records.find_one(stale).projection(doc! { schema.searched: 1 }))).await?;
    Ok(())
}

/// The request for the page after the last one: it is entered by the index of ids, which is always there.
fn beyond(search: &str) -> Result<ListRequest, StoreError> {
    let parse = |after| ListRequest::parse(&ListQuery { search: Some(search.into()), after, ..ListQuery::default() });
    let request = parse(None).and_then(|first| parse(Some(first.cursor(&Position::Id(NOTHING)))));
    request.map_err(|error| StoreError::Failed(error.to_string()))
}

/// Runs one step, and adds the name of its `command` to what the database says.
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
