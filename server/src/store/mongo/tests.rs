//! Whether an index answers the queries of lists, by what MongoDB says of them itself.
//!
//! SecantusDB's `explain` tells which index it takes and how many keys it reads, but not where it would stop for the
//! limit. So what is asked here holds for both: no key is read before the place where a page begins, nor one too many
//! behind it.

use std::time::Duration;

use app::items::ListQuery;

use super::list::Order;
use super::*;

const MANY: usize = 1_000;

/// The name of the index that a plan takes.
fn index_of(plan: &Document) -> Option<String> {
    let own = plan.get_str("indexName").ok().map(str::to_owned);
    own.or_else(|| plan.get_document("inputStage").ok().and_then(index_of))
}

struct Explained {
    index: Option<String>,
    keys: i64,
    found: i64,
}

async fn explain(store: &MongoStore, request: &ListRequest, word: Option<&String>) -> Explained {
    let Order { filter, sort } = Order::of(request, word);
    let find = doc! { "find": "items", "filter": filter, "sort": sort, "limit": 21 };
    let answer = store.database.run_command(doc! { "explain": find, "verbosity": "executionStats" }).await;
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

#[tokio::test]
async fn pages_begin_where_an_index_is_entered() {
    let server = std::env::var("PORTCULLIS_TEST_MONGODB").expect("PORTCULLIS_TEST_MONGODB must name a MongoDB");
    let uri = format!("{}/portcullis_test_{}", server.trim_end_matches('/'), ObjectId::new());
    let store = MongoStore::open(&uri, Clock::system()).await.expect("it opens");
    let item = |n: usize| {
        let rare = if n.is_multiple_of(10) { " rare" } else { "" };
        let mut document = doc! { "_id": ObjectId::new(), "name": format!("{n:04} lamp{rare}") };
        names::set(&mut document);
        document
    };
    store.collections.items.insert_many((0..MANY).map(item)).await.expect("inserted");
    // The indexes are made in the background.
    let has_indexes = async || {
        let names = store.collections.items.list_index_names().await.unwrap_or_default();
        names.iter().filter(|name| name.starts_with("portcullis_")).count() == 3
    };
    let waiting = async {
        while !has_indexes().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("there are indexes");

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
            let page = list::list(&store.collections.items, &request(after, 25)).await.expect("a page");
            assert_eq!(page.items.len(), 25, "{sort} {word:?}");
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
