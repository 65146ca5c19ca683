//! A MongoDB for the tests: the one that a variable names, or a compatible server of our own on a free port.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xshell::cmd;

use crate::Result;
use crate::shell::{detached, find, root, run, shell, step};

/// Names a MongoDB to use instead, for example `mongodb://127.0.0.1:27017`.
pub const VARIABLE: &str = "PORTCULLIS_TEST_MONGODB";
/// A server that speaks MongoDB's wire protocol and comes as a Python package.
const PACKAGE: &str = "SecantusDB==0.7.0b3";
/// Where it is, seen from the repository's root.
const SERVER: &str = ".tools/mongodb/bin/secantusd-py";
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A MongoDB to test against; one of our own ends with this value.
pub struct MongoDb {
    /// How to reach it.
    pub uri: String,
    process: Option<(Child, TempDir)>,
}

impl Drop for MongoDb {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.process {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl MongoDb {
    /// Starts one, unless the variable names one.
    pub fn start() -> Result<Self> {
        if let Ok(uri) = std::env::var(VARIABLE) {
            println!("==> MongoDB: {VARIABLE} names one");
            return Ok(Self { uri, process: None });
        }
        Self::own()
    }

    /// Starts one of our own, whatever the variable says.
    pub fn own() -> Result<Self> {
        install()?;
        step("Starting a MongoDB-compatible server", Self::spawn)
    }

    /// The process of one of our own.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|(child, _)| child.id())
    }

    fn spawn() -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no free port: {error}"))?.port();
        let folder = tempfile::Builder::new().prefix("portcullis-mongodb-").tempdir();
        let folder = folder.map_err(|error| error.to_string())?;
        let sh = shell()?;
        let (server, port_argument, storage) = (root().join(SERVER), port.to_string(), folder.path());
        // Test commands for configureFailPoint, by which the tests make single commands fail.
        let start = cmd!(sh, "{server} --enable-test-commands --port {port_argument} --storage-path {storage}");
        let spawned = detached(start).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = spawned.map_err(|error| format!("{SERVER} cannot be run: {error}"))?;
        let mut mongodb = Self { uri: format!("mongodb://127.0.0.1:{port}"), process: Some((child, folder)) };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = mongodb.process.as_mut().is_none_or(|(child, _)| !matches!(child.try_wait(), Ok(None)));
            if ended || begun.elapsed() > PATIENCE {
                return Err(format!("the MongoDB-compatible server does not answer; name another in {VARIABLE}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(mongodb)
    }
}

fn install() -> Result {
    if root().join(SERVER).is_file() {
        return Ok(());
    }
    if find("python3").is_none() {
        return Err(format!("python3 was not found: install it with its venv module, or name a MongoDB in {VARIABLE}"));
    }
    let sh = shell()?;
    step("Installing a MongoDB-compatible server into .tools/mongodb", || {
        run(cmd!(sh, "python3 -m venv .tools/mongodb")).map_err(|error| {
            format!("{error}; install Python's venv module (on Debian: apt-get install python3-venv)")
        })?;
        let pip = root().join(".tools/mongodb/bin/pip");
        run(cmd!(sh, "{pip} install --quiet --disable-pip-version-check {PACKAGE}"))
    })
}
