//! What stops the start, in one line that says what to do.

use std::process::{Command, Stdio};

use crate::support::App;

/// Runs the real binary with `variables`, which must make it stop by itself; gives what it says.
fn stopped(variables: &[(&str, &str)]) -> String {
    stopped_in(tempfile::tempdir().expect("a temporary folder").path(), variables)
}

/// The same, in a folder that may hold a `.env`.
fn stopped_in(folder: &std::path::Path, variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_server"))
        .arg("serve")
        .current_dir(folder)
        .env_clear()
        .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
        .env("DEV_PROVIDER_ADDR", "127.0.0.1:0")
        .env("RUST_LOG", "off")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    said
}

#[test]
fn a_wrong_variable_is_one_line_that_names_it() {
    for (name, value) in [
        ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
        ("LEPTOS_SITE_ADDR", "everywhere"),
        ("AUTH_ISSUER", "not a url"),
        ("DATABASE_URL", "postgres://localhost/items"),
        ("RUST_LOG", "loud,=="),
    ] {
        let said = stopped(&[(name, value)]);
        assert!(said.starts_with(&format!("error: {name} is ")), "{said}");
    }
    assert!(stopped(&[("AUTH_ISSUER", "https://i.example")]).contains("AUTH_AUDIENCE is missing"));
    let said = stopped(&[("DATABASE_URL", "mongodb://ada:hunter2@localhost")]);
    assert!(said.contains("DATABASE_URL is ") && said.contains("database") && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_dotenv_that_cannot_be_read_is_named_without_its_secrets() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(".env"), "DATABASE_URL=mongodb://ada:hunter2@h/d and more\n").expect("a file");
    let said = stopped_in(folder.path(), &[]);
    assert!(said.contains(".env cannot be read") && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_port_in_use_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address").to_string();
    for name in ["LEPTOS_SITE_ADDR", "DEV_PROVIDER_ADDR"] {
        let said = stopped(&[(name, &addr)]);
        assert!(said.contains(&format!("{name} is {addr}: the port is in use")), "{said}");
    }
}

#[test]
fn a_corrupt_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    std::fs::write(&path, "not a database").expect("a file");
    let said = stopped(&[("DATABASE_URL", &format!("redb:{}", path.display()))]);
    assert!(said.contains("not a sound database and was left untouched"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "not a database");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_of_the_environment_comes_between_the_server_and_this_machine() {
    use std::io::{BufRead, BufReader};

    let proxy = crate::support::Issuer::start(&[&crate::support::FOREIGN]).await;
    let issuer = crate::support::Issuer::start(&[&crate::support::OURS]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let uri = format!("{}/jwks?key=hunter2", issuer.url());
    let mut child = Command::new(env!("CARGO_BIN_EXE_server"))
        .current_dir(folder.path())
        .env_clear()
        .envs([("http_proxy", proxy.url()), ("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("AUTH_URI", &uri)])
        .envs([("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", crate::support::tokens::AUDIENCE)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    assert!(line.contains("listens on"), "{line}");
    crate::support::app::eventually("the keys are fetched from the issuer itself", || async { issuer.asked() > 0 })
        .await;
    assert_eq!(proxy.asked(), 0);
    issuer.becomes(crate::support::issuer::Mood::Down);
    child.kill().expect("killed");
    let said = String::from_utf8(child.wait_with_output().expect("ended").stderr).expect("UTF-8");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn the_token_command_prints_a_token_that_opens_the_api() {
    let app = App::start().await;
    let provider = app.dev_issuer.clone().expect("the development provider").replace("http://", "");
    let ask = move |account: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["token", "--account", account, "--scope", "read:items"]);
        let output = command.env_clear().env("DEV_PROVIDER_ADDR", &provider).stdin(Stdio::null()).output();
        output.expect("it runs")
    };
    let (ben, eve) = tokio::task::spawn_blocking(move || (ask("ben"), ask("eve"))).await.expect("it runs");
    let token = String::from_utf8(ben.stdout).expect("UTF-8");
    assert_eq!(app.get("/api/items", Some(token.trim())).await.status, 200);
    assert_eq!((eve.status.code(), eve.stdout.len()), (Some(1), 0), "Eve has no such scope");
    assert!(String::from_utf8(eve.stderr).expect("UTF-8").contains("read:items"));
}

#[tokio::test]
async fn samples_are_for_the_development_provider_alone() {
    let development = App::start().await;
    let ada = development.token("ada").await;
    let page = development.get("/api/items?limit=100", Some(&ada)).await.json();
    assert_eq!(page["items"].as_array().expect("items").len(), 12);

    let issuer = crate::support::Issuer::start(&[&crate::support::OURS]).await;
    let foreign = App::with_issuer(&issuer).await;
    let token = crate::support::OURS.sign(&crate::support::claims(issuer.url(), serde_json::json!({})));
    let page = foreign.get("/api/items", Some(&token)).await.json();
    assert_eq!(page, serde_json::json!({"items": [], "next": null}));
}

#[tokio::test]
async fn what_was_written_survives_a_kill() {
    use std::io::{BufRead, BufReader};

    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = format!("redb:{}", folder.path().join("data/items.redb").display());
    let mut child = Command::new(env!("CARGO_BIN_EXE_server"))
        .current_dir(folder.path())
        .env_clear()
        .envs([("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("DEV_PROVIDER_ADDR", "127.0.0.1:0"), ("DATABASE_URL", &database)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    assert!(line.contains("listens on"), "{line}");
    // SIGKILL: nothing is closed, flushed or said goodbye to.
    child.kill().expect("killed");
    child.wait().expect("ended");

    let issuer = crate::support::Issuer::start(&[&crate::support::OURS]).await;
    let variables = [
        ("AUTH_ISSUER", issuer.url()),
        ("AUTH_AUDIENCE", crate::support::tokens::AUDIENCE),
        ("DATABASE_URL", &database),
    ];
    let app = App::try_start(&variables).await.expect("it opens");
    let token = crate::support::OURS.sign(&crate::support::claims(issuer.url(), serde_json::json!({})));
    let page = app.get("/api/items?limit=100", Some(&token)).await.json();
    assert_eq!(page["items"].as_array().expect("items").len(), 12);
}

#[tokio::test]
async fn a_connection_that_never_ends_its_request_holds_up_nobody_and_no_stop() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = App::start().await;
    let addr = app.url.replace("http://", "");
    let mut slow = tokio::net::TcpStream::connect(&addr).await.expect("a connection");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").await.expect("half a head");
    assert_eq!(app.get("/healthz", None).await.status, 200);
    // The server ends it within its limit of ten seconds; it would otherwise stay open for ever.
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), slow.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "it is still open");
}

#[test]
fn a_connection_that_never_ends_its_request_does_not_hold_up_the_end() {
    use std::io::{BufRead, BufReader, Write};

    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_server"))
        .current_dir(folder.path())
        .env_clear()
        .envs([("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("DEV_PROVIDER_ADDR", "127.0.0.1:0"), ("RUST_LOG", "off")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    let addr = line.trim().rsplit("http://").next().expect("an address").to_owned();
    let mut half = std::net::TcpStream::connect(addr).expect("a connection");
    half.write_all(b"POST /rpc/items/list HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        .expect("half a request");
    let asked = std::time::Instant::now();
    assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill runs").success());
    assert!(child.wait().expect("ended").success());
    assert!(asked.elapsed().as_secs() < 9, "{:?}", asked.elapsed());
}
