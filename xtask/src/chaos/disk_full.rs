//! The disk of the embedded store is full for a while: a small file system in memory, only for the server. If the
//! system does not allow users to create namespaces, a limit of the file size replaces it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::http::{Connection, create, every_item, get, once};
use super::{Launch, Outcome, Scenario, Server, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "disk full, then with room again",
    requirement: "while it is full, writes and /readyz return 503 and reads return 200; everything works within 2 s of room; nothing acknowledged is lost; SIGTERM takes at most 5 s",
    run,
};

const FULL: Duration = Duration::from_secs(60);
const RECOVERY_LIMIT: Duration = Duration::from_secs(2);

/// The way to fill the disk.
enum Disk {
    /// A file system of 16 MiB, with a file that fills the rest of it.
    Memory(PathBuf),
    /// A file size limit of 2 MiB for the process.
    FileSize(Pid),
}

impl Disk {
    fn fill(&self) -> Result {
        if let Self::Memory(ballast) = self {
            let mut file = fs::File::create(ballast).map_err(|error| format!("{}: {error}", ballast.display()))?;
            let _ = std::io::copy(&mut std::io::repeat(0), &mut file);
        }
        Ok(())
    }

    fn free(&self) -> Result {
        match self {
            Self::Memory(ballast) => fs::remove_file(ballast).map_err(|error| error.to_string()),
            Self::FileSize(pid) => {
                let none = Rlimit { current: None, maximum: None };
                prlimit(Some(*pid), Resource::Fsize, none).map(|_| ()).map_err(|error| error.to_string())
            }
        }
    }
}

fn run(bed: &TestBed) -> Result<Outcome> {
    let provider = provider::Provider::start(bed, bed.folder("disk-provider")?)?;
    let folder = bed.folder("disk")?;
    let data = folder.join("data");
    fs::create_dir(&data).map_err(|error| error.to_string())?;
    let mut mount = Command::new("unshare");
    mount.args(["-Urm", "sh", "-c", "mount -t tmpfs tmpfs \"$0\""]).arg(&data).stderr(Stdio::null());
    let has_namespaces = mount.status().is_ok_and(|status| status.success());
    let prelude = if has_namespaces {
        format!(
            "exec unshare -Urm sh -c 'mount -t tmpfs -o size=16m tmpfs \"$0\" && exec \"$@\"' {} \"$@\"",
            data.display()
        )
    } else {
        "trap '' XFSZ; ulimit -S -f 4096".to_owned()
    };
    let mut server = provider::server_of(bed, &provider, &folder, Launch { prelude: &prelude, ..Launch::default() })?;
    let disk = if has_namespaces {
        Disk::Memory(format!("/proc/{}/root{}/ballast", server.child.id(), data.display()).into())
    } else {
        Disk::FileSize(Pid::from_child(&server.child))
    };
    let token = provider.token(bed)?;
    let mut kept: Vec<String> = Vec::new();
    write(&server, &token, "before", 50, &mut kept)?;
    disk.fill()?;
    let started = Instant::now();
    let (mut refused, mut other) = (0, Vec::new());
    let (mut reads, mut good_reads) = (0, 0);
    while started.elapsed() < FULL {
        for status in write(&server, &token, &format!("full{}-", started.elapsed().as_millis()), 20, &mut kept)? {
            match status {
                503 => refused += 1,
                201 => {}
                status => other.push(status),
            }
        }
        reads += 1;
        good_reads += usize::from(once(&server.addr, &get("/api/items?limit=5", &token))?.status == 200);
        std::thread::sleep(Duration::from_millis(20));
    }
    let ready = once(&server.addr, &get("/readyz", ""))?.status;
    disk.free()?;
    let freed = Instant::now();
    let mut works = false;
    while !works && freed.elapsed() < RECOVERY_LIMIT * 5 {
        works = write(&server, &token, &format!("after{}-", freed.elapsed().as_millis()), 1, &mut kept)? == [201]
            && once(&server.addr, &get("/readyz", ""))?.status == 200;
    }
    let took = freed.elapsed();
    let listed = every_item(&server.addr, &token)?;
    let lost = kept.iter().filter(|name| !listed.contains(name)).count();
    let (stopped, in_time) = server.stop()?;
    // A read in progress when the disk becomes full may fail, and so may reads during the one reopening.
    let has_read = good_reads * 100 >= reads * 95;
    let is_sound = lost == 0 && refused > 0 && other.is_empty() && has_read && ready == 503 && in_time;
    let passed = works && took <= RECOVERY_LIMIT && is_sound;
    let measurement = format!(
        "{refused} writes refused in {} s by {}, {good_reads} of {reads} reads good, /readyz {ready}, other statuses {other:?}; everything works again: {works}, after {:.2} s; {lost} of {} lost; SIGTERM {:.1} s",
        FULL.as_secs(),
        if has_namespaces { "a file system of 16 MiB" } else { "a limit of the file's size" },
        took.as_secs_f64(),
        kept.len(),
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}

/// Creates `count` items and returns the statuses. Adds the names of acknowledged items to `kept`.
fn write(server: &Server, token: &str, prefix: &str, count: usize, kept: &mut Vec<String>) -> Result<Vec<u16>> {
    let mut connection = Connection::open(&server.addr)?;
    let mut statuses = Vec::new();
    for n in 0..count {
        let name = format!("{prefix}{n}");
        let response = connection.request(&create(&name, token))?;
        if response.status == 201 {
            kept.push(name);
        }
        statuses.push(response.status);
    }
    Ok(statuses)
}
