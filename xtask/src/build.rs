//! Builds, serves and watches the app.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use xshell::cmd;

use crate::Result;
use crate::shell::{exec, root, run, shell, step};
use crate::tools;

/// The sources of the release.
const SOURCES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "app", "crates", "frontend", "public", "server/Cargo.toml", "server/src", "style"];
/// The files of the release.
const PRODUCTS: &[&str] = &[
    "target/release/server",
    "target/site/pkg/portcullis.css",
    "target/site/pkg/portcullis.js",
    "target/site/pkg/portcullis.wasm",
    "target/site/pkg/__wasm_split.______________________.js",
];
/// Written after each build. The release is built again if this is older than any of the sources.
const STAMP: &str = "target/xtask-release.stamp";

/// Builds the release, unless nothing has changed since the last time.
pub fn release() -> Result {
    tools::for_building()?;
    let built = modified(&root().join(STAMP));
    let newest = SOURCES.iter().filter_map(|source| newest(&root().join(source))).max();
    // The stamp contains the identity of the files: another build, or `watch`, may have replaced them.
    let products_now = products();
    let same = products_now.is_some() && fs::read_to_string(root().join(STAMP)).ok() == products_now;
    if same && built > newest {
        println!("==> The release is up to date");
        return Ok(());
    }
    // The time before the build, so that changes during the build cause another one.
    let started = SystemTime::now();
    let sh = shell()?;
    step("Building the release (a few minutes the first time)", || {
        run(cmd!(sh, "cargo leptos build --release -P --split"))
    })?;
    let path = root().join(STAMP);
    let stamp = fs::write(&path, products().unwrap_or_default())
        .and_then(|()| fs::File::options().append(true).open(&path)?.set_modified(started));
    stamp.map_err(|error| format!("{STAMP}: {error}"))
}

/// Returns the identity of the built files: the size and the modification time of each.
fn products() -> Option<String> {
    let mut all = String::new();
    for product in PRODUCTS {
        let found = fs::metadata(root().join(product)).ok()?;
        all += &format!("{product}: {} bytes, {:?}\n", found.len(), found.modified().ok()?);
    }
    Some(all)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

/// Returns the latest modification time in `path`.
fn newest(path: &Path) -> Option<SystemTime> {
    let inside = fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest(&entry.path()));
    inside.chain(modified(path)).max()
}

/// The default address of the server.
const SITE_ADDR: &str = "127.0.0.1:3000";

/// Returns an error immediately if the port is in use, instead of after minutes of building.
fn port_is_free() -> Result {
    let addr = std::env::var("LEPTOS_SITE_ADDR").unwrap_or_else(|_| SITE_ADDR.to_owned());
    match std::net::TcpListener::bind(&addr) {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Err(format!("{addr} is in use: stop what listens there, or choose another address in LEPTOS_SITE_ADDR"))
        }
        _ => Ok(()),
    }
}

/// `cargo xtask serve`.
pub fn serve() -> Result {
    port_is_free()?;
    release()?;
    println!("==> Serving (Ctrl-C ends it)");
    exec(shell()?.cmd(root().join("target/release/server")).arg("serve"))
}

/// `cargo xtask watch`.
pub fn watch() -> Result {
    tools::for_building()?;
    println!("==> Watching (Ctrl-C ends it)");
    let sh = shell()?;
    exec(cmd!(sh, "cargo leptos watch"))
}
