//! The contract for records of another type, in a database that has items too.

use app::items::{DeleteItems, ReadItems, WriteItems};
use bson::Bson;
use portcullis::record::{Expected, IdempotencyKey, RecordId};
use portcullis_server::store::StoreError;
use portcullis_store::Registration;
use serde_json::json;

use super::task::{DeleteTasks, ReadTasks, Task, WriteTasks};
use super::*;

const TASKS: &str = "read:tasks write:tasks delete:tasks";

async fn ada<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("ada"), TASKS).await
}

async fn cy<R: Right>(more: &str) -> Permit<R> {
    permit_of(ISSUER, Some("cy"), &format!("{TASKS} {more}")).await
}

/// Opens a database of items and tasks, with `documents` among the tasks.
async fn with<S: Subject>(documents: Vec<Document>) -> S {
    S::open(vec![Registration::of::<ItemDraft>(), Registration::of::<Task>()], "tasks", documents).await
}

fn tasks(subject: &impl Subject) -> Arc<dyn Store<Task>> {
    subject.database().store().expect("the database was opened for tasks")
}

fn titled(title: &str) -> Task {
    Task { title: title.into(), ..Task::default() }
}

fn shopping() -> Task {
    Task { title: "Shopping".into(), is_done: true, stars: Some(3), due: Some("2026-11-26".into()) }
}

fn valid(task: &Task) -> Valid<Task> {
    task.validate().expect("valid")
}

async fn titles(store: &Arc<dyn Store<Task>>, search: &str, sort: &str) -> Vec<String> {
    let found = all_of(store, &ada::<ReadTasks>().await, search, sort, 2).await;
    found.into_iter().map(|task| task.fields.title).collect()
}

async fn created_task_is_read_back_and_stored_by_type<S: Subject>() {
    let subject = with::<S>(vec![]).await;
    let store = tasks(&subject);
    let made = store.create(&ada::<WriteTasks>().await, valid(&shopping()), None).await.expect("created");
    assert_eq!((&made.fields, made.owner.as_ref().map(|owner| owner.subject.as_str())), (&shopping(), Some("ada")));
    assert_eq!(store.get(&ada::<ReadTasks>().await, made.id).await.expect("read"), made);
    let page = store.list(&ada::<ReadTasks>().await, request("", "newest", 5, None)).await.expect("a page");
    let json = serde_json::to_value(&page).expect("JSON");
    assert_eq!(json["tasks"][0]["due"], json!("2026-11-26"));
    assert_eq!(serde_json::from_value::<Page<Task>>(json).expect("a page"), page);
    drop(store);
    let document = subject.document(ObjectId::from_bytes(made.id.0)).await;
    assert_eq!(document.get("is_done"), Some(&Bson::Boolean(true)));
    assert_eq!((document.get("stars"), document.get("title")), (Some(&Bson::Int64(3)), Some(&"Shopping".into())));
}

async fn tasks_are_searched_and_sorted_by_title<S: Subject>() {
    let task = |title: &str| doc! { "_id": ObjectId::new(), "title": title, "name": "Zebra" };
    let other = doc! { "_id": ObjectId::new(), "name": "No title" };
    let subject = with::<S>(vec![task("walk the dog"), other, task("\u{c9}clair"), task("Walk")]).await;
    subject.ready().await;
    let store = tasks(&subject);
    assert_eq!(titles(&store, "", "name").await, ["\u{c9}clair", "Walk", "walk the dog"]);
    assert_eq!(titles(&store, "", "newest").await, ["Walk", "\u{c9}clair", "walk the dog"]);
    assert_eq!(titles(&store, "wal", "oldest").await, ["walk the dog", "Walk"]);
    assert_eq!(titles(&store, "dog walk", "name").await, ["walk the dog"]);
    assert!(titles(&store, "zebra", "name").await.is_empty());
    let write = ada::<WriteTasks>().await;
    store.create(&write, valid(&titled("Walk again")), None).await.expect("created");
    assert_eq!(titles(&store, "again", "name").await, ["Walk again"]);
}

async fn update_of_older_version_is_refused<S: Subject>() {
    let subject = with::<S>(vec![]).await;
    let (store, write) = (tasks(&subject), ada::<WriteTasks>().await);
    let made = store.create(&write, valid(&shopping()), None).await.expect("created");
    let expected = || Expected::version(made.version.clone());
    let undone = Task { is_done: false, stars: None, ..shopping() };
    let changed = store.update(&write, made.id, expected(), undone.clone()).await.expect("changed");
    assert_eq!((&changed.fields, &changed.created_at), (&undone, &made.created_at));
    let old = store.update(&write, made.id, expected(), shopping()).await;
    assert!(matches!(old, Err(StoreError::Changed)), "{old:?}");
    let wrong = Task { stars: Some(6), ..undone };
    let wrong = store.update(&write, made.id, Expected::Any, wrong).await;
    assert!(matches!(&wrong, Err(StoreError::Invalid(fields)) if fields.get("stars").is_some()), "{wrong:?}");
    assert_eq!(store.get(&ada::<ReadTasks>().await, made.id).await.expect("read"), changed);
}

async fn update_keeps_unknown_and_unreadable_fields<S: Subject>() {
    let id = ObjectId::new();
    let odd = doc! { "_id": id, "title": "Odd", "is_done": "yes", "stars": 9.0, "due": { "day": 1 }, "tags": ["a"] };
    let subject = with::<S>(vec![odd.clone()]).await;
    let store = tasks(&subject);
    let read = store.get(&ada::<ReadTasks>().await, RecordId(id.bytes())).await.expect("read");
    assert_eq!(read.fields, Task { stars: Some(9), ..titled("Odd") });
    let changed = Task { title: "Even".into(), ..read.fields };
    let write = cy::<WriteTasks>("admin:tasks").await;
    let changed = store.update(&write, read.id, Expected::version(read.version), changed).await.expect("changed");
    assert_eq!(changed.title, "Even");
    drop(store);
    let after = subject.document(id).await;
    for field in ["is_done", "stars", "due", "tags"] {
        assert_eq!(after.get(field), odd.get(field), "{field}");
    }
}

async fn repeated_creation_makes_one_task<S: Subject>() {
    let subject = with::<S>(vec![]).await;
    let (store, write) = (tasks(&subject), ada::<WriteTasks>().await);
    let key = || Some(IdempotencyKey::parse("k").expect("a key"));
    let made = store.create(&write, valid(&shopping()), key()).await.expect("created");
    assert_eq!(store.create(&write, valid(&shopping()), key()).await.expect("the same"), made);
    let reused = store.create(&write, valid(&Task { is_done: false, ..shopping() }), key()).await;
    assert!(matches!(reused, Err(StoreError::KeyReused)), "{reused:?}");
    assert_eq!(titles(&store, "", "newest").await, ["Shopping"]);
}

async fn deleted_task_is_restored_by_its_owner<S: Subject>() {
    let subject = with::<S>(vec![]).await;
    let store = tasks(&subject);
    let made = store.create(&ada::<WriteTasks>().await, valid(&shopping()), None).await.expect("created");
    // Changing the records of others requires the admin right of this kind of record.
    let others = store.delete(&cy::<DeleteTasks>("admin:items").await, made.id, Expected::Any).await;
    assert!(matches!(others, Err(StoreError::NotYours)), "{others:?}");
    let delete = ada::<DeleteTasks>().await;
    store.delete(&delete, made.id, Expected::version(made.version.clone())).await.expect("deleted");
    assert!(titles(&store, "", "newest").await.is_empty());
    let others = store.restore(&cy::<DeleteTasks>("").await, made.id).await;
    assert!(matches!(others, Err(StoreError::NotYours)), "{others:?}");
    assert_eq!(store.restore(&delete, made.id).await.expect("restored"), made);
    assert_eq!(titles(&store, "shop", "name").await, ["Shopping"]);
    store.delete(&cy::<DeleteTasks>("admin:tasks").await, made.id, Expected::Any).await.expect("deleted");
    subject.time().goes_on(MINUTE * 11);
    let late = store.restore(&delete, made.id).await;
    assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
}

async fn items_and_tasks_do_not_see_each_other<S: Subject>() {
    let subject = with::<S>(vec![]).await;
    let (items, tasks) = (subject.store(), tasks(&subject));
    let key = || Some(IdempotencyKey::parse("k").expect("a key"));
    let item = items.create(&permit::<WriteItems>().await, lamp(), key()).await.expect("created");
    let task = tasks.create(&ada::<WriteTasks>().await, valid(&titled("Lamp")), key()).await.expect("created");
    assert_eq!(all(&items, "lamp", "name", 5).await, std::slice::from_ref(&item));
    assert_eq!(titles(&tasks, "lamp", "name").await, ["Lamp"]);
    let no_item = items.get(&permit::<ReadItems>().await, task.id).await;
    assert!(matches!(no_item, Err(StoreError::NotFound)), "{no_item:?}");
    let no_task = tasks.get(&ada::<ReadTasks>().await, item.id).await;
    assert!(matches!(no_task, Err(StoreError::NotFound)), "{no_task:?}");
    items.delete(&permit::<DeleteItems>().await, item.id, Expected::Any).await.expect("deleted");
    let no_task = tasks.restore(&ada::<DeleteTasks>().await, item.id).await;
    assert!(matches!(no_task, Err(StoreError::NotFound)), "{no_task:?}");
    assert_eq!(items.restore(&permit::<DeleteItems>().await, item.id).await.expect("restored"), item);
    subject.database().ping().await.expect("it is there");
}

async fn database_opened_for_items_has_no_tasks<S: Subject>() {
    let subject = S::with(vec![]).await;
    assert!(subject.database().store::<Task>().is_none());
    let error = subject.database().records::<Task>().err().expect("there are none");
    assert_eq!(error.status, 500);
}

for_both!([
    created_task_is_read_back_and_stored_by_type,
    tasks_are_searched_and_sorted_by_title,
    update_of_older_version_is_refused,
    update_keeps_unknown_and_unreadable_fields,
    repeated_creation_makes_one_task,
    deleted_task_is_restored_by_its_owner,
    items_and_tasks_do_not_see_each_other,
    database_opened_for_items_has_no_tasks,
]);

#[test]
fn store_error_of_task_names_task_and_its_scopes() {
    let error = |error: StoreError| error.into_app_error::<Task>();
    assert_eq!(error(StoreError::NotFound).message, "Task not found");
    assert_eq!(error(StoreError::NotYours).missing_scopes(), ["admin:tasks"]);
    let conflict = |field: &str| error(StoreError::Conflict { field: Some(field.into()) }).inner.fields;
    assert!(conflict("title").get("title").is_some());
    // The error does not reveal the name of a foreign index.
    assert!(conflict("secret").is_empty());
    let malformed = Task::parse_id("1").expect_err("malformed");
    assert_eq!(malformed.message, "The task id must be 24 hexadecimal digits");
}
