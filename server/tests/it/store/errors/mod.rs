//! Errors of the database and how they are reported: violated rules, missing features, temporary failures.

mod rules;

use app::items::{ReadItems, WriteItems};
use portcullis::record::Expected;
use portcullis_server::store::{Database, StoreError};
use portcullis_store::OpenError;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

use super::*;
use crate::support::{App, Issuer, OURS, claims};

/// MongoDB supports one fail point at a time.
static FAILING: Mutex<()> = Mutex::const_new(());

/// Makes commands fail on the connections of one store only.
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

    /// Creates a separate database. Returns its name, and a URI whose commands can be made to fail.
    fn url(&self) -> (String, String) {
        let name = format!("portcullis_test_{}", ObjectId::new());
        let server = server();
        // The test needs an expired timeout. Its length does not matter.
        let url = format!("{}/{name}?appName={}&serverSelectionTimeoutMS=500", server.trim_end_matches('/'), self.app);
        (name, url)
    }

    /// Makes `commands` fail as described by `data`.
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
async fn store_error_is_unavailable_only_if_it_is_temporary() {
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
    // The command "ping" needs no permission, and would succeed.
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
