//! A MongoDB for the tests: the one in a variable, or a compatible server on a free port.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xshell::{Cmd, Shell, cmd};

use crate::Result;
use crate::shell::{detached, find, root, run, shell, step};

/// The variable with the URI of a MongoDB to use instead, for example `mongodb://127.0.0.1:27017`.
pub const VARIABLE: &str = "PORTCULLIS_TEST_MONGODB";
/// A Python package with a server that has MongoDB's wire protocol.
const PACKAGE: &str = "SecantusDB==0.7.0b3";
/// The virtual environment of that package, relative to the repository root.
const VENV: &str = ".tools/mongodb";
/// The program of the server in it.
const SERVER: &str = "bin/secantusd-py";
/// The maximum time until it responds.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A MongoDB for tests. If it was started here, dropping this value stops it.
pub struct MongoDb {
    /// The connection string.
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
    /// Returns the MongoDB in the variable, or starts a server.
    pub fn start() -> Result<Self> {
        if let Ok(uri) = std::env::var(VARIABLE) {
            println!("==> MongoDB: {VARIABLE} is set");
            return Ok(Self { uri, process: None });
        }
        Self::own()
    }

    /// Starts a server, even if the variable is set.
    pub fn own() -> Result<Self> {
        install()?;
        step("Starting a MongoDB-compatible server", Self::spawn)
    }

    /// Returns the process id of the server, if it was started here.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|(child, _)| child.id())
    }

    fn spawn() -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no free port: {error}"))?.port();
        let folder = tempfile::Builder::new().prefix("portcullis-mongodb-").tempdir();
        let folder = folder.map_err(|error| error.to_string())?;
        let sh = shell()?;
        let venv = root().join(VENV);
        // The test commands include configureFailPoint, with which tests make single commands fail.
        let start = python(&sh, &venv).arg(venv.join(SERVER)).args(["--enable-test-commands", "--port"]);
        let start = start.arg(port.to_string()).arg("--storage-path").arg(folder.path());
        let spawned = detached(start).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = spawned.map_err(|error| format!("{SERVER} cannot be run: {error}"))?;
        let mut mongodb = Self { uri: format!("mongodb://127.0.0.1:{port}"), process: Some((child, folder)) };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = mongodb.process.as_mut().is_none_or(|(child, _)| !matches!(child.try_wait(), Ok(None)));
            if ended || started.elapsed() > START_TIMEOUT {
                return Err(format!("the MongoDB-compatible server does not respond; name another in {VARIABLE}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(mongodb)
    }
}

/// Returns the Python of `venv`, to run the programs in it. Their own first lines hold the path where the environment
/// was created, so after the checkout was moved or copied they would not start, or run those of the other place.
fn python<'a>(sh: &'a Shell, venv: &Path) -> Cmd<'a> {
    sh.cmd(venv.join("bin/python3"))
}

fn install() -> Result {
    let venv = root().join(VENV);
    if venv.join(SERVER).is_file() {
        return Ok(());
    }
    if find("python3").is_none() {
        return Err(format!("python3 was not found: install it with its venv module, or name a MongoDB in {VARIABLE}"));
    }
    let sh = shell()?;
    step("Installing a MongoDB-compatible server into .tools/mongodb", || {
        run(cmd!(sh, "python3 -m venv {VENV}")).map_err(|error| {
            format!("{error}; install Python's venv module (on Debian: apt-get install python3-venv)")
        })?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
        run(python(&sh, &venv).args(pip))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::read;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn program_of_a_moved_venv_runs_with_its_python() {
        let folder = tempfile::tempdir().expect("a folder");
        let (old, new) = (folder.path().join("old place"), folder.path().join("new place"));
        fs::create_dir_all(old.join("bin")).expect("folders");
        let server = format!("#!{}\necho runs\n", old.join("bin/python3").display());
        for (name, text) in [("bin/python3", "#!/bin/sh\nexec sh \"$@\"\n"), (SERVER, &server)] {
            fs::write(old.join(name), text).expect("a file");
            fs::set_permissions(old.join(name), fs::Permissions::from_mode(0o755)).expect("executable");
        }
        fs::rename(&old, &new).expect("moved");
        let sh = shell().expect("a shell");
        assert_eq!(read(python(&sh, &new).arg(new.join(SERVER))).as_deref(), Some("runs"));
    }
}
