//! Whether an index answers the queries of lists, by what MongoDB says of them itself.
//!
//! SecantusDB's `explain` tells which index it takes and how many keys it reads, but not where it would stop for the
//! limit. So what is asked here holds for both: no key is read before the place where a page begins, nor one too many
//! behind it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bson::oid::ObjectId;
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use portcullis::record::{ListQuery, ListRequest};

use super::list::{Limits, Order};
use super::*;
use crate::test_record::Thing;

const MANY: usize = 1_000;

/// The name of the index that a plan takes.
fn index_of(plan: &Document) -> Option<String> {
    let own = plan.get_str("indexName").ok().map(str::to_owned);
    own.or_else(|| plan.get_document("inputStage").ok().and_then(index_of))
}

fn database(store: &MongoDatabase) -> mongodb::Database {
    store.all[0].records.client().database(&store.all[0].records.namespace().db)
}

struct Explained {
    index: Option<String>,
    keys: i64,
    found: i64,
}

async fn explain(store: &MongoDatabase, request: &ListRequest, word: Option<&String>) -> Explained {
    let Order { filter, sort } = Order::of(&store.all[0], request, word);
    let find = doc! { "find": "items", "filter": filter, "sort": sort, "limit": 21 };
    let answer = database(store).run_command(doc! { "explain": find, "verbosity": "executionStats" }).await;
    let answer = answer.expect("an explanation");
    let plan = answer.get_document("queryPlanner").and_then(|planner| planner.get_document("winningPlan"));
    let stats = answer.get_document("executionStats").expect("numbers");
    let number = |name: &str| match stats.get(name) {
        Some(bson::Bson::Int32(number)) => i64::from(*number),
        Some(bson::Bson::Int64(number)) => *number,
        other => panic!("{name}: {other:?}"),
    };
    Explained { index: index_of(plan.expect("a plan")), keys: number("totalKeysExamined"), found: number("nReturned") }
}

/// A store with an empty database of its own, and its indexes.
async fn empty() -> MongoDatabase {
    let server = std::env::var("PORTCULLIS_TEST_MONGODB").expect("PORTCULLIS_TEST_MONGODB must name a MongoDB");
    let uri = format!("{}/portcullis_test_{}", server.trim_end_matches('/'), ObjectId::new());
    let store = MongoDatabase::open(&uri, &records(), Clock::system()).await.expect("it opens");
    has_indexes(&store).await;
    store
}

/// The indexes are made in the background. SecantusDB never answers again when something is inserted meanwhile.
async fn has_indexes(store: &MongoDatabase) {
    let created = &store.all[0].creations;
    let waiting = async {
        while !created.list_index_names().await.is_ok_and(|names| names.contains(&"created_at".to_owned())) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("there are indexes");
}

fn records() -> [Registration; 1] {
    [Registration::of::<Thing>()]
}

fn item(name: &str) -> Document {
    let mut document = doc! { "_id": ObjectId::new(), "name": name };
    names::set(Schema::of::<Thing>(), &mut document);
    document
}

#[tokio::test]
async fn pages_start_within_an_index() {
    let store = empty().await;
    let rare = |n: usize| if n.is_multiple_of(10) { " rare" } else { "" };
    let items = (0..MANY).map(|n| item(&format!("{n:04} lamp{}", rare(n))));
    store.all[0].records.insert_many(items).await.expect("inserted");
    let word = "rare".to_owned();
    for (sort, word, index, all) in [
        ("name", None, "portcullis_name", MANY),
        ("name", Some(&word), "portcullis_words_name", MANY / 10),
        ("newest", Some(&word), "portcullis_words_id", MANY / 10),
        ("oldest", Some(&word), "portcullis_words_id", MANY / 10),
    ] {
        let request = |after: Option<String>, limit: usize| {
            let search = word.cloned();
            let query = ListQuery { search, sort: Some(sort.into()), limit: Some(limit.to_string()), after };
            ListRequest::parse(&query).expect("right")
        };
        let mut after = None;
        for _ in 0..all * 3 / 4 / 25 {
            let page = list::list::<Thing>(&store.all[0], &request(after, 25), Limits::USUAL).await.expect("a page");
            assert_eq!(page.records.len(), 25, "{sort} {word:?}");
            after = page.next;
        }
        let first = explain(&store, &request(None, 20), word).await;
        let deep = explain(&store, &request(after, 20), word).await;
        for explained in [&first, &deep] {
            assert_eq!(explained.index.as_deref(), Some(index), "{sort} {word:?}");
            assert!(
                explained.found > 0 && explained.keys <= explained.found + 1,
                "{sort} {word:?}: {}",
                explained.keys
            );
        }
        assert!(deep.keys <= first.keys, "{sort} {word:?}: {} after {}", deep.keys, first.keys);
    }
}

#[tokio::test]
async fn search_of_frequent_words_ends_early_and_misses_nothing() {
    let store = empty().await;
    let name = |n: usize| match n {
        n if n.is_multiple_of(17) => format!("{n:03} red lamp"),
        n if n.is_multiple_of(2) => format!("{n:03} red chair"),
        _ => format!("{n:03} green lamp"),
    };
    store.all[0].records.insert_many((0..200).map(|n| item(&name(n)))).await.expect("inserted");
    let both: Vec<String> = (0..200).filter(|n: &usize| n.is_multiple_of(17)).map(name).collect();
    for sort in ["name", "oldest", "newest"] {
        let (mut found, mut pages, mut after) = (Vec::new(), 0, None);
        loop {
            let query = ListQuery {
                search: Some("lamp red".into()),
                sort: Some(sort.into()),
                limit: Some("3".into()),
                after: after.take(),
            };
            let request = ListRequest::parse(&query).expect("right");
            let few = Limits { counted: 10, scan: 15 };
            let page = list::list::<Thing>(&store.all[0], &request, few).await.expect("a page");
            found.extend(page.records.into_iter().map(|record| record.fields.name));
            pages += 1;
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        if sort == "newest" {
            found.reverse();
        }
        assert_eq!(found, both, "{sort}");
        // Some hundred have the rarer word: fifteen at a time.
        assert!(pages >= 7, "{sort}: {pages} pages");
    }
}

#[test]
fn page_with_the_usual_limits_takes_some_ten_milliseconds() {
    // What was measured and is documented; a higher one would be felt with a million items.
    let Limits { counted, scan } = Limits::USUAL;
    assert!((1..=1_000).contains(&counted), "{counted}");
    // More than any page, or it would end early for nothing.
    assert!((101..=10_000).contains(&scan), "{scan}");
    assert!((1..=4).contains(&Limits::TRIED), "{}", Limits::TRIED);
}

/// What the store at `parameters` of the URI asks for with each of its writes.
async fn concerns(parameters: &str) -> Vec<(String, Option<Document>)> {
    let server = std::env::var("PORTCULLIS_TEST_MONGODB").expect("PORTCULLIS_TEST_MONGODB must name a MongoDB");
    let uri = format!("{}/portcullis_test_{}{parameters}", server.trim_end_matches('/'), ObjectId::new());
    let mut options = connection::options(&uri).await.expect("a URI");
    let sent = Arc::new(Mutex::new(Vec::new()));
    let commands = sent.clone();
    options.command_event_handler = Some(EventHandler::callback(move |event| {
        if let CommandEvent::Started(event) = event {
            let is_write = ["insert", "update", "delete", "findAndModify"].contains(&event.command_name.as_str());
            if is_write {
                let concern = event.command.get_document("writeConcern").ok().cloned();
                commands.lock().expect("no panic").push((event.command_name, concern));
            }
        }
    }));
    let store = MongoDatabase::connect(options, &records(), Clock::system()).await.expect("it opens");
    has_indexes(&store).await;
    within(store.all[0].records.insert_one(item("Lamp"))).await.expect("inserted");
    sent.lock().expect("no panic").clone()
}

#[tokio::test]
async fn writes_ask_for_a_majority_and_its_journal() {
    for (parameters, expected) in [
        ("", doc! { "w": "majority", "j": true }),
        ("?w=1", doc! { "w": 1, "j": true }),
        ("?journal=false", doc! { "w": "majority", "j": false }),
        ("?w=1&journal=false&wtimeoutMS=500", doc! { "w": 1, "wtimeout": 500, "j": false }),
    ] {
        let sent = concerns(parameters).await;
        for command in ["insert", "update", "delete", "findAndModify"] {
            assert!(sent.iter().any(|(name, _)| name == command), "{parameters}: {command}");
        }
        for (command, concern) in sent {
            let concern = concern.unwrap_or_default();
            let text = |concern: &Document| {
                let mut all: Vec<String> = concern.iter().map(|(name, value)| format!("{name}={value}")).collect();
                all.sort_unstable();
                all
            };
            assert_eq!(text(&concern), text(&expected), "{parameters}: {command}");
        }
    }
}

#[tokio::test]
async fn open_with_unacknowledged_writes_is_refused() {
    let refused = connection::options("mongodb://127.0.0.1/items?w=0").await.expect_err("refused");
    assert!(refused.to_string().contains("w=0"), "{refused}");
}

#[tokio::test]
async fn mongodb_list_commands_have_a_time_limit() {
    let store = empty().await;
    store.all[0].records.insert_many((0..20).map(|n| item(&format!("{n} red lamp")))).await.expect("inserted");
    let server = std::env::var("PORTCULLIS_TEST_MONGODB").expect("PORTCULLIS_TEST_MONGODB must name a MongoDB");
    let mut options = ClientOptions::parse(server).await.expect("a URI");
    let sent = Arc::new(Mutex::new(Vec::new()));
    let commands = sent.clone();
    options.command_event_handler = Some(EventHandler::callback(move |event| {
        if let CommandEvent::Started(event) = event {
            commands.lock().expect("no panic").push((event.command_name, event.command));
        }
    }));
    let client = Client::with_options(options).expect("a client");
    let database = client.database(&store.all[0].records.namespace().db);
    let collections = Collections::of(&database, Schema::of::<Thing>());
    // A plain list, one word, and two that are frequent, with their border.
    for (search, kinds) in
        [("", vec!["find"]), ("lamp", vec!["find"]), ("lamp red", vec!["aggregate", "aggregate", "find", "aggregate"])]
    {
        let query = ListQuery { search: Some(search.into()), sort: Some("name".into()), limit: None, after: None };
        let request = ListRequest::parse(&query).expect("right");
        list::list::<Thing>(&collections, &request, Limits { counted: 10, scan: 15 }).await.expect("a page");
        let sent: Vec<_> = sent.lock().expect("no panic").drain(..).collect();
        assert_eq!(sent.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), kinds, "{search:?}");
        for (name, command) in sent {
            let limit = command.get("maxTimeMS").and_then(|limit| limit.as_i64().or(limit.as_i32().map(i64::from)));
            assert_eq!(limit, i64::try_from(TIME_LIMIT.as_millis()).ok(), "{search:?}: {name}");
        }
    }
}
