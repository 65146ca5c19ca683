//! The attacks and announcements of the audit, and that it changes no data.

use std::collections::BTreeMap;

use axum::response::IntoResponse;
use http::{StatusCode, header};
use portcullis_cli::audit::attack::Family;
use portcullis_cli::audit::command::{Format, prepare};
use portcullis_cli::audit::outcome::Outcome;
use portcullis_cli::audit::report::Report;
use portcullis_cli::audit::routes::{self, Group};
use portcullis_cli::audit::samples::Settings;

use super::{attacks, audit, everything, samples, target};
use crate::support::front::Front;
use crate::support::{App, Issuer, OURS};

/// Returns the number of attacks in each family.
fn families(report: &Report) -> BTreeMap<String, usize> {
    report.families().into_iter().map(|(family, columns)| (format!("{family:?}"), columns.len())).collect()
}

fn counts(expected: &[(Family, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(family, count)| (format!("{family:?}"), *count)).collect()
}

#[tokio::test]
async fn audit_with_dev_provider_tries_everything_and_finds_no_hole() {
    let app = App::start().await;
    let (report, said) = audit(&app.url, &[], everything).await;
    assert!(report.is_good(), "{}", Format::Table.write(&report));
    assert_eq!((report.count(Outcome::Finding), report.not_tried.as_slice()), (0, [].as_slice()));
    // A family that is silently missing would not change the verdict.
    let expected = [
        (Family::NoToken, 2),
        (Family::Header, 9),
        (Family::Elsewhere, 7),
        (Family::Tampered, 18),
        (Family::Forged, 39),
        (Family::Sample, 3),
        (Family::Scope, 7),
        (Family::Good, 1),
    ];
    assert_eq!(families(&report), counts(&expected));
    assert_eq!(report.routes, routes::all(server::PROGRAM.registry()));
    for sample in
        ["Ada", "Ben", "Cy", "Eve", "Ada without read:items", "expired", "for another audience", "Ada's ID token"]
    {
        assert!(said.contains(&format!("Sample: {sample} (")), "{sample}: {said}");
    }
    // Eve has no scope, Ben may read, Cy may change his own items. A caller who lacks only a scope that the route does
    // not require also gets access.
    for route in report.routes.iter().filter(|route| matches!(route.group, Group::Rest | Group::ServerFn)) {
        let needed = route.scopes();
        let mut expected = match needed.as_str() {
            "" => vec!["Ben", "Cy", "Eve"],
            "read:items" => vec!["Ben", "Cy"],
            _ => vec!["Cy"],
        };
        let without =
            ["read:items", "write:items", "delete:items", "admin:items"].map(|scope| format!("Ada without {scope}"));
        expected
            .extend(without.iter().map(String::as_str).filter(|name| needed.is_empty() || !name.ends_with(&needed)));
        expected.push("Ada");
        assert_eq!(attacks(&report, &route.name(), Outcome::Admitted), expected, "{}", route.name());
    }
}

#[tokio::test]
async fn audit_without_samples_says_what_it_did_not_try() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let api = |name: &str| name.contains("/api/item");
    let (report, _) = audit(&app.url, &samples(issuer.url()), api).await;
    assert!(report.is_good() && report.count(Outcome::Finding) == 0, "{}", Format::Table.write(&report));
    assert_eq!(report.not_tried, []);
    let names = |family: Family| {
        report.attacks.iter().filter(|(of, _)| *of == family).map(|(_, name)| name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(names(Family::Sample), ["token 6: expired", "token 7: for another audience", "token 8: an ID token"]);
    assert_eq!(names(Family::Scope), ["token 2", "token 3", "token 4", "token 5"]);
    assert_eq!(names(Family::Good), ["token 1"]);

    let (report, _) = audit(&app.url, &[], api).await;
    assert!(report.is_good(), "what was not tried does not fail: {}", Format::Table.write(&report));
    let families = families(&report);
    assert_eq!((families.get("Forged"), families.get("Tampered"), families.get("Good")), (Some(&39), None, None));
    let text = Format::Table.write(&report);
    for words in ["an expired token: give", "a token without read:items: give", "with --token", "an ID token: give"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn audit_announces_its_requests_and_sends_no_more() {
    let app = App::start().await;
    let front = Front::start(&app, |_| None).await;
    let mut said = Vec::new();
    let mut say = |words: &str| said.push((front.asked(), words.to_owned()));
    let plan = prepare(&server::PROGRAM, target(&front.url), Vec::new(), &Settings::default(), &mut say)
        .await
        .expect("a plan");
    let (before, words) = &said[0];
    assert_eq!(*before, 0, "it asked before it said anything");
    let routes = format!("{} routes", routes::all(server::PROGRAM.registry()).len());
    for told in ["1 request to it", "20 requests", &routes, "nothing is changed"] {
        assert!(words.contains(told), "{told}: {words}");
    }
    let (before, words) = said.last().expect("an announcement");
    assert_eq!(*before, 1, "the metadata alone was read");
    let announced = plan.max_requests();
    assert_eq!(announced, plan.routes.len() * plan.attacks.len());
    assert!(words.contains(&format!("Sending {announced} requests: ")) && words.contains("8 at once"), "{words}");
    let report = plan.run().await.expect("a report");
    assert_eq!(front.asked(), 1 + announced);
    assert_eq!(report.sent, announced);
    assert!(report.is_good(), "{}", Format::Table.write(&report));
}

#[tokio::test]
async fn audit_changes_no_data() {
    let app = App::start().await;
    let ada = app.token("ada").await;
    let before = app.get("/api/items?limit=100", Some(&ada)).await.text;
    let (report, _) = audit(&app.url, &[], everything).await;
    assert!(report.is_good() && report.count(Outcome::Admitted) > 0);
    assert_eq!(app.get("/api/items?limit=100", Some(&ada)).await.text, before);
}

/// A handler would execute a request with a readable body, so no body is readable.
#[tokio::test]
async fn audit_sends_no_readable_body_to_routes_that_write() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| {
        let is_bodied = parts.method != http::Method::GET && parts.method != http::Method::HEAD;
        let is_form =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        // No content type such as JSON, and no `If-Match`.
        let is_expected = (!is_bodied || is_form) && !parts.headers.contains_key(header::IF_MATCH);
        let path = parts.uri.path();
        let id = path.strip_prefix("/api/item/single/").or_else(|| path.strip_prefix("/api/items/")).unwrap_or("0");
        let names_nothing = id.split('/').next().is_some_and(|id| id.chars().all(|digit| digit == '0'));
        (!is_expected || !names_nothing || (is_bodied && !is_form)).then(|| StatusCode::IM_A_TEAPOT.into_response())
    })
    .await;
    let (report, _) = audit(&front.url, &[], everything).await;
    assert!(report.is_good() && report.cells.iter().flatten().all(|cell| cell.status != Some(418)));
}
