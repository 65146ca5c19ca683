//! Creations: the gain of shared commits in the embedded store, and in MongoDB the cost of waiting until each one is on
//! the disks of most members.
//!
//! `cargo bench -p bench --bench writes` measures the embedded store in a temporary folder, so `TMPDIR` chooses the
//! disk. With `PORTCULLIS_TEST_MONGODB=URI` it also measures that MongoDB. Two variants take turns, in the opposite
//! order every other time, so that other load on the machine slows both. The ratio is the median of the ratios of all
//! turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::items::{ItemDraft, WriteItems};
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{Document, doc};
use futures_util::future::join_all;
use http::request::Parts;
use portcullis::record::{Record, Valid};
use portcullis::{Access, AppError, Caller, Scopes};
use portcullis_server::config::DatabaseUrl;
use portcullis_server::store::Store;
use portcullis_server::{Authenticate, Permit, test_support};
use portcullis_store::Clock;
use tokio::sync::Semaphore;

/// The minimum number of creations per client in one measurement.
const MIN_CREATIONS_PER_CLIENT: usize = 6;
/// The minimum number of creations in one measurement.
const MIN_CREATIONS_PER_RUN: usize = 100;
/// The number of measurements per variant.
const TURNS: usize = 25;
/// The numbers of concurrent clients of the embedded store.
const EMBEDDED_CLIENTS: [usize; 2] = [1, 64];
/// The numbers of concurrent clients of MongoDB.
const MONGODB_CLIENTS: [usize; 2] = [1, 16];

struct Writer;

#[async_trait]
impl Authenticate for Writer {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        let scopes = Scopes::parse("write:items");
        Ok(Arc::new(Caller { issuer: "https://issuer.example".into(), subject: Some("ada".into()), scopes }))
    }
}

async fn permit() -> Permit<WriteItems> {
    let (request, ()) = http::Request::new(()).into_parts();
    let admitted = test_support::gate(Arc::new(Writer)).admit(&request, Access::SignedIn).await.expect("admitted");
    admitted.permit().expect("a permit")
}

fn draft() -> Valid<ItemDraft> {
    ItemDraft { name: "Brass compass walnut".into(), ..ItemDraft::default() }.validate().expect("right")
}

/// Opens a store with these `parameters` in the URI.
async fn open(server: &str, parameters: &str) -> Arc<dyn Store<ItemDraft>> {
    let name = format!("portcullis_bench_{}", ObjectId::new());
    let url = DatabaseUrl::Mongo(format!("{}/{name}{parameters}", server.trim_end_matches('/')));
    let database =
        portcullis_store::open(&url, &server::records::all(), false, Clock::system()).await.expect("it opens");
    let store = database.store().expect("items");
    let client = mongodb::Client::with_uri_str(server).await.expect("a URI");
    let created = client.database(&name).collection::<Document>("items_created");
    // SecantusDB hangs if a document is inserted while it creates an index.
    while !created.list_index_names().await.is_ok_and(|names| names.contains(&"created_at".into())) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = client.database(&name).run_command(doc! { "ping": 1 }).await;
    store
}

/// A variant to measure.
struct Variant {
    name: &'static str,
    store: Arc<dyn Store<ItemDraft>>,
    /// Limits the number of concurrent creations.
    at_once: Semaphore,
}

/// Returns the number of creations per second by this number of clients.
async fn rate(way: &Variant, permit: &Permit<WriteItems>, clients: usize) -> f64 {
    let each = MIN_CREATIONS_PER_CLIENT.max(MIN_CREATIONS_PER_RUN / clients);
    let started = Instant::now();
    let create = async || {
        for _ in 0..each {
            let _turn = way.at_once.acquire().await.expect("it is never closed");
            way.store.create(permit, draft(), None).await.expect("created");
        }
    };
    join_all((0..clients).map(|_| create())).await;
    (each * clients) as f64 / started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn compare(what: &str, ways: [Variant; 2], clients: usize) {
    let permit = permit().await;
    let (mut before, mut after, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
        let mut rates = [0.0; 2];
        for which in order {
            rates[which] = rate(&ways[which], &permit, clients).await;
        }
        before.push(rates[0]);
        after.push(rates[1]);
        ratios.push(rates[1] / rates[0]);
    }
    println!(
        "{what}, {clients:>2} clients: {} {:.0} creations/s; {} {:.0} creations/s; ratio {:.2}",
        ways[0].name,
        median(before),
        ways[1].name,
        median(after),
        median(ratios)
    );
}

async fn embedded() {
    for clients in EMBEDDED_CLIENTS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let open = async |name: &str| {
            let url = DatabaseUrl::Embedded(folder.path().join(name));
            let records = server::records::all();
            let database = portcullis_store::open(&url, &records, false, Clock::system()).await.expect("it opens");
            database.store().expect("items")
        };
        let (one, all) = (open("one.redb").await, open("all.redb").await);
        let ways = [
            Variant { name: "one at a time", store: one, at_once: Semaphore::new(1) },
            Variant { name: "all at once", store: all, at_once: Semaphore::new(Semaphore::MAX_PERMITS) },
        ];
        compare("embedded", ways, clients).await;
    }
}

async fn mongodb(server: &str) {
    for clients in MONGODB_CLIENTS {
        let way = async |name, parameters| {
            let at_once = Semaphore::new(Semaphore::MAX_PERMITS);
            Variant { name, store: open(server, parameters).await, at_once }
        };
        let ways = [way("w=1, no journal", "?w=1&journal=false").await, way("w=majority, journal", "").await];
        compare("MongoDB", ways, clients).await;
    }
}

#[tokio::main]
async fn main() {
    embedded().await;
    match std::env::var("PORTCULLIS_TEST_MONGODB") {
        Ok(server) => mongodb(&server).await,
        Err(_) => println!("PORTCULLIS_TEST_MONGODB names no MongoDB: none was measured"),
    }
}
