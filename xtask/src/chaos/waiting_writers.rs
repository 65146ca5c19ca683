//! Eight hundred clients create items at the same time, while others read.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::http::{Connection, create, get, p99};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "800 waiting writers",
    requirement: "the p99 of reads is at most 5 times that of an idle server; creates return 201 or 503; SIGTERM takes at most 5 s",
    run,
};

const WRITERS: usize = 800;
const STACK_BYTES: usize = 128 * 1024;
const TIME: Duration = Duration::from_secs(8);
/// The pause of clients after a 503. It is shorter than `Retry-After`.
const REFUSED_PAUSE: Duration = Duration::from_secs(1);

fn run(bed: &TestBed) -> Result<Outcome> {
    let (_provider, mut server, token) = provider::with_server(bed, "writers", Launch::default())?;
    let addr = server.addr.clone();
    let read = get("/api/items?limit=20", &token);
    let mut first = Connection::open(&addr)?;
    for n in 0..20 {
        first.request(&create(&format!("first{n}"), &token))?;
    }
    let idle = p99(&addr, &read, Duration::from_secs(3))?;
    let is_over = AtomicBool::new(false);
    let (created, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let other = Mutex::new(Vec::new());
    let (busy, (stopped, in_time)) = std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (addr, token) = (&addr, &token);
            let (is_over, created, refused, other) = (&is_over, &created, &refused, &other);
            let write = move || {
                yield_to_server();
                let Ok(mut connection) = Connection::open(addr) else { return };
                for round in 0.. {
                    let response = connection.request(&create(&format!("w{writer}-{round}"), token));
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    match response.map(|response| response.status) {
                        Ok(201) => _ = created.fetch_add(1, Ordering::Relaxed),
                        Ok(503) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                            std::thread::sleep(REFUSED_PAUSE);
                        }
                        wrong => {
                            if let Ok(mut other) = other.lock() {
                                other.push(format!("{wrong:?}"));
                            }
                            return;
                        }
                    }
                }
            };
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            let spawned = thread.spawn_scoped(scope, write).inspect_err(|_| is_over.store(true, Ordering::Relaxed));
            spawned.map_err(|error| format!("writer {writer}: {error}"))?;
        }
        // Until every writer has started.
        std::thread::sleep(Duration::from_millis(500));
        let busy = p99(&addr, &read, TIME);
        is_over.store(true, Ordering::Relaxed);
        Ok::<_, String>((busy?, server.stop()?))
    })?;
    let other = other.into_inner().unwrap_or_default();
    let passed = busy <= idle * 5 && in_time && other.is_empty();
    let per_second = created.load(Ordering::Relaxed) as f64 / (TIME.as_secs_f64() + 0.5);
    let measurement = format!(
        "p99 of reads idle {:.1} ms, under load {:.1} ms ({:.1} times); {per_second:.0} created a second, {} refused with 503, others {:?}; SIGTERM {:.1} s",
        idle.as_secs_f64() * 1e3,
        busy.as_secs_f64() * 1e3,
        busy.as_secs_f64() / idle.as_secs_f64(),
        refused.load(Ordering::Relaxed),
        other.iter().take(3).collect::<Vec<_>>(),
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}

/// Gives this thread a lower priority than the server, because writers usually run on other machines.
fn yield_to_server() {
    use rustix::process::setpriority_process;
    use rustix::thread::gettid;
    let _ = setpriority_process(Some(gettid()), 19);
}
