//! The report: what was not tested, hostile targets, and its formats.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use portcullis_cli::audit::command::Format;
use portcullis_cli::audit::outcome::Outcome;
use serde_json::{Value, json};

use super::{attacks, audit, everything, samples};
use crate::support::front::{Front, Plant};
use crate::support::{App, FOREIGN, Issuer, OURS, claims};

fn at_items(parts: &Parts, status: StatusCode) -> Option<Response> {
    (parts.uri.path() == "/api/items").then(|| status.into_response())
}

#[tokio::test]
async fn audit_of_a_silent_target_is_skipped_and_fails() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let (report, _) = audit(&nobody, &[], everything).await;
    assert!(!report.is_good());
    assert_eq!(report.count(Outcome::Skipped), report.routes.len() * report.attacks.len());
    assert_eq!(report.sent, report.routes.len(), "nobody is asked twice who is not there");
    assert!(
        report.not_tried.iter().any(|it| it.what.contains("of the issuer, with its keys")),
        "{:?}",
        report.not_tried
    );

    let app = App::start().await;
    let broken: [(Plant, u16); 3] = [
        (|parts| at_items(parts, StatusCode::INTERNAL_SERVER_ERROR), 500),
        (|parts| at_items(parts, StatusCode::SERVICE_UNAVAILABLE), 503),
        (|parts| at_items(parts, StatusCode::TOO_MANY_REQUESTS), 429),
    ];
    for (plant, status) in broken {
        let front = Front::start(&app, plant).await;
        let (report, _) = audit(&front.url, &[], |name| matches!(name, "GET /api/items" | "GET /api/items/{id}")).await;
        assert!(!report.is_good(), "{status}");
        assert_eq!(attacks(&report, "GET /api/items", Outcome::Skipped).len(), report.attacks.len(), "{status}");
        assert!(report.verdict().contains("1 of 2 routes could not be tested"), "{}", report.verdict());
    }
}

#[tokio::test]
async fn audit_of_a_server_that_rejects_everything_fails() {
    let app = App::start().await;
    const CHALLENGE: &str = r#"Bearer error="insufficient_scope""#;
    let refuses: Plant = |_| Some((StatusCode::UNAUTHORIZED, [("www-authenticate", CHALLENGE)]).into_response());
    let front = Front::start(&app, refuses).await;
    let (report, _) = audit(&front.url, &[], everything).await;
    assert!(!report.is_good(), "{}", report.verdict());
    assert!(report.count(Outcome::Skipped) > 0 && report.verdict().contains("could not be tested completely"));
}

#[tokio::test]
async fn audit_prints_no_escapes_and_fetches_no_urls_of_the_target() {
    let app = App::start().await;
    let hostile: Plant = |parts| {
        let names = serde_json::json!({
            "resource": "https://a.example",
            "authorization_servers": ["x\u{1b}[2J\n\nNo holes found.\u{202e}", "http://127.0.0.1:9/reset?all=1#"],
        });
        (parts.uri.path() == portcullis::METADATA.path).then(|| axum::Json(names).into_response())
    };
    let front = Front::start(&app, hostile).await;
    let (report, said) = audit(&front.url, &[], |name| name.starts_with("GET /api/item")).await;
    let text = Format::Table.write(&report);
    for outside in ['\u{1b}', '\u{202e}'] {
        assert!(!text.contains(outside) && !said.contains(outside), "{text}");
    }
    assert!(!text.lines().any(|line| line == "No holes found."), "{text}");
    assert!(text.contains("has a URL that the audit does not fetch"), "{text}");
    assert!(report.verdict().contains("kinds of attack were not tried"), "{}", report.verdict());
}

#[tokio::test]
async fn audit_formats_are_well_formed_without_token_or_subject() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let mut tokens = samples(issuer.url());
    tokens.push(OURS.sign(&claims(issuer.url(), json!({"sub": "subject-4711"}))));
    tokens.push(FOREIGN.sign(&claims("https://elsewhere.example", json!({"sub": "subject-4711"}))));
    let (report, said) = audit(&app.url, &tokens, everything).await;
    assert!(report.is_good(), "{}", Format::Table.write(&report));
    let written = [Format::Table, Format::Json, Format::Junit, Format::Html].map(|format| format.write(&report));
    for text in written.iter().chain([&said]) {
        for token in &tokens {
            for part in token.split('.') {
                assert!(!text.contains(part), "a part of a token");
            }
        }
        assert!(!text.contains("subject-4711") && !text.contains("eyJ"), "{text}");
    }
    let [_, json, junit, html] = &written;
    let fields = report.routes.len() * report.attacks.len();

    let document: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(document["results"].as_array().map(Vec::len), Some(fields));
    assert_eq!((&document["format"], &document["good"]), (&json!(1), &json!(true)));

    let document = roxmltree::Document::parse(junit).expect("XML");
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("testcase")).count(), fields);
    assert_eq!(document.root_element().attribute("failures"), Some("0"));

    // `meta` in the head is the only element without an end.
    let (head, body) = html.strip_prefix("<!DOCTYPE html>\n").and_then(|page| page.split_once("<body>")).expect("HTML");
    assert_eq!((head.matches("<meta ").count(), body.matches("<meta ").count()), (3, 0));
    let body = format!("<body>{}", body.strip_suffix("</html>\n").expect("an end"));
    let page = roxmltree::Document::parse(&body).expect("well-formed");
    let told = page.descendants().filter(|node| node.has_tag_name("td") && node.has_attribute("title"));
    assert_eq!(told.count(), fields);
    // The page names the target, but loads nothing.
    for address in html.replace(&app.url, "").split("http").skip(1) {
        assert!(!address.starts_with("://") && !address.starts_with("s://"), "{address:.40}");
    }
    assert!(!html.contains("src=") && !html.contains("href=") && !html.contains("url(") && !html.contains("<script"));
}
