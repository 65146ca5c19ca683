//! The audit finds planted holes and other faults.

use axum::response::IntoResponse;
use http::request::Parts;
use http::{StatusCode, header};
use portcullis_cli::audit::command::Format;
use portcullis_cli::audit::outcome::Outcome;
use portcullis_verifier::test_support::now;

use super::{attacks, audit, ok};
use crate::support::App;
use crate::support::front::{Front, Plant, careless};

/// Returns the fault of a server that accepts every token for which `accepts` returns true.
async fn holes(plant: Plant) -> Vec<String> {
    let app = App::start().await;
    let front = Front::start(&app, plant).await;
    let (report, _) = audit(&front.url, &[], |name| name == "GET /api/items").await;
    assert!(!report.is_good(), "{}", Format::Table.write(&report));
    assert!(report.verdict().contains("found on 1 of 1 route."), "{}", report.verdict());
    attacks(&report, "GET /api/items", Outcome::Hole)
}

#[tokio::test]
async fn audit_finds_endpoint_without_a_gate_by_every_attack() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| if parts.uri.path() == "/rpc/items/list" { ok() } else { None }).await;
    let (report, _) = audit(&front.url, &[], |name| name.starts_with("POST /rpc") || name.contains("/api/items")).await;
    assert!(!report.is_good());
    let found = attacks(&report, "POST /rpc/items/list", Outcome::Hole);
    for name in
        ["no header", "alg none", "own key, the provider's kid", "expired", "Ada's ID token", "Eve", "in the query"]
    {
        assert!(found.iter().any(|attack| attack == name), "{name} did not find it");
    }
    // All attacks except those with sufficient scopes, and no other finding.
    assert_eq!(found.len(), report.attacks.len() - 6);
    assert_eq!(report.count(Outcome::Hole), found.len());
    for format in [Format::Table, Format::Json, Format::Junit, Format::Html] {
        assert!(format.write(&report).contains("POST /rpc/items/list"), "{format:?}");
    }
}

#[tokio::test]
async fn audit_finds_endpoint_that_validates_before_the_gate() {
    let answer = |parts: &Parts| {
        let is_it = parts.uri.path() == "/api/items";
        is_it.then(|| (StatusCode::UNPROCESSABLE_ENTITY, "no such field").into_response())
    };
    assert!(holes(answer).await.iter().any(|attack| attack == "no header"));
}

#[tokio::test]
async fn audit_finds_server_that_accepts_alg_none() {
    let found = holes(|parts| {
        let algorithm = careless(parts)?.0["alg"].as_str()?.to_lowercase();
        (parts.uri.path() == "/api/items" && algorithm == "none").then(ok)?
    })
    .await;
    for name in ["alg none", "alg nOnE", "alg none, no signature", "alg none, same signature"] {
        assert!(found.iter().any(|attack| attack == name), "{name}: {found:?}");
    }
    assert!(found.iter().all(|attack| attack.contains("none") || attack.to_lowercase().contains("alg n")), "{found:?}");
}

#[tokio::test]
async fn audit_finds_server_that_ignores_expiry() {
    let found = holes(|parts| {
        let expires = careless(parts)?.1["exp"].as_u64()?;
        (parts.uri.path() == "/api/items" && expires < now()).then(ok)?
    })
    .await;
    assert_eq!(found, ["expired"]);
}

#[tokio::test]
async fn audit_finds_server_that_ignores_scopes() {
    let found = holes(|parts| {
        let (header, claims) = careless(parts)?;
        let is_good = header["alg"] == "RS256" && claims["sub"] == "eve";
        (parts.uri.path() == "/api/items" && is_good && parts.uri.query().is_none()).then(ok)?
    })
    .await;
    assert_eq!(found, ["Eve"]);
}

#[tokio::test]
async fn audit_finds_server_that_trusts_the_key_in_the_token() {
    let found = holes(|parts| {
        let header = careless(parts)?.0;
        (parts.uri.path() == "/api/items" && header.get("jwk").is_some()).then(ok)?
    })
    .await;
    assert_eq!(found, ["own key in jwk"]);
}

#[tokio::test]
async fn audit_finds_undeclared_path() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| if parts.uri.path() == "/api/" { ok() } else { None }).await;
    let (report, _) = audit(&front.url, &[], |name| name.starts_with("GET /api")).await;
    assert!(!report.is_good());
    // Ada's token is also rejected, because the route has no handler.
    assert_eq!(attacks(&report, "GET /api/", Outcome::Hole).len(), report.attacks.len());
}

#[tokio::test]
async fn audit_reports_echoed_token_and_missing_challenge() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| match parts.uri.path() {
        "/api/items" => Some(StatusCode::UNAUTHORIZED.into_response()),
        "/healthz" => {
            let header = parts.headers.get(header::AUTHORIZATION).map(|value| value.as_bytes().to_vec());
            Some(header.unwrap_or_default().into_response())
        }
        _ => None,
    })
    .await;
    let (report, _) = audit(&front.url, &[], |name| name == "GET /api/items" || name == "GET /healthz").await;
    assert!(report.is_good(), "nothing got through");
    assert!(attacks(&report, "GET /api/items", Outcome::Finding).contains(&"no header".to_owned()));
    let echoed = attacks(&report, "GET /healthz", Outcome::Finding);
    assert!(echoed.contains(&"Ada".to_owned()) && !echoed.contains(&"no header".to_owned()), "{echoed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn audit_finds_server_that_fetches_the_key_url_of_the_token() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| {
        let header = careless(parts)?.0;
        let address = header["jku"].as_str()?.strip_prefix("http://")?.to_owned();
        let (host, path) = address.split_once('/')?;
        // The server fetches the URL, and still rejects the token.
        let mut connection = std::net::TcpStream::connect(host).ok()?;
        std::io::Write::write_all(&mut connection, format!("GET /{path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
        std::io::Read::read_to_string(&mut connection, &mut String::new()).ok()?;
        None
    })
    .await;
    let (report, _) = audit(&front.url, &[], |name| name == "GET /api/items").await;
    assert_eq!(attacks(&report, "GET /api/items", Outcome::Finding), ["own key by jku"]);
}
