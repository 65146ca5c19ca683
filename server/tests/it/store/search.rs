//! Searches: both stores find the same, also in data of older releases.

use redb::ReadableDatabase;

use super::*;

const TOWER: &str = "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}";
const DUCK: &str = "\u{5317}\u{4eac}\u{70e4}\u{9e2d}";
const KOREA: &str = "\u{b300}\u{d55c}\u{bbfc}\u{ad6d}";
const SUGAR: &str = "\u{e19}\u{e49}\u{e33}\u{e15}\u{e32}\u{e25}\u{e17}\u{e23}\u{e32}\u{e22}";
const NAMES: [&str; 12] = [
    TOWER,
    DUCK,
    KOREA,
    SUGAR,
    "\u{90fd}\u{4eac}\u{6771}\u{4eac}",
    "Party \u{1f389}",
    "R&D handbook",
    "100% wool",
    "C++ primer",
    "Cats and dogs",
    "Wi-Fi router",
    "O'Neill",
];

fn documents() -> Vec<Document> {
    NAMES.iter().map(|name| doc! { "_id": ObjectId::new(), "name": *name }).collect()
}

/// Returns the names that `search` finds, in the order of [`NAMES`]. Every sort and page size must find the same.
async fn found(store: &Arc<dyn Store<ItemDraft>>, search: &str) -> Vec<&'static str> {
    let mut seen = Vec::new();
    for (sort, limit) in [("oldest", 1), ("newest", 2), ("name", 100)] {
        let items = all(store, search, sort, limit).await;
        let found: Vec<_> = NAMES.into_iter().filter(|name| names(&items).contains(name)).collect();
        assert_eq!(found.len(), items.len(), "{search:?} by {sort}");
        seen.push(found);
    }
    assert!(seen.windows(2).all(|both| both[0] == both[1]), "{search:?}: {seen:?}");
    seen.swap_remove(0)
}

async fn search_finds_words_inside_names_without_blanks<S: Subject>() {
    let subject = S::with(documents()).await;
    subject.ready().await;
    let store = subject.store();
    for (search, expected) in [
        ("\u{30bf}\u{30ef}\u{30fc}", vec![TOWER]),
        ("\u{70e4}\u{9e2d}", vec![DUCK]),
        ("\u{bbfc}\u{ad6d}", vec![KOREA]),
        ("\u{e17}\u{e23}\u{e32}\u{e22}", vec![SUGAR]),
        ("\u{4eac}", vec![TOWER, DUCK, NAMES[4]]),
        ("\u{6771}\u{4eac}", vec![TOWER, NAMES[4]]),
        ("\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}", vec![TOWER]),
        ("\u{30bf}\u{30ef}\u{30fc} \u{6771}", vec![TOWER]),
        // The index contains each of its pairs, but not together.
        ("\u{4eac}\u{6771}\u{4eac}\u{90fd}", vec![]),
        ("\u{6771}\u{4eac}\u{90fd}", vec![]),
    ] {
        assert_eq!(found(&store, search).await, expected, "{search:?}");
    }
}

async fn search_for_symbols_alone_finds_only_names_with_them<S: Subject>() {
    let subject = S::with(documents()).await;
    subject.ready().await;
    let store = subject.store();
    for (search, expected) in [
        ("\u{1f389}", vec!["Party \u{1f389}"]),
        ("&", vec!["R&D handbook"]),
        ("%", vec!["100% wool"]),
        ("+", vec!["C++ primer"]),
        ("'", vec!["O'Neill"]),
        ("!", vec![]),
        ("\u{1f38a}", vec![]),
        ("\u{301}", vec![]),
    ] {
        assert_eq!(found(&store, search).await, expected, "{search:?}");
    }
}

async fn search_finds_words_with_joiners_and_suffixes<S: Subject>() {
    let subject = S::with(documents()).await;
    subject.ready().await;
    let store = subject.store();
    for (search, expected) in [
        ("C++", vec!["C++ primer"]),
        ("c", vec!["C++ primer", "Cats and dogs"]),
        ("wifi", vec!["Wi-Fi router"]),
        ("Wi-Fi", vec!["Wi-Fi router"]),
        ("fi", vec!["Wi-Fi router"]),
        ("oneill", vec!["O'Neill"]),
        ("O\u{2019}Neill", vec!["O'Neill"]),
        ("neill", vec!["O'Neill"]),
        ("R&D", vec!["R&D handbook"]),
        ("100%", vec!["100% wool"]),
    ] {
        assert_eq!(found(&store, search).await, expected, "{search:?}");
    }
}

for_both!([
    search_finds_words_inside_names_without_blanks,
    search_for_symbols_alone_finds_only_names_with_them,
    search_finds_words_with_joiners_and_suffixes,
]);

#[tokio::test]
async fn mongodb_index_of_an_older_version_is_made_again() {
    let id = ObjectId::new();
    // As the previous release wrote it.
    let field = doc! { "edition": 1, "of": TOWER, "key": format!("{TOWER}\u{1}{id}"), "words": [TOWER] };
    let subject = Mongo::with(vec![doc! { "_id": id, "name": TOWER, "portcullis": field }]).await;
    let store = subject.store();
    eventually("the word is found", async || found(&store, "\u{30bf}\u{30ef}\u{30fc}").await == [TOWER]).await;
}

#[tokio::test]
async fn embedded_index_of_an_older_version_is_made_again() {
    let Embedded { folder, store, time, .. } = Embedded::with(documents()).await;
    drop(store);
    let path = folder.path().join("items.redb");
    // As the previous release wrote it.
    let by_word = redb::TableDefinition::<&[u8], ()>::new("items_by_word");
    let versions = redb::TableDefinition::<&str, u32>::new("items_editions");
    let database = redb::Database::open(&path).expect("a database");
    let reading = database.begin_read().expect("a transaction");
    let current = reading.open_table(versions).expect("a table").get("words").expect("read").map(|found| found.value());
    drop(reading);
    assert!(current.is_some_and(|current| current > 1), "{current:?}");
    let writing = database.begin_write().expect("a transaction");
    writing.open_table(versions).expect("a table").insert("words", 1).expect("written");
    writing.open_table(by_word).expect("a table").retain(|_, ()| false).expect("emptied");
    writing.commit().expect("committed");
    drop(database);
    let store = items(&open(DatabaseUrl::Embedded(path), time.clock()).await.expect("it opens"));
    assert_eq!(found(&store, "\u{30bf}\u{30ef}\u{30fc}").await, [TOWER]);
}
