//! What the database refuses, and what is said of it: by the rules of its owner, for lack of something, for now.

use app::items::{DeleteItems, ReadItems, WriteItems};
use http::Method;
use mongodb::IndexModel;
use mongodb::options::IndexOptions;
use portcullis::record::{Expected, IdempotencyKey};
use portcullis_server::store::{Database, StoreError};
use portcullis_store::OpenError;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

use super::*;
use crate::support::{App, Issuer, OURS, claims};

/// MongoDB has one failing command at a time.
static FAILING: Mutex<()> = Mutex::const_new(());

/// Makes commands of the connections of one store fail, and no others.
struct Failing {
    admin: mongodb::Database,
    app: String,
    _alone: MutexGuard<'static, ()>,
}

fn server() -> String {
    std::env::var("PORTCULLIS_TEST_MONGODB").expect("PORTCULLIS_TEST_MONGODB must name a MongoDB")
}

impl Failing {
    async fn new() -> Self {
        let alone = FAILING.lock().await;
        let client = mongodb::Client::with_uri_str(server()).await.expect("a URI");
        Self { admin: client.database("admin"), app: format!("test-{}", ObjectId::new()), _alone: alone }
    }

    /// Opens a database whose commands fail.
    async fn open(&self) -> Result<Database, OpenError> {
        let (name, url) = self.url();
        let store = open(DatabaseUrl::Mongo(url), Clock::system()).await?;
        has_indexes(&self.admin.client().database(&name), "items").await;
        Ok(store)
    }

    /// A database of its own: its name, and a URI by which its commands fail.
    fn url(&self) -> (String, String) {
        let name = format!("portcullis_test_{}", ObjectId::new());
        let server = server();
        // Not primary for long enough is what is tested, and not how long that is.
        let url = format!("{}/{name}?appName={}&serverSelectionTimeoutMS=500", server.trim_end_matches('/'), self.app);
        (name, url)
    }

    /// Lets `commands` fail from now on, in the way that `data` says.
    async fn start(&self, commands: &[&str], mut data: Document) {
        data.extend(doc! { "failCommands": commands.to_vec(), "appName": &self.app });
        let command = doc! { "configureFailPoint": "failCommand", "mode": "alwaysOn", "data": data };
        self.admin.run_command(command).await.expect("configured");
    }

    async fn stop(&self) {
        let command = doc! { "configureFailPoint": "failCommand", "mode": "off" };
        self.admin.run_command(command).await.expect("configured");
    }
}

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
async fn open_without_a_command_or_operator_names_it() {
    // CommandNotFound, an unknown stage, an unknown operator, NotImplemented.
    for (command, code) in [("findAndModify", 59), ("aggregate", 40_324), ("find", 168), ("update", 238)] {
        let failing = Failing::new().await;
        failing.start(&[command], doc! { "errorCode": code }).await;
        let error = failing.open().await.err();
        failing.stop().await;
        let error = error.unwrap_or_else(|| panic!("{command} is missing"));
        assert!(matches!(error, OpenError::Unsupported { .. }), "{command}: {error:?}");
        assert!(error.to_string().contains(command) && error.to_string().contains(&code.to_string()), "{error}");
    }
}

#[tokio::test]
async fn only_what_passes_by_itself_is_unavailable() {
    let failing = Failing::new().await;
    let store = items(&failing.open().await.expect("it opens"));
    let (read, write) = (permit::<ReadItems>().await, permit::<WriteItems>().await);
    let made = store.create(&write, lamp(), None).await.expect("created");
    // Not primary, too slow, shutting down, no connection.
    let temporary = [10_107, 50, 91, 11_600].map(|code| doc! { "errorCode": code });
    for data in temporary.into_iter().chain([doc! { "closeConnection": true }]) {
        failing.start(&["find", "insert", "aggregate", "findAndModify"], data.clone()).await;
        let outcomes = [
            store.get(&read, made.id).await.err(),
            store.list(&read, request("a b", "name", 5, None)).await.err(),
            store.create(&write, lamp(), None).await.err(),
            store.update(&write, made.id, Expected::Any, lamp().into_fields()).await.err(),
        ];
        failing.stop().await;
        for outcome in outcomes {
            assert!(matches!(outcome, Some(StoreError::Unavailable(_))), "{data}: {outcome:?}");
        }
    }
    // Unauthorized, InternalError, CommandNotFound.
    for code in [13, 1, 59] {
        failing.start(&["find", "insert"], doc! { "errorCode": code }).await;
        let outcomes = [store.get(&read, made.id).await.err(), store.create(&write, lamp(), None).await.err()];
        failing.stop().await;
        for outcome in outcomes {
            assert!(matches!(outcome, Some(StoreError::Failed(_) | StoreError::Unsupported(_))), "{code}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn ping_without_rights_fails_as_requests_do() {
    let failing = Failing::new().await;
    let store = failing.open().await.expect("it opens");
    store.ping().await.expect("ready");
    // The command "ping" needs none, and would answer.
    failing.start(&["find"], doc! { "errorCode": 13 }).await;
    let without = store.ping().await;
    failing.stop().await;
    assert!(matches!(without, Err(StoreError::Failed(_))), "{without:?}");
    store.ping().await.expect("ready");
}

#[tokio::test]
async fn open_without_rights_is_not_ready_until_it_has_them() {
    let failing = Failing::new().await;
    failing.start(&["find", "aggregate", "findAndModify", "update", "delete"], doc! { "errorCode": 13 }).await;
    let opened = failing.open().await;
    let without = match &opened {
        Ok(store) => store.ping().await,
        Err(error) => panic!("{error}"),
    };
    failing.stop().await;
    assert!(without.is_err());
    opened.expect("it opened").ping().await.expect("ready");
}

#[tokio::test]
async fn readyz_without_rights_says_that_the_store_is_not() {
    let (failing, issuer) = (Failing::new().await, Issuer::start(&[&OURS]).await);
    let (_, url) = failing.url();
    failing.start(&["find", "aggregate"], doc! { "errorCode": 13 }).await;
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("DATABASE_URL", url.as_str())];
    let app = App::try_start(&variables).await.expect("it starts");
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    let (ready, list) = (app.get("/readyz", None).await, app.get("/api/items", Some(&token)).await);
    failing.stop().await;
    assert_eq!((ready.status, &ready.json()["store"]), (503, &json!(false)), "{}", ready.text);
    assert_eq!((list.error().0, list.error().1.as_str()), (500, "internal"));
}

#[tokio::test]
async fn start_without_an_operator_ends_with_its_name() {
    let (failing, issuer) = (Failing::new().await, Issuer::start(&[&OURS]).await);
    let (_, url) = failing.url();
    failing.start(&["aggregate"], doc! { "errorCode": 168 }).await;
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("DATABASE_URL", url.as_str())];
    let started = App::try_start(&variables).await;
    failing.stop().await;
    let error = started.err().expect("it does not start").to_string();
    assert!(error.contains("DATABASE_URL") && error.contains("aggregate"), "{error}");
    assert!(!error.contains("mongodb://"), "{error}");
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
