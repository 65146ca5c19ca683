//! Two servers with one database are restarted in turns, while clients read and write as through a proxy that uses the
//! other server if one is unavailable.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use super::http::{Connection, create, get};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;
use crate::mongodb::MongoDb;

pub const SCENARIO: Scenario = Scenario {
    name: "rolling restart",
    requirement: "every read and write gets 200 or 201; each server stops within 5 s",
    run,
};

const RESTARTS: usize = 4;
const CLIENTS: usize = 16;

fn run(bed: &TestBed) -> Result<Outcome> {
    let mongodb = MongoDb::own()?;
    let url = format!("{}/chaos", mongodb.uri);
    let variables = [("DATABASE_URL", url.as_str())];
    let launch = || Launch { variables: &variables, ..Launch::default() };
    let (provider, first, token) = provider::with_server(bed, "restart-0", launch())?;
    let second = provider::server_of(bed, &provider, &bed.folder("restart-1")?, launch())?;
    let addresses = RwLock::new([first.addr.clone(), second.addr.clone()]);
    let mut servers = [first, second];
    let (is_over, good) = (AtomicBool::new(false), AtomicUsize::new(0));
    let bad = Mutex::new(Vec::new());
    let stops = std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (addresses, token, is_over, good, bad) = (&addresses, &token, &is_over, &good, &bad);
            scope.spawn(move || {
                let mut connection = None;
                for n in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    // A creation may be repeated, because its key prevents a second item.
                    let request = match n % 4 {
                        0 => create(&format!("r{client}-{n}"), token),
                        _ => get("/api/items?limit=5", token),
                    };
                    match through(&mut connection, addresses, client + n, &request) {
                        Ok(200 | 201) => _ = good.fetch_add(1, Ordering::Relaxed),
                        other => {
                            bad.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(format!("{other:?}"))
                        }
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
        }
        let stops = (0..RESTARTS).map(|turn| {
            std::thread::sleep(Duration::from_millis(500));
            let which = turn % 2;
            let stop = servers[which].stop()?;
            servers[which] = provider::server_of(bed, &provider, &servers[which].folder.clone(), launch())?;
            let mut addresses = addresses.write().map_err(|_| "a client has panicked".to_owned())?;
            addresses[which].clone_from(&servers[which].addr);
            Ok(stop)
        });
        let stops = stops.collect::<Result<Vec<_>>>();
        is_over.store(true, Ordering::Relaxed);
        stops
    })?;
    let (good, bad) = (good.into_inner(), bad.into_inner().unwrap_or_default());
    let slowest = stops.iter().map(|(took, _)| *took).max().unwrap_or_default();
    let passed = bad.is_empty() && good > RESTARTS * CLIENTS && stops.iter().all(|(_, in_time)| *in_time);
    let measurement = format!(
        "{RESTARTS} restarts, {good} requests succeeded, {} did not: {:?}; SIGTERM at most {:.1} s",
        bad.len(),
        bad.iter().take(3).collect::<Vec<_>>(),
        slowest.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}

/// Sends `request` on the open connection, or else to one server and then to the other. Returns the status.
fn through(kept: &mut Option<Connection>, addresses: &RwLock<[String; 2]>, turn: usize, request: &str) -> Result<u16> {
    if let Some(response) = kept.as_mut().map(|connection| connection.request(request)) {
        match response {
            Ok(response) => {
                // The server announces that it closes this connection.
                if super::http::header(&response.head, "connection") == Some("close") {
                    *kept = None;
                }
                return Ok(response.status);
            }
            // Closed between two requests: a proxy sends the request again.
            Err(_) => *kept = None,
        }
    }
    let addresses = addresses.read().map_err(|_| "a client has panicked".to_owned())?.clone();
    let mut last = String::new();
    for addr in [&addresses[turn % 2], &addresses[(turn + 1) % 2]] {
        let result = Connection::open(addr).and_then(|mut connection| Ok((connection.request(request)?, connection)));
        match result {
            Ok((response, connection)) => {
                *kept = Some(connection);
                return Ok(response.status);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
