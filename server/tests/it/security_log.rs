//! The security log of a running server: its lines, and what must not be in them.

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use http::{HeaderMap, Method};
use portcullis_server::security_log::pseudonym;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::process::Process;
use crate::support::{Issuer, OURS, claims};

/// A server in its own process, and the lines that it logs.
struct Logged {
    server: Process,
    http: reqwest::Client,
    lines: Receiver<String>,
    _folder: tempfile::TempDir,
}

impl Logged {
    fn start(issuer: &Issuer) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE)];
        let mut server = Process::start(folder.path(), &variables);
        let log = BufReader::new(server.child.stderr.take().expect("its log"));
        let (sender, lines) = channel();
        std::thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { server, http: reqwest::Client::new(), lines, _folder: folder }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: (&str, &str),
    ) -> (u16, HeaderMap, String) {
        let mut request = self.http.request(method, format!("{}{path}", self.server.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", body.0).body(body.1.to_owned());
        let response = request.send().await.expect("a response");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.text().await.expect("a body"))
    }

    /// Returns the lines of the security log about the request `id` before the line about the request `end`, without
    /// their time and without the port of the peer.
    fn until(&self, end: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30)).expect("a line about the last request");
            let Some((_, line)) = line.split_once("portcullis_server::security_log: ") else { continue };
            if line.contains(end) {
                return lines;
            }
            let (start, rest) = line.split_once("peer=127.0.0.1:").expect("a peer");
            lines.push(format!("{start}peer={}", rest.trim_start_matches(|c: char| c.is_ascii_digit())));
        }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test(flavor = "multi_thread")]
async fn security_log_tells_refusals_and_writes_of_both_surfaces() {
    let issuer = Issuer::start(&[&OURS]).await;
    let log = Logged::start(&issuer);
    let token = |subject: &str, scope: &str| OURS.sign(&claims(issuer.url(), json!({"sub": subject, "scope": scope})));
    let ada = token("ada-private", "read:items write:items delete:items");
    let reader = token("ben-private", "read:items");
    let (ada_bearer, reader_bearer) = (format!("Bearer {ada}"), format!("Bearer {reader}"));
    let broken = format!("{ada_bearer}x");
    let draft = r#"{"name":"private-name","description":"","price":null,"currency":null}"#;
    let mut answers = Vec::new();
    let mut expected = Vec::new();
    let person =
        |subject: &str| format!(r#"issuer="{0}" subject="{1}" "#, issuer.url(), pseudonym(issuer.url(), subject));
    let mut ask = async |method: Method, path: &str, bearer: Option<&str>, body: (&str, &str), line: Option<String>| {
        let id = format!("test-{}", answers.len());
        let mut headers = vec![("x-request-id", id.as_str())];
        headers.extend(bearer.map(|bearer| ("authorization", bearer)));
        // Other parts of a request that the log must not contain.
        headers.extend([("cookie", "private-cookie=1"), ("x-forwarded-for", "198.51.100.1"), ("if-match", "*")]);
        let (status, headers, text) = log.ask(method, path, &headers, body).await;
        assert_eq!(headers["x-request-id"], id.as_str(), "{path}");
        expected.extend(line.map(|line| format!(r#"security event {line}peer= request_id="{id}""#)));
        answers.push(status);
        text
    };

    // Reads that succeed have no line.
    let read = ask(Method::GET, "/api/items?search=private-query", Some(&ada_bearer), (JSON, ""), None).await;
    assert!(read.contains("items"), "{read}");
    ask(Method::POST, "/rpc/items/list", Some(&ada_bearer), (FORM, ""), None).await;
    ask(Method::GET, "/items", None, (JSON, ""), None).await;
    // 401
    let line = |method: &str, route: &str, code: &str| {
        Some(format!(r#"event="unauthorized" method="{method}" route="{route}" status=401 code="{code}" "#))
    };
    let path = "/api/item/single/private-id?access=private-query";
    ask(Method::GET, path, None, (JSON, ""), line("GET", "/api/item/single/{id}", "credentials_required")).await;
    ask(Method::POST, "/api/items", Some(&broken), (JSON, draft), line("POST", "/api/items", "invalid_token")).await;
    ask(
        Method::POST,
        "/rpc/items/create",
        None,
        (FORM, "draft[name]=private-name"),
        line("POST", "/rpc/items/create", "credentials_required"),
    )
    .await;
    ask(Method::PUT, "/api/private-path", None, (JSON, ""), line("PUT", "/api/{*rest}", "credentials_required")).await;
    // 403
    let line = |method: &str, route: &str| {
        let person = person("ben-private");
        Some(format!(
            r#"event="forbidden" method="{method}" route="{route}" status=403 code="insufficient_scope" {person}"#
        ))
    };
    ask(Method::POST, "/api/items", Some(&reader_bearer), (JSON, draft), line("POST", "/api/items")).await;
    let form = "draft[name]=private-name&draft[description]=&draft[price]=&draft[currency]=";
    ask(Method::POST, "/rpc/items/create", Some(&reader_bearer), (FORM, form), line("POST", "/rpc/items/create")).await;
    // Writes, successful or not.
    let line = |method: &str, route: &str, status: u16, code: &str| {
        let code = if code.is_empty() { String::new() } else { format!(r#"code="{code}" "#) };
        let person = person("ada-private");
        Some(format!(r#"event="write" method="{method}" route="{route}" status={status} {code}{person}"#))
    };
    let made =
        ask(Method::POST, "/api/items", Some(&ada_bearer), (JSON, draft), line("POST", "/api/items", 201, "")).await;
    let made: serde_json::Value = serde_json::from_str(&made).expect("an item");
    let id = made["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/items/{id}");
    ask(Method::PUT, &path, Some(&ada_bearer), (JSON, draft), line("PUT", "/api/items/{id}", 200, "")).await;
    ask(Method::DELETE, &path, Some(&ada_bearer), (JSON, ""), line("DELETE", "/api/items/{id}", 204, "")).await;
    ask(Method::DELETE, &path, Some(&ada_bearer), (JSON, ""), line("DELETE", "/api/items/{id}", 404, "not_found"))
        .await;
    let form = format!("id={id}");
    ask(
        Method::POST,
        "/rpc/items/restore",
        Some(&ada_bearer),
        (FORM, &form),
        line("POST", "/rpc/items/restore", 200, ""),
    )
    .await;
    ask(
        Method::POST,
        "/rpc/items/delete",
        Some(&ada_bearer),
        (FORM, "id=private-id&version=1"),
        line("POST", "/rpc/items/delete", 400, "invalid_request"),
    )
    .await;
    // The last one, which has its own line.
    ask(Method::GET, "/api/items", None, (JSON, ""), None).await;

    let lines = log.until(&format!("test-{}\"", answers.len() - 1));
    assert_eq!(lines, expected, "{answers:?}");
    for line in &lines {
        for secret in ["private", "eyJ", &ada, &id, "198.51.100.1", "access"] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn response_names_its_request() {
    let issuer = Issuer::start(&[&OURS]).await;
    let log = Logged::start(&issuer);
    for path in ["/", "/healthz", "/api/items", "/rpc/nothing", "/nothing", "/favicon.svg"] {
        let (_, headers, _) = log.ask(Method::GET, path, &[("x-request-id", "from-a.proxy_1")], (JSON, "")).await;
        assert_eq!(headers["x-request-id"], "from-a.proxy_1", "{path}");
        let odd = [("x-request-id", "a b\" status=200")];
        for headers in [&[][..], &odd] {
            let (_, headers, _) = log.ask(Method::GET, path, headers, (JSON, "")).await;
            let id = headers["x-request-id"].to_str().expect("ASCII");
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}: {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn security_log_of_a_flood_has_a_limit() {
    let issuer = Issuer::start(&[&OURS]).await;
    let log = Logged::start(&issuer);
    for _ in 0..400 {
        log.ask(Method::GET, "/api/items", &[], (JSON, "")).await;
    }
    // During the flood, a rejection of another kind is still logged.
    let bearer = format!("Bearer {}", OURS.sign(&claims(issuer.url(), json!({"scope": ""}))));
    let headers = [("authorization", bearer.as_str()), ("x-request-id", "the-last")];
    assert_eq!(log.ask(Method::GET, "/api/items", &headers, (JSON, "")).await.0, 403);
    // A hundred immediately, and one for each second of the test.
    let lines = log.until("the-last").len();
    assert!((100..200).contains(&lines), "{lines}");
}
