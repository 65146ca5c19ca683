//! Compares the release server with the same handlers without the gate, over loopback and in turns.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis_server::config::DatabaseUrl;
use portcullis_store::Clock;
use portcullis_verifier::test_support::{AUDIENCE, Key, claims, now};
use serde_json::{Value, json};
use server::records;
use tokio::net::TcpListener;

use crate::fixture::ISSUER;
use crate::load::{Connections, Round};
use crate::paired::{median, quantile};
use crate::process::{Memory, Server};
use crate::table::{markdown, target, times};

/// The argument that makes this program the unguarded server.
pub const UNGUARDED: &str = "unguarded";

/// The number of connections to each server.
const CONNECTIONS: usize = 16;
/// The number of rounds, and of requests per round with warm and with cold tokens.
const ROUNDS: usize = 24;
const WARM: usize = 4_000;
const COLD: usize = 400;
/// The number of warm tokens, one per concurrent user.
const CALLERS: usize = 64;

/// The minimum throughput of guarded requests with warm tokens, as a share of the throughput without a gate.
const MIN_WARM_THROUGHPUT_RATIO: f64 = 0.9;

/// The compared variants, in the order of their columns.
const WAYS: [&str; 3] = ["unguarded", "guarded, warm", "guarded, cold"];

/// The rounds of one variant, and the processor time that its server used for them.
#[derive(Default)]
struct Rounds {
    rounds: Vec<Round>,
    processor: Option<Duration>,
}

impl Rounds {
    fn throughputs(&self) -> impl Iterator<Item = f64> {
        self.rounds.iter().map(Round::throughput)
    }

    fn latency(&self, share: f64) -> f64 {
        quantile(self.rounds.iter().flat_map(|round| round.latencies.iter().copied()).collect(), share)
    }

    fn requests(&self) -> usize {
        self.rounds.iter().map(|round| round.latencies.len()).sum()
    }

    /// Returns the server's processor time per request, in seconds.
    fn processor_each(&self) -> Option<f64> {
        Some(self.processor?.as_secs_f64() / self.requests() as f64)
    }

    /// Returns the throughput as a multiple of that of `other`: the median of the ratios of all rounds.
    fn beside(&self, other: &Self) -> f64 {
        median(self.throughputs().zip(other.throughputs()).map(|(one, other)| one / other).collect())
    }
}

/// Measures everything. Returns the tables, and the lines with the targets.
///
/// # Errors
/// If a server does not start, or sends an unexpected response.
pub async fn report(server: &Path) -> anyhow::Result<(String, Vec<Vec<String>>)> {
    let key = Key::rsa("bench");
    let jwks_uri = serve_keys(&key).await?;
    let (guarded_folder, unguarded_folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    // Created with samples and closed again, because each server opens its own copy.
    let database = guarded_folder.path().join("items.redb");
    portcullis_store::open(&DatabaseUrl::Embedded(database.clone()), &records::all(), true, Clock::system()).await?;
    std::fs::copy(&database, unguarded_folder.path().join("items.redb"))?;
    let variables = [
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("DATABASE_URL", "redb:items.redb"),
        ("AUTH_ISSUER", ISSUER),
        ("AUTH_AUDIENCE", AUDIENCE),
        ("AUTH_URI", &jwks_uri),
        ("AUTH_STRICT", "true"),
    ];
    let guarded = Server::start(Command::new(server).arg("serve"), guarded_folder.path(), &variables)?;
    let mut without = Command::new(std::env::current_exe()?);
    let unguarded = Server::start(without.args([UNGUARDED, "items.redb"]), unguarded_folder.path(), &[])?;

    let mut to_guarded = Connections::open(guarded.addr, CONNECTIONS).await?;
    let mut to_unguarded = Connections::open(unguarded.addr, CONNECTIONS).await?;
    let warm: Vec<HeaderValue> = bearers(&key, "warm", CALLERS, 3600)?;
    let warm: Vec<HeaderValue> = warm.iter().cycle().take(WARM).cloned().collect();
    let at_start = guarded.memory();

    let (mut rows, mut targets) = (Vec::new(), Vec::new());
    for (route, path) in routes(&mut to_guarded, &mut to_unguarded, &warm[0]).await? {
        // They expire before the warm ones, which keep their places in the cache.
        let cold = bearers(&key, route, (ROUNDS + 1) * COLD, 1800)?;
        let mut all: [Rounds; 3] = Default::default();
        for (n, cold) in cold.chunks(COLD).enumerate() {
            let order = if n % 2 == 0 { [0, 1, 2] } else { [2, 1, 0] };
            for way in order {
                let (process, connections, tokens) = match way {
                    0 => (&unguarded, &mut to_unguarded, &warm[..]),
                    1 => (&guarded, &mut to_guarded, &warm[..]),
                    _ => (&guarded, &mut to_guarded, cold),
                };
                let before = process.processor_time();
                let round = connections.round(&path, tokens).await?;
                let taken = process.processor_time().zip(before).map(|(after, before)| after - before);
                // The first round is a warm-up.
                if n > 0 {
                    all[way].processor = taken.map(|taken| taken + all[way].processor.unwrap_or_default());
                    all[way].rounds.push(round);
                }
            }
        }
        let [without, with_warm, _] = &all;
        for (name, way) in WAYS.iter().zip(&all) {
            rows.push(row(route, name, way, without));
        }
        let ratio = with_warm.beside(without);
        let what = format!("throughput of {route}, warm guarded / unguarded");
        targets.push(target(&what, &times(ratio), "at least 0.90", ratio >= MIN_WARM_THROUGHPUT_RATIO));
    }
    let head = ["route", "requests", "requests/s", "p50", "p99", "server CPU", "of unguarded"];
    let memory = memory_table(&[
        ("guarded, at the start", at_start),
        ("guarded, after all requests", guarded.memory()),
        ("unguarded, after all requests", unguarded.memory()),
    ]);
    Ok((format!("{}\n{memory}", markdown(&head, &rows)), targets))
}

fn row(route: &str, name: &str, way: &Rounds, unguarded: &Rounds) -> Vec<String> {
    let micros = |seconds: f64| format!("{:.0} µs", seconds * 1e6);
    vec![
        format!("{route}, {name}"),
        way.requests().to_string(),
        format!("{:.0}", median(way.throughputs().collect())),
        micros(way.latency(0.5)),
        micros(way.latency(0.99)),
        way.processor_each().map_or_else(|| "not measured".to_owned(), |each| format!("{:.1} µs", each * 1e6)),
        times(way.beside(unguarded)),
    ]
}

fn memory_table(rows: &[(&str, Option<Memory>)]) -> String {
    let mebibytes = |kibibytes: u64| format!("{:.1} MiB", kibibytes as f64 / 1024.0);
    let cells = |(name, memory): &(&str, Option<Memory>)| match memory {
        Some(Memory { now, peak }) => vec![(*name).to_owned(), mebibytes(*now), mebibytes(*peak)],
        None => vec![(*name).to_owned(), "not measured".to_owned(), "not measured".to_owned()],
    };
    markdown(&["server", "resident", "at the most"], &rows.iter().map(cells).collect::<Vec<_>>())
}

/// Returns the routes to measure, for an existing item, after checking that both servers send the same response.
async fn routes(
    guarded: &mut Connections,
    unguarded: &mut Connections,
    token: &HeaderValue,
) -> anyhow::Result<[(&'static str, String); 2]> {
    let mut known = Vec::new();
    let list = "/api/items?limit=1";
    for (server, is_guarded) in [(&mut *guarded, true), (&mut *unguarded, false)] {
        let nobody = server.ask(list, &HeaderValue::from_static("Bearer nobody")).await?.0;
        let expected = if is_guarded { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
        ensure!(nobody == expected, "without a good token: {nobody}, expected {expected}");
        let (status, headers, body) = server.ask(list, token).await?;
        ensure!(status == StatusCode::OK, "{list} answers {status}");
        let page: Value = serde_json::from_slice(&body)?;
        let id = page["items"][0]["id"].as_str().context("an item")?.to_owned();
        known.push((comparable(headers), body.len(), id));
    }
    let (first, second) = (&known[0], &known[1]);
    ensure!((&first.0, first.1) == (&second.0, second.1), "the servers differ: {:?}, {:?}", first.0, second.0);
    Ok([("list", list.to_owned()), ("item", format!("/api/item/single/{}", first.2))])
}

/// Returns the headers that must be the same for both servers: all but the time and those of the gate.
fn comparable(mut headers: HeaderMap) -> HeaderMap {
    headers.remove(header::DATE);
    headers.remove(header::CACHE_CONTROL);
    headers
}

/// Serves the public part of `key` like a provider. Returns the address.
async fn serve_keys(key: &Key) -> anyhow::Result<String> {
    let set = json!({ "keys": [key.jwk] });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let uri = format!("http://{}/jwks", listener.local_addr()?);
    let router = Router::new().route("/jwks", get(|| async { Json(set) }));
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(uri)
}

/// Returns `number` distinct valid tokens that are valid for `seconds`.
fn bearers(key: &Key, name: &str, number: usize, seconds: u64) -> anyhow::Result<Vec<HeaderValue>> {
    let bearer = |n| {
        let token = key.sign(&claims(ISSUER, json!({"jti": format!("{name} {n}"), "exp": now() + seconds})));
        Ok(HeaderValue::from_str(&format!("Bearer {token}"))?)
    };
    (0..number).map(bearer).collect()
}
