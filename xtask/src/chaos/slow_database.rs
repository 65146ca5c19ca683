//! A MongoDB that stops responding, and continues after a while.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::http::{create, get, header, member, once};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;
use crate::mongodb::MongoDb;

pub const SCENARIO: Scenario = Scenario {
    name: "slow database",
    requirement: "reads and writes return 503 with Retry-After within 15 s, never 408; everything works within 2 s afterwards",
    run,
};

fn run(bed: &TestBed) -> Result<Outcome> {
    let mongodb = MongoDb::own()?;
    let pid = mongodb.pid().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).ok_or("MongoDB has no process")?;
    let signal = |signal| kill_process(pid, signal).map_err(|error| error.to_string());
    let url = format!("{}/chaos", mongodb.uri);
    let launch = Launch { variables: &[("DATABASE_URL", &url)], ..Launch::default() };
    let (_provider, mut server, token) = provider::with_server(bed, "slow-database", launch)?;
    let created = once(&server.addr, &create("before", &token))?;
    let id = member(&created.body, "id").ok_or_else(|| format!("no item: {created:?}"))?.to_owned();
    let delete = format!(
        "DELETE /api/items/{id} HTTP/1.1\r\nHost: chaos\r\nAuthorization: Bearer {token}\r\nIf-Match: *\r\n\r\n"
    );
    signal(Signal::STOP)?;
    let (mut statuses, mut slowest, mut have_retry) = (Vec::new(), Duration::ZERO, true);
    for request in [get("/api/items", &token), create("during", &token), delete] {
        let started = Instant::now();
        let response = once(&server.addr, &request);
        slowest = slowest.max(started.elapsed());
        let response = response.inspect_err(|_| _ = signal(Signal::CONT))?;
        have_retry &= header(&response.head, "retry-after").is_some();
        statuses.push(response.status);
    }
    signal(Signal::CONT)?;
    let returned = Instant::now();
    while once(&server.addr, &get("/api/items", &token))?.status != 200 && returned.elapsed() < Duration::from_secs(10)
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    let recovered = returned.elapsed();
    let (stopped, in_time) = server.stop()?;
    let is_quick = slowest <= Duration::from_secs(15) && recovered <= Duration::from_secs(2);
    let passed = statuses == [503; 3] && have_retry && is_quick && in_time;
    let measurement = format!(
        "list, create and delete return {statuses:?} after at most {:.1} s, Retry-After: {have_retry}; works again after {:.2} s; SIGTERM {:.1} s",
        slowest.as_secs_f64(),
        recovered.as_secs_f64(),
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}
