//! The server is killed repeatedly while items are created.

use std::collections::HashMap;
use std::time::Duration;

use super::http::{Connection, create, every_item};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "kill -9 under writes",
    requirement: "no acknowledged item is lost; no item exists twice, although unacknowledged requests are sent again",
    run,
};

const KILLS: usize = 30;
const WRITERS: usize = 8;

fn run(bed: &TestBed) -> Result<Outcome> {
    let provider = provider::Provider::start(bed, bed.folder("kills-provider")?)?;
    let (folder, token) = (bed.folder("kills")?, provider.token(bed)?);
    let mut kept = Vec::new();
    // The unacknowledged request of each writer. It is sent again with the same key after the next start.
    let mut unanswered: Vec<String> = Vec::new();
    for round in 0..KILLS {
        let mut server = provider::server_of(bed, &provider, &folder, Launch::default())?;
        let addr = server.addr.clone();
        let writers = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let again: Vec<_> = unanswered.iter().skip(writer).step_by(WRITERS).cloned().collect();
                    let new = (0..).map(move |n| format!("k{round}-{writer}-{n}"));
                    let (addr, token) = (&addr, &token);
                    scope.spawn(move || write(addr, token, again.into_iter().chain(new)))
                })
                .collect();
            // At different moments of a commit.
            std::thread::sleep(Duration::from_millis(300 + 37 * round as u64 % 200));
            server.kill();
            writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        unanswered.clear();
        for writer in writers {
            let (created, last) = writer.map_err(|_| "a writer has panicked".to_owned())??;
            kept.extend(created);
            unanswered.push(last);
        }
    }
    let mut server = provider::server_of(bed, &provider, &folder, Launch::default())?;
    let mut found = HashMap::<String, usize>::new();
    for name in every_item(&server.addr, &token)? {
        *found.entry(name).or_default() += 1;
    }
    let lost = kept.iter().filter(|name| !found.contains_key(*name)).count();
    let twice = found.values().filter(|count| **count > 1).count();
    let (_, in_time) = server.stop()?;
    let measurement = format!("{KILLS} kills, {} acknowledged, {lost} lost, {twice} twice", kept.len());
    Ok(Outcome { passed: lost == 0 && twice == 0 && kept.len() > KILLS * WRITERS && in_time, measurement })
}

/// Creates items with `names` until the server is gone. Returns the acknowledged ones and the unacknowledged one.
fn write(addr: &str, token: &str, names: impl Iterator<Item = String>) -> Result<(Vec<String>, String)> {
    let mut connection = Connection::open(addr).ok();
    let mut created = Vec::new();
    for name in names {
        let response = connection.as_mut().map(|connection| connection.request(&create(&name, token)));
        match response {
            Some(Ok(response)) if response.status == 201 => created.push(name),
            Some(Ok(response)) => return Err(format!("a creation returned {}: {}", response.status, response.body)),
            Some(Err(_)) | None => return Ok((created, name)),
        }
    }
    Err("the names have ended".to_owned())
}
