//! Creations in MongoDB: what it costs that each is on the disks of most members before it is answered.
//!
//! `PORTCULLIS_TEST_MONGODB=URI cargo bench -p bench --bench writes`. Two stores take turns on the same server, every
//! other time in the opposite order: what else the machine does slows both. The ratio is the median of the ratios of
//! each turn.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::error::AppError;
use app::items::{ItemDraft, ValidDraft, WriteItems};
use app::policy::{Access, Caller, Scopes};
use app::ssr::items::ItemStore;
use app::ssr::permit::{Authenticate, Gate, Permit};
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{Document, doc};
use futures_util::future::join_all;
use http::request::Parts;
use server::config::DatabaseUrl;
use server::store::Clock;

/// How many creations are one measurement.
const BATCH: usize = 100;
/// How often each store is measured.
const TURNS: usize = 25;
/// How many clients create at once.
const CLIENTS: [usize; 2] = [1, 16];

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
    let admitted = Gate::new(Arc::new(Writer)).admit(&request, Access::SignedIn).await.expect("admitted");
    admitted.permit().expect("a permit")
}

fn draft() -> ValidDraft {
    ItemDraft { name: "Brass compass walnut".into(), ..ItemDraft::default() }.validate().expect("right")
}

/// A store whose writes are as `parameters` of the URI say.
async fn open(server: &str, parameters: &str) -> Arc<dyn ItemStore> {
    let name = format!("portcullis_bench_{}", ObjectId::new());
    let url = DatabaseUrl::Mongo(format!("{}/{name}{parameters}", server.trim_end_matches('/')));
    let store = server::store::open(&url, false, Clock::system()).await.expect("it opens");
    let client = mongodb::Client::with_uri_str(server).await.expect("a URI");
    let created = client.database(&name).collection::<Document>("items_created");
    // SecantusDB never answers again when something is inserted while it makes an index.
    while !created.list_index_names().await.is_ok_and(|names| names.contains(&"created_at".into())) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = client.database(&name).run_command(doc! { "ping": 1 }).await;
    store
}

/// How long a batch of creations takes.
async fn batch(store: &Arc<dyn ItemStore>, permit: &Permit<WriteItems>, clients: usize) -> Duration {
    let begun = Instant::now();
    let create = async || {
        for _ in 0..BATCH / clients {
            store.create(permit, draft(), None).await.expect("created");
        }
    };
    join_all((0..clients).map(|_| create())).await;
    begun.elapsed()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::main]
async fn main() {
    let Ok(server) = std::env::var("PORTCULLIS_TEST_MONGODB") else {
        println!("PORTCULLIS_TEST_MONGODB names no MongoDB: nothing was measured");
        return;
    };
    let permit = permit().await;
    let stores = [open(&server, "?w=1&journal=false").await, open(&server, "").await];
    for clients in CLIENTS {
        let (mut plain, mut durable, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..TURNS {
            let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
            let mut times = [0.0; 2];
            for which in order {
                let done = (BATCH / clients * clients) as f64;
                times[which] = done / batch(&stores[which], &permit, clients).await.as_secs_f64();
            }
            plain.push(times[0]);
            durable.push(times[1]);
            ratios.push(times[1] / times[0]);
        }
        println!(
            "{clients:>2} clients: w=1, no journal {:.0} creations/s; w=majority, journal {:.0} creations/s; ratio {:.2}",
            median(plain),
            median(durable),
            median(ratios)
        );
    }
}
