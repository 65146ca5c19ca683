//! The contract of a store. It runs against both stores: MongoDB over its wire protocol, and the embedded one. Most tests
//! use items; `tasks` uses records of another type.

use std::sync::Arc;
use std::time::Duration;

use app::items::{Item, ItemDraft, ReadItems};
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{Document, doc};
use http::request::Parts;
use portcullis::record::{ListQuery, ListRequest, Page, Record, Stored, Valid};
use portcullis::{Access, AppError, Caller, Right, Scopes};
use portcullis_server::config::DatabaseUrl;
use portcullis_server::store::Store;
use portcullis_server::{Authenticate, Permit, test_support};
use portcullis_store::Clock;

use crate::support::app::eventually;
use subject::{Embedded, MINUTE, Mongo, Subject, has_indexes, items, open};

const ISSUER: &str = "https://issuer.example";
const ALL: &str = "read:items write:items delete:items";

/// Authenticates a fixed caller, because tests also get their permits from the gate.
struct LetsIn(Arc<Caller>);

#[async_trait]
impl Authenticate for LetsIn {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        Ok(self.0.clone())
    }
}

/// Returns a permit of this caller.
async fn permit_of<R: Right>(issuer: &str, subject: Option<&str>, scopes: &str) -> Permit<R> {
    let subject = subject.map(str::to_owned);
    let caller = Caller { issuer: issuer.into(), subject, scopes: Scopes::parse(scopes) };
    let gate = test_support::gate(Arc::new(LetsIn(Arc::new(caller))));
    let (request, ()) = http::Request::new(()).into_parts();
    let admitted = gate.admit(&request, Access::SignedIn).await.expect("the caller is let in");
    admitted.permit().expect("the caller has the right")
}

/// Returns a permit of Ada, who may change her own records.
async fn permit<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("ada"), ALL).await
}

/// Returns a permit of Cy, who may change his own records.
async fn other<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("cy"), ALL).await
}

/// Returns a permit of Root, who may change all records.
async fn admin<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("root"), &format!("{ALL} admin:items")).await
}

fn valid(draft: ItemDraft) -> Valid<ItemDraft> {
    draft.validate().expect("a draft that is right")
}

fn lamp() -> Valid<ItemDraft> {
    valid(ItemDraft {
        name: "Lamp".into(),
        description: Some("Bright".into()),
        price: Some(4900),
        currency: Some("EUR".into()),
    })
}

fn named(name: &str) -> Valid<ItemDraft> {
    valid(ItemDraft { name: name.into(), ..ItemDraft::default() })
}

/// Returns a list request with `search`, `sort`, `limit` and `after`.
fn request(search: &str, sort: &str, limit: usize, after: Option<String>) -> ListRequest {
    let query =
        ListQuery { search: Some(search.into()), sort: Some(sort.into()), limit: Some(limit.to_string()), after };
    ListRequest::parse(&query).expect("a request that is right")
}

/// Returns all records of a list, from pages of `limit`.
async fn all_of<R: Record>(
    store: &Arc<dyn Store<R>>,
    read: &Permit<R::Read>,
    search: &str,
    sort: &str,
    limit: usize,
) -> Vec<Stored<R>> {
    let (mut records, mut after) = (Vec::new(), None);
    loop {
        let Page { records: found, next } =
            store.list(read, request(search, sort, limit, after)).await.expect("a page");
        assert!(found.len() <= limit, "{} on a page of {limit}", found.len());
        records.extend(found);
        match next {
            Some(next) => after = Some(next),
            None => return records,
        }
    }
}

/// Returns all items of a list, from pages of `limit`.
async fn all(store: &Arc<dyn Store<ItemDraft>>, search: &str, sort: &str, limit: usize) -> Vec<Item> {
    all_of(store, &permit::<ReadItems>().await, search, sort, limit).await
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

macro_rules! contract {
    ($($store:ident: $subject:ty, $tests:tt;)*) => { $(mod $store { contract!(@tests $subject, $tests); })* };
    (@tests $subject:ty, [$($test:ident),* $(,)?]) => { $(
        #[tokio::test]
        async fn $test() {
            super::$test::<$subject>().await;
        }
    )* };
}

macro_rules! for_both {
    ($tests:tt) => {
        contract! { embedded: crate::store::Embedded, $tests; mongo: crate::store::Mongo, $tests; }
    };
}

mod creations;
mod documents;
mod errors;
mod list;
mod search;
mod subject;
mod task;
mod tasks;
mod trash;
mod writes;
