//! Lists of many items: the cost of a page at the start and deep in the list, in both stores.
//!
//! `cargo bench -p bench --bench items`. `ITEMS` and `MONGODB_ITEMS` set the numbers of items (default: one million and
//! one hundred thousand), and `NAMES=japanese` uses names without spaces. `PORTCULLIS_TEST_MONGODB` is the MongoDB to
//! measure. Without it, only the embedded store is measured.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::items::{ItemDraft, ItemPage, ReadItems};
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use http::request::Parts;
use portcullis::record::{ListQuery, ListRequest};
use portcullis::{Access, AppError, Caller, Scopes};
use portcullis_server::config::DatabaseUrl;
use portcullis_server::store::Store;
use portcullis_server::{Authenticate, Permit, test_support};
use portcullis_store::Clock;

/// The page size.
const LIMIT: usize = 20;
/// The number of the deep page.
const DEEP: usize = 20_000;
/// The number of requests per page. The result is the median.
const TIMES: usize = 51;

struct Reader;

#[async_trait]
impl Authenticate for Reader {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        let scopes = Scopes::parse("read:items");
        Ok(Arc::new(Caller { issuer: "https://issuer.example".into(), subject: Some("ada".into()), scopes }))
    }
}

async fn permit() -> Permit<ReadItems> {
    let (request, ()) = http::Request::new(()).into_parts();
    let admitted = test_support::gate(Arc::new(Reader)).admit(&request, Access::SignedIn).await.expect("admitted");
    admitted.permit().expect("a permit")
}

/// Returns the item `n`: every second one has "walnut" in its name, every ten thousandth "heliograph". With
/// `NAMES=japanese`, these words are in Japanese.
fn document(n: usize, now: DateTime, is_japanese: bool) -> Document {
    const FIRST: [&str; 8] = ["Brass", "Canvas", "Enamel", "Folding", "Iron", "Pocket", "Storm", "Wool"];
    const SECOND: [&str; 7] = ["barometer", "blanket", "compass", "knife", "lantern", "map", "spyglass"];
    const FIRST_JAPANESE: [&str; 8] = ["真鍮製", "帆布製", "琺瑯", "折りたたみ", "鉄製", "ポケット", "嵐用", "羊毛"];
    const SECOND_JAPANESE: [&str; 7] = ["気圧計", "毛布", "コンパス", "ナイフ", "ランタン", "地図", "望遠鏡"];
    if is_japanese {
        let wood = if n.is_multiple_of(2) { "胡桃" } else { "桜" };
        let rare = if n.is_multiple_of(10_000) { "日光反射信号機" } else { "" };
        let number = n.wrapping_mul(7_919) % 10_000_000;
        return item(format!("{}{}の{wood}{number:07}{rare}", FIRST_JAPANESE[n % 8], SECOND_JAPANESE[n % 7]), now);
    }
    let wood = if n.is_multiple_of(2) { "walnut" } else { "cherry" };
    let rare = if n.is_multiple_of(10_000) { " heliograph" } else { "" };
    item(format!("{} {} {wood} {:07}{rare}", FIRST[n % 8], SECOND[n % 7], n.wrapping_mul(7_919) % 10_000_000), now)
}

fn item(name: String, now: DateTime) -> Document {
    doc! {
        "_id": ObjectId::new(), "name": name, "description": "Points north, whatever the weather.", "price": 4900_i64,
        "currency": "EUR", "created_at": now, "updated_at": now,
        "owner": { "issuer": "https://issuer.example", "subject": "ada" },
    }
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number"))
}

fn request(search: &str, sort: &str, after: Option<String>) -> ListRequest {
    let (search, sort, limit) = (Some(search.into()), Some(sort.into()), Some(LIMIT.to_string()));
    ListRequest::parse(&ListQuery { search, sort, limit, after }).expect("a request")
}

struct Lists {
    store: Arc<dyn Store<ItemDraft>>,
    permit: Permit<ReadItems>,
}

impl Lists {
    async fn page(&self, search: &str, sort: &str, after: Option<String>) -> ItemPage {
        self.store.list(&self.permit, request(search, sort, after)).await.expect("a page")
    }

    /// Returns the median time of a page.
    async fn time(&self, search: &str, sort: &str, after: &Option<String>) -> Duration {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let started = Instant::now();
            self.page(search, sort, after.clone()).await;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        times[TIMES / 2]
    }

    /// Prints the time of the first page and of a deep one, for one search and order.
    async fn compare(&self, search: &str, sort: &str) {
        let first = self.time(search, sort, &None).await;
        let (mut at, mut after) = (1, None);
        while at < DEEP {
            match self.page(search, sort, after.clone()).await.next {
                Some(next) => (at, after) = (at + 1, Some(next)),
                None => break,
            }
        }
        let deep = self.time(search, sort, &after).await;
        let ratio = deep.as_secs_f64() / first.as_secs_f64();
        println!("{search:<24} {sort:<7} page 1: {first:>10.1?}   page {at:>6}: {deep:>10.1?}   ratio {ratio:.2}");
    }
}

fn is_japanese() -> bool {
    std::env::var("NAMES").is_ok_and(|names| names == "japanese")
}

const SEARCHES: [&str; 6] = ["", "walnut", "w", "heliograph", "brass walnut", "walnut cherry"];
const SEARCHES_JAPANESE: [&str; 6] = ["", "胡桃", "胡", "日光反射信号機", "真鍮製 胡桃", "胡桃 桜"];

async fn compare_all(store: Arc<dyn Store<ItemDraft>>) {
    let lists = Lists { store, permit: permit().await };
    for search in if is_japanese() { SEARCHES_JAPANESE } else { SEARCHES } {
        for sort in ["newest", "oldest", "name"] {
            lists.compare(search, sort).await;
        }
    }
}

async fn open(url: &DatabaseUrl) -> Arc<dyn Store<ItemDraft>> {
    let opened = portcullis_store::open(url, &server::records::all(), false, Clock::system()).await;
    opened.expect("it opens").store().expect("items")
}

async fn embedded(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("items.redb");
    // A file of an older version, which has only the documents.
    let table: redb::TableDefinition<[u8; 12], &[u8]> = redb::TableDefinition::new("items");
    let database = redb::Database::create(&path).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    {
        let mut table = transaction.open_table(table).expect("a table");
        let now = DateTime::now();
        for n in 0..count {
            let document = document(n, now, is_japanese());
            let id = document.get_object_id("_id").expect("an id").bytes();
            table.insert(id, document.to_vec().expect("BSON").as_slice()).expect("inserted");
        }
    }
    transaction.commit().expect("committed");
    drop(database);
    println!("embedded store, {count} items");
    let size = |path: &Path| std::fs::metadata(path).expect("a file").len() / 1_000_000;
    let started = Instant::now();
    let checked = redb::Database::builder().set_check_integrity_on_open(true).open(&path).expect("it opens");
    println!("a start before lists could be searched: {:.1?}, {} MB", started.elapsed(), size(&path));
    drop(checked);
    let url = DatabaseUrl::Embedded(path.clone());
    for what in ["the first start after", "every start after"] {
        let started = Instant::now();
        let store = open(&url).await;
        println!("{what}: {:.1?}, {} MB", started.elapsed(), size(&path));
        drop(store);
    }
    compare_all(open(&url).await).await;
}

async fn mongodb(server: &str, count: usize) {
    let name = format!("portcullis_bench_{}", ObjectId::new());
    let client = mongodb::Client::with_uri_str(server).await.expect("a URI");
    let items = client.database(&name).collection::<Document>("items");
    let now = DateTime::now();
    for from in (0..count).step_by(1_000) {
        let documents = (from..count.min(from + 1_000)).map(|n| document(n, now, is_japanese()));
        items.insert_many(documents).await.expect("inserted");
    }
    println!("MongoDB, {count} items");
    let started = Instant::now();
    let url = DatabaseUrl::Mongo(format!("{}/{name}", server.trim_end_matches('/')));
    let store = open(&url).await;
    while items.count_documents(doc! { "portcullis.key": { "$exists": false } }).await.expect("a count") > 0 {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("old documents made ready, in the background: {:.1?}", started.elapsed());
    compare_all(store).await;
    client.database(&name).drop().await.expect("dropped");
}

#[tokio::main]
async fn main() {
    embedded(number("ITEMS", 1_000_000)).await;
    if let Ok(server) = std::env::var("PORTCULLIS_TEST_MONGODB") {
        mongodb(&server, number("MONGODB_ITEMS", 100_000)).await;
    }
}
