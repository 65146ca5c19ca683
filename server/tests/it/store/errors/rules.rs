//! Rules that the owner of a database sets: unique indexes and validators.

use app::items::{DeleteItems, ReadItems, WriteItems};
use http::Method;
use mongodb::IndexModel;
use mongodb::options::IndexOptions;
use portcullis::record::{Expected, IdempotencyKey};
use portcullis_server::store::StoreError;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use super::*;
use crate::support::{App, Issuer, OURS, claims};

async fn unique_names() -> Mongo {
    let subject = Mongo::with(vec![]).await;
    let unique = IndexOptions::builder().unique(true).build();
    let index = IndexModel::builder().keys(doc! { "name": 1 }).options(unique).build();
    subject.items.create_index(index).await.expect("an index");
    subject
}

fn is_conflict_of_name<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict { field: Some(field) }) if field == "name")
}

#[tokio::test]
async fn create_duplicate_of_unique_index_is_a_conflict() {
    let store = unique_names().await.store();
    let write = permit::<WriteItems>().await;
    store.create(&write, lamp(), None).await.expect("created");
    for key in [None, Some(IdempotencyKey::parse("k").expect("a key"))] {
        for _ in 0..2 {
            let again = store.create(&write, lamp(), key.clone()).await;
            assert!(is_conflict_of_name(&again), "{again:?}");
        }
    }
    assert_eq!(all(&store, "", "newest", 5).await.len(), 1);
}

#[tokio::test]
async fn update_to_duplicate_of_unique_index_is_a_conflict() {
    let store = unique_names().await.store();
    let write = permit::<WriteItems>().await;
    store.create(&write, lamp(), None).await.expect("created");
    let torch = store.create(&write, named("Torch"), None).await.expect("created");
    let changed = store.update(&write, torch.id, Expected::Any, lamp().into_fields()).await;
    assert!(is_conflict_of_name(&changed), "{changed:?}");
    assert_eq!(store.get(&permit::<ReadItems>().await, torch.id).await.expect("read"), torch);
}

#[tokio::test]
async fn restore_of_taken_name_is_a_conflict_until_it_is_free() {
    let store = unique_names().await.store();
    let (write, delete) = (permit::<WriteItems>().await, permit::<DeleteItems>().await);
    let made = store.create(&write, lamp(), None).await.expect("created");
    store.delete(&delete, made.id, Expected::Any).await.expect("deleted");
    let other = store.create(&write, lamp(), None).await.expect("created");
    let taken = store.restore(&delete, made.id).await;
    assert!(is_conflict_of_name(&taken), "{taken:?}");
    store.update(&write, other.id, Expected::Any, named("Torch").into_fields()).await.expect("changed");
    assert_eq!(store.restore(&delete, made.id).await.expect("restored"), made);
}

#[tokio::test]
async fn write_against_a_rule_of_the_collection_is_rejected() {
    let subject = Mongo::with(vec![doc! { "_id": ObjectId::new(), "name": "Old lamp" }]).await;
    let rule = doc! { "collMod": "items", "validator": { "price": { "$not": { "$gt": 1000 } } } };
    subject.database.run_command(rule).await.expect("a rule");
    let store = subject.store();
    let write = permit::<WriteItems>().await;
    for key in [None, Some(IdempotencyKey::parse("k").expect("a key"))] {
        let refused = store.create(&write, lamp(), key).await;
        assert!(matches!(refused, Err(StoreError::Rejected)), "{refused:?}");
    }
    let torch = store.create(&write, named("Torch"), None).await.expect("created");
    let refused = store.update(&write, torch.id, Expected::Any, lamp().into_fields()).await;
    assert!(matches!(refused, Err(StoreError::Rejected)), "{refused:?}");
    assert_eq!(store.get(&permit::<ReadItems>().await, torch.id).await.expect("read"), torch);
}

#[tokio::test]
async fn rules_of_the_database_answer_409_and_422() {
    let (subject, issuer) = (unique_names().await, Issuer::start(&[&OURS]).await);
    let url = format!("{}/{}", server().trim_end_matches('/'), subject.database.name());
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("DATABASE_URL", url.as_str())];
    let app = App::try_start(&variables).await.expect("it starts");
    let token = OURS.sign(&claims(issuer.url(), json!({"scope": "read:items write:items"})));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
    let send = async |method, path: &str, body: &str| app.send(method, path, &headers, Some(body)).await;
    assert_eq!(send(Method::POST, "/api/items", r#"{"name":"Lamp"}"#).await.status, 201);
    let torch = send(Method::POST, "/api/items", r#"{"name":"Torch"}"#).await;
    let torch = torch.header("location").to_owned();
    for taken in [
        send(Method::POST, "/api/items", r#"{"name":"Lamp"}"#).await,
        send(Method::PUT, &torch, r#"{"name":"Lamp"}"#).await,
    ] {
        assert_eq!((taken.error().0, taken.error().1.as_str()), (409, "conflict"));
        assert_eq!(taken.json()["inner"]["fields"], json!({"name": "This value is already in use. Choose another"}));
    }
    let rule = doc! { "collMod": "items", "validator": { "price": { "$not": { "$gt": 1000 } } } };
    subject.database.run_command(rule).await.expect("a rule");
    let dear = r#"{"name":"Dear","price":2000,"currency":"EUR"}"#;
    for refused in [send(Method::POST, "/api/items", dear).await, send(Method::PUT, &torch, dear).await] {
        assert_eq!((refused.error().0, refused.error().1.as_str()), (422, "rejected_by_database"));
        assert!(!refused.text.contains("2000"), "{}", refused.text);
    }
}
