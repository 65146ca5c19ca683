//! Lists: orders, pages and searches, the same in both stores.

use app::items::{DeleteItems, WriteItems};
use portcullis::record::{Expected, RecordId};
use portcullis_store::MAX_PAGE_BYTES;

use super::*;

fn documents(names: &[&str]) -> Vec<Document> {
    names.iter().map(|name| doc! { "_id": ObjectId::new(), "name": *name }).collect()
}

async fn list_in_each_order_has_every_item_once<S: Subject>() {
    let names: Vec<String> = (0..25).map(|n| format!("Lamp {}", n * 7 % 10)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let subject = S::with(documents(&names)).await;
    subject.ready().await;
    let store = subject.store();
    let oldest: Vec<(String, [u8; 12])> =
        all(&store, "", "oldest", 100).await.into_iter().map(|item| (item.fields.name, item.id.0)).collect();
    assert_eq!(oldest.len(), 25);
    assert!(oldest.is_sorted_by_key(|(_, id)| *id));
    let newest: Vec<_> = oldest.iter().rev().cloned().collect();
    let mut by_name = oldest.clone();
    by_name.sort();
    for limit in [1, 7, 25, 100] {
        for (sort, expected) in [("newest", &newest), ("oldest", &oldest), ("name", &by_name)] {
            for search in ["", "lamp", "la", "l LAMP"] {
                let seen = all(&store, search, sort, limit).await;
                let seen: Vec<_> = seen.into_iter().map(|item| (item.fields.name, item.id.0)).collect();
                assert_eq!(&seen, expected, "{search:?} by {sort}, {limit} a page");
            }
        }
    }
    let beyond = request("", "oldest", 5, None).cursor(&portcullis::record::Position::Id(RecordId([0xff; 12])));
    let page = store.list(&permit::<ReadItems>().await, request("", "oldest", 5, Some(beyond))).await.expect("a page");
    assert_eq!((page.records, page.next), (vec![], None));
}

async fn large_items_make_small_pages_without_gaps<S: Subject>() {
    // Every third document is not an item, and one is larger than a page.
    let text = |n: usize| "\u{1F600}".repeat(if n == 20 { 40_000 } else { 2_000 });
    let document = |n: usize| match n % 3 {
        0 => doc! { "_id": ObjectId::new(), "description": text(n) },
        _ => doc! { "_id": ObjectId::new(), "name": format!("Lamp {n:02}"), "description": text(n) },
    };
    let subject = S::with((0..90).map(document).collect()).await;
    subject.ready().await;
    let read = permit::<ReadItems>().await;
    for sort in ["newest", "oldest", "name"] {
        for search in ["", "lamp"] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = subject.store().list(&read, request(search, sort, 100, after)).await.expect("a page");
                let bytes: usize =
                    page.records.iter().map(|item| item.description.as_ref().map_or(0, String::len)).sum();
                assert!(bytes <= MAX_PAGE_BYTES || page.records.len() == 1, "{bytes} by {sort}");
                seen.extend(page.records.into_iter().map(|item| item.fields.name));
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            seen.sort();
            let expected: Vec<_> = (0..90).filter(|n| n % 3 > 0).map(|n| format!("Lamp {n:02}")).collect();
            assert_eq!(seen, expected, "{search:?} by {sort}");
        }
    }
}

async fn names_are_sorted_ignoring_case_and_accents<S: Subject>() {
    let subject = S::with(documents(&[
        "zebra",
        "\u{c9}clair",
        "apple",
        "Eclipse",
        "\u{e4}pfel",
        "Apple",
        "10",
        "\u{142}\u{f3}d\u{17a}",
    ]))
    .await;
    subject.ready().await;
    let sorted = all(&subject.store(), "", "name", 3).await;
    assert_eq!(
        names(&sorted),
        ["10", "\u{e4}pfel", "apple", "Apple", "\u{c9}clair", "Eclipse", "\u{142}\u{f3}d\u{17a}", "zebra"]
    );
}

async fn search_finds_the_names_that_have_all_its_words<S: Subject>() {
    let subject = S::with(documents(&[
        "Brass compass",
        "Pocket compass of brass",
        "Caf\u{e9} cr\u{e8}me",
        "Carpenter's square",
        "Stra\u{df}e",
        "Compass",
        "x-ray 42",
    ]))
    .await;
    subject.ready().await;
    let store = subject.store();
    let everything = vec![
        "Brass compass",
        "Caf\u{e9} cr\u{e8}me",
        "Carpenter's square",
        "Compass",
        "Pocket compass of brass",
        "Stra\u{df}e",
        "x-ray 42",
    ];
    for (search, found) in [
        ("compass", vec!["Brass compass", "Compass", "Pocket compass of brass"]),
        ("COMP", vec!["Brass compass", "Compass", "Pocket compass of brass"]),
        ("brass compass", vec!["Brass compass", "Pocket compass of brass"]),
        ("comp br", vec!["Brass compass", "Pocket compass of brass"]),
        ("comp br po", vec!["Pocket compass of brass"]),
        ("cafe CREME", vec!["Caf\u{e9} cr\u{e8}me"]),
        ("caf\u{c9}", vec!["Caf\u{e9} cr\u{e8}me"]),
        ("strasse", vec!["Stra\u{df}e"]),
        ("square carpenter", vec!["Carpenter's square"]),
        ("ray x 4", vec!["x-ray 42"]),
        ("  ", everything),
        ("ompass", vec![]),
        ("compass lamp", vec![]),
        ("compasses", vec![]),
        (".*", vec![]),
        ("$where", vec![]),
    ] {
        for limit in [1, 2, 100] {
            assert_eq!(names(&all(&store, search, "name", limit).await), found, "{search:?}, {limit} a page");
        }
        for sort in ["newest", "oldest"] {
            let mut seen = all(&store, search, sort, 2).await;
            assert!(seen.is_sorted_by(|a, b| (a.id > b.id) == (sort == "newest")), "{search:?} by {sort}");
            seen.sort_by_key(|item| item.name.to_lowercase());
            assert_eq!(names(&seen), found, "{search:?} by {sort}");
        }
    }
}

async fn search_follows_writes_and_deletions_at_once<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, named("Brass compass"), None).await.expect("created");
    let found = async |search: &str| all(&store, search, "name", 5).await.len();
    assert_eq!((found("brass").await, found("lamp").await, found("").await), (1, 0, 1));
    let changed = store.update(&write, made.id, Expected::Any, named("Lamp").into_fields()).await.expect("changed");
    assert_eq!((found("brass").await, found("lamp").await, found("").await), (0, 1, 1));
    let delete = permit::<DeleteItems>().await;
    store.delete(&delete, made.id, Expected::version(changed.version)).await.expect("deleted");
    assert_eq!((found("brass").await, found("lamp").await, found("").await), (0, 0, 0));
    store.restore(&delete, made.id).await.expect("restored");
    assert_eq!((found("brass").await, found("lamp").await, found("").await), (0, 1, 1));
}

async fn next_page_starts_where_the_last_ended_despite_changes<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let (read, write) = (permit::<ReadItems>().await, permit::<WriteItems>().await);
    for name in ["a", "b", "c", "d"] {
        store.create(&write, named(name), None).await.expect("created");
    }
    for (sort, left) in [("oldest", ["c", "d"]), ("newest", ["b", "a"]), ("name", ["c", "d"])] {
        let first = store.list(&read, request("", sort, 2, None)).await.expect("a page");
        let last = first.records.last().expect("an item").id;
        let delete = permit::<DeleteItems>().await;
        store.delete(&delete, last, Expected::Any).await.expect("deleted");
        let second = store.list(&read, request("", sort, 2, first.next)).await.expect("a page");
        assert_eq!((names(&second.records), second.next), (left.to_vec(), None), "{sort}");
        store.restore(&delete, last).await.expect("restored");
    }
}

for_both!([
    list_in_each_order_has_every_item_once,
    large_items_make_small_pages_without_gaps,
    names_are_sorted_ignoring_case_and_accents,
    search_finds_the_names_that_have_all_its_words,
    search_follows_writes_and_deletions_at_once,
    next_page_starts_where_the_last_ended_despite_changes,
]);

#[tokio::test]
async fn old_file_is_indexed_once_and_new_items_stay_indexed() {
    let Embedded { folder, store: database, time, .. } = Embedded::with(documents(&["Lamp", "Torch"])).await;
    let store = items(&database);
    let made = store.create(&permit::<WriteItems>().await, named("Lantern"), None).await.expect("created");
    drop((store, database));
    let url = DatabaseUrl::Embedded(folder.path().join("items.redb"));
    let store = items(&open(url, time.clock()).await.expect("it opens again"));
    assert_eq!(names(&all(&store, "la", "name", 1).await), ["Lamp", "Lantern"]);
    assert_eq!(all(&store, "lant", "newest", 1).await, [made]);
}

#[tokio::test]
async fn documents_changed_by_others_are_found_after_a_restart() {
    let subject = Mongo::with(documents(&["Lamp"])).await;
    subject.ready().await;
    subject.items.update_one(doc! {}, doc! { "$set": { "name": "Torch" } }).await.expect("changed");
    let server = std::env::var("PORTCULLIS_TEST_MONGODB").expect("a server");
    let url = format!("{}/{}", server.trim_end_matches('/'), subject.database.name());
    let next = items(&open(DatabaseUrl::Mongo(url), Clock::system()).await.expect("it opens"));
    eventually("the new name is found", async || all(&next, "torch", "newest", 5).await.len() == 1).await;
    assert_eq!(all(&next, "lamp", "newest", 5).await, []);
}

#[tokio::test]
async fn mongodb_finds_deleted_items_by_an_index() {
    let subject = Mongo::with(vec![]).await;
    let mut indexes = subject.database.collection::<Document>("items_deleted").list_indexes().await.expect("indexes");
    let mut keys = Vec::new();
    while indexes.advance().await.expect("an index") {
        keys.push(indexes.deserialize_current().expect("an index").keys);
    }
    // The key starts with the item, so a restore reads no record of another item.
    let is_by_item = |keys: &Document| keys.keys().next().is_some_and(|field| field == "item");
    assert!(keys.iter().any(is_by_item), "{keys:?}");
}

#[tokio::test]
async fn mongodb_forgets_deleted_items_and_keys_by_itself() {
    let subject = Mongo::with(vec![]).await;
    for (collection, seconds) in [("items_deleted", 600), ("items_created", 86_400)] {
        let collection = subject.database.collection::<Document>(collection);
        eventually("there is an index that removes what has expired", async || {
            // A collection that does not exist has no indexes.
            let Ok(mut indexes) = collection.list_indexes().await else { return false };
            while let Ok(true) = indexes.advance().await {
                let options = indexes.deserialize_current().expect("an index").options.unwrap_or_default();
                if options.expire_after == Some(Duration::from_secs(seconds)) {
                    return true;
                }
            }
            false
        })
        .await;
    }
}
