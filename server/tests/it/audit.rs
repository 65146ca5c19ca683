//! The audit: it tries everything, finds what is planted, and leaves all as it was.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};
use portcullis_cli::audit::attack::Family;
use portcullis_cli::audit::command::{Format, prepare};
use portcullis_cli::audit::outcome::Outcome;
use portcullis_cli::audit::report::Report;
use portcullis_cli::audit::routes::{self, Group};
use portcullis_cli::audit::samples::Settings;
use portcullis_cli::audit::target::Target;
use portcullis_verifier::test_support::now;
use serde_json::{Value, json};

use crate::support::front::{Front, Plant, careless};
use crate::support::{App, FOREIGN, Issuer, OURS, claims};

fn target(url: &str) -> Target {
    Target::parse(url).expect("an origin")
}

fn named(tokens: &[String]) -> Vec<(String, String)> {
    tokens.iter().enumerate().map(|(place, token)| (format!("token {}", place + 1), token.clone())).collect()
}

/// Audits `url` with `tokens`, on the routes whose name `is_tested` picks. Returns the report and the announcements.
async fn audit(url: &str, tokens: &[String], is_tested: fn(&str) -> bool) -> (Report, String) {
    let mut said = String::new();
    let mut plan =
        prepare(&server::PROGRAM, target(url), named(tokens), &Settings::default(), &mut |words| said += words)
            .await
            .expect("a plan");
    plan.routes.retain(|route| is_tested(&route.name()));
    (plan.run().await.expect("a report"), said)
}

/// How many attacks there are of each family.
fn families(report: &Report) -> BTreeMap<String, usize> {
    report.families().into_iter().map(|(family, columns)| (format!("{family:?}"), columns.len())).collect()
}

fn counts(expected: &[(Family, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(family, count)| (format!("{family:?}"), *count)).collect()
}

/// The attacks on `route` that came to `outcome`.
fn attacks(report: &Report, route: &str, outcome: Outcome) -> Vec<String> {
    let of_route = report.with(outcome).filter(|(known, ..)| known.name() == route);
    of_route.map(|(_, attack, _)| attack.to_owned()).collect()
}

fn everything(_: &str) -> bool {
    true
}

/// A token for each thing that the audit wants to be given.
fn samples(issuer: &str) -> Vec<String> {
    let of = |change: Value| OURS.sign(&claims(issuer, change));
    let all = ["read:items", "write:items", "delete:items", "admin:items"];
    let mut samples = vec![of(json!({"scope": all.join(" ")}))];
    for without in all {
        let scopes = all.into_iter().filter(|scope| *scope != without);
        samples.push(of(json!({"scope": scopes.collect::<Vec<_>>().join(" ")})));
    }
    samples.push(of(json!({"exp": now() - 60})));
    samples.push(of(json!({"aud": "https://other.example"})));
    let head = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    samples.push(OURS.sign_with(&head, &claims(issuer, json!({"nonce": "n", "at_hash": "h"}))));
    samples
}

#[tokio::test]
async fn beside_the_development_provider_it_tries_everything_by_itself_and_nothing_stands_open() {
    let app = App::start().await;
    let (report, said) = audit(&app.url, &[], everything).await;
    assert!(report.is_good(), "{}", Format::Table.write(&report));
    assert_eq!((report.count(Outcome::Finding), report.not_tried.as_slice()), (0, [].as_slice()));
    // A kind that silently vanished would make the rest look as good as ever.
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
    // Eve is known and has no scope, Ben may read, Cy may do all with what is his; whoever lacks another scope than that
    // of the route may, too.
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
async fn with_samples_of_ones_own_it_tries_everything_and_without_them_it_says_what_it_did_not() {
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
async fn it_says_before_the_first_request_what_it_will_send_and_sends_no_more() {
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
async fn it_changes_no_data() {
    let app = App::start().await;
    let ada = app.token("ada").await;
    let before = app.get("/api/items?limit=100", Some(&ada)).await.text;
    let (report, _) = audit(&app.url, &[], everything).await;
    assert!(report.is_good() && report.count(Outcome::Admitted) > 0);
    assert_eq!(app.get("/api/items?limit=100", Some(&ada)).await.text, before);
}

/// What reaches a handler would be executed, if its body could be read: so none can.
#[tokio::test]
async fn nothing_that_it_sends_to_a_way_that_writes_can_be_read() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| {
        let is_bodied = parts.method != http::Method::GET && parts.method != http::Method::HEAD;
        let is_form =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        // Nothing that says it is JSON or the like, and nothing that says which version it means to change.
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

fn ok() -> Option<Response> {
    Some("every customer".into_response())
}

/// What a server does that lets in whoever shows a token which `accepts` likes.
async fn holes(plant: Plant) -> Vec<String> {
    let app = App::start().await;
    let front = Front::start(&app, plant).await;
    let (report, _) = audit(&front.url, &[], |name| name == "GET /api/items").await;
    assert!(!report.is_good(), "{}", Format::Table.write(&report));
    assert!(report.verdict().contains("found on 1 of 1 route."), "{}", report.verdict());
    attacks(&report, "GET /api/items", Outcome::Hole)
}

#[tokio::test]
async fn an_endpoint_without_a_gate_is_found_by_every_attack() {
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
    // All but those whose scopes suffice; and nothing else is accused.
    assert_eq!(found.len(), report.attacks.len() - 6);
    assert_eq!(report.count(Outcome::Hole), found.len());
    for format in [Format::Table, Format::Json, Format::Junit, Format::Html] {
        assert!(format.write(&report).contains("POST /rpc/items/list"), "{format:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_refuses_only_after_it_has_looked_inside_is_found() {
    let answer = |parts: &Parts| {
        let is_it = parts.uri.path() == "/api/items";
        is_it.then(|| (StatusCode::UNPROCESSABLE_ENTITY, "no such field").into_response())
    };
    assert!(holes(answer).await.iter().any(|attack| attack == "no header"));
}

#[tokio::test]
async fn a_server_that_believes_alg_none_is_found() {
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
async fn a_server_that_ignores_expiry_is_found() {
    let found = holes(|parts| {
        let expires = careless(parts)?.1["exp"].as_u64()?;
        (parts.uri.path() == "/api/items" && expires < now()).then(ok)?
    })
    .await;
    assert_eq!(found, ["expired"]);
}

#[tokio::test]
async fn a_server_that_ignores_scopes_is_found() {
    let found = holes(|parts| {
        let (header, claims) = careless(parts)?;
        let is_good = header["alg"] == "RS256" && claims["sub"] == "eve";
        (parts.uri.path() == "/api/items" && is_good && parts.uri.query().is_none()).then(ok)?
    })
    .await;
    assert_eq!(found, ["Eve"]);
}

#[tokio::test]
async fn a_server_that_takes_the_key_out_of_the_token_is_found() {
    let found = holes(|parts| {
        let header = careless(parts)?.0;
        (parts.uri.path() == "/api/items" && header.get("jwk").is_some()).then(ok)?
    })
    .await;
    assert_eq!(found, ["own key in jwk"]);
}

#[tokio::test]
async fn a_path_that_nobody_declared_is_found() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| if parts.uri.path() == "/api/" { ok() } else { None }).await;
    let (report, _) = audit(&front.url, &[], |name| name.starts_with("GET /api")).await;
    assert!(!report.is_good());
    // Ada finds it too: there is nothing that her token could open.
    assert_eq!(attacks(&report, "GET /api/", Outcome::Hole).len(), report.attacks.len());
}

#[tokio::test]
async fn an_answer_that_holds_the_token_or_lacks_its_challenge_is_a_finding() {
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
async fn a_server_that_fetches_a_key_from_where_the_token_says_is_found() {
    let app = App::start().await;
    let front = Front::start(&app, |parts| {
        let header = careless(parts)?.0;
        let address = header["jku"].as_str()?.strip_prefix("http://")?.to_owned();
        let (host, path) = address.split_once('/')?;
        // It asks, and then refuses all the same.
        let mut connection = std::net::TcpStream::connect(host).ok()?;
        std::io::Write::write_all(&mut connection, format!("GET /{path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
        std::io::Read::read_to_string(&mut connection, &mut String::new()).ok()?;
        None
    })
    .await;
    let (report, _) = audit(&front.url, &[], |name| name == "GET /api/items").await;
    assert_eq!(attacks(&report, "GET /api/items", Outcome::Finding), ["own key by jku"]);
}

fn at_items(parts: &Parts, status: StatusCode) -> Option<Response> {
    (parts.uri.path() == "/api/items").then(|| status.into_response())
}

#[tokio::test]
async fn what_does_not_answer_is_skipped_and_fails() {
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
async fn a_server_that_refuses_everything_is_not_said_to_be_sound() {
    let app = App::start().await;
    const CHALLENGE: &str = r#"Bearer error="insufficient_scope""#;
    let refuses: Plant = |_| Some((StatusCode::UNAUTHORIZED, [("www-authenticate", CHALLENGE)]).into_response());
    let front = Front::start(&app, refuses).await;
    let (report, _) = audit(&front.url, &[], everything).await;
    assert!(!report.is_good(), "{}", report.verdict());
    assert!(report.count(Outcome::Skipped) > 0 && report.verdict().contains("could not be tested completely"));
}

#[tokio::test]
async fn what_a_target_says_of_itself_reaches_no_terminal_as_it_is_and_sends_nobody_anywhere() {
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
async fn every_format_is_well_formed_and_holds_no_token_and_no_subject() {
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
    // The target is named, and nothing is loaded from it or from elsewhere.
    for address in html.replace(&app.url, "").split("http").skip(1) {
        assert!(!address.starts_with("://") && !address.starts_with("s://"), "{address:.40}");
    }
    assert!(!html.contains("src=") && !html.contains("href=") && !html.contains("url(") && !html.contains("<script"));
}

/// Runs the binary; gives status, standard output and standard error.
async fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let (arguments, input) = (arguments.iter().map(ToString::to_string).collect::<Vec<_>>(), input.to_owned());
    let output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.arg("audit").args(arguments).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        std::io::Write::write_all(&mut child.stdin.take().expect("its input"), input.as_bytes()).expect("written");
        child.wait_with_output().expect("it ends")
    });
    let output = output.await.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_lists_attacks_and_says_so_by_its_status() {
    let (status, table, said) = run(&[], "").await;
    assert_eq!((status, said.as_str()), (Some(0), ""));
    for route in routes::all(server::PROGRAM.registry()) {
        assert!(table.lines().any(|line| line.starts_with(&route.name())), "{}: {table}", route.name());
    }

    let app = App::start().await;
    let (status, report, said) = run(&["--against", &app.url, "--format", "json"], "").await;
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(serde_json::from_str::<Value>(&report).expect("nothing but JSON")["good"], json!(true));
    assert!(said.contains("Sending ") && said.contains("nothing is changed"), "{said}");

    let front = Front::start(&app, |parts| if parts.uri.path() == "/api/items" { ok() } else { None }).await;
    let (status, report, _) = run(&["--against", &front.url], "").await;
    assert_eq!(status, Some(1), "{report}");
    assert!(
        report.contains("HOLES\n  GET /api/items: ")
            && report.contains(&format!("found on 4 of {} routes.", routes::all(server::PROGRAM.registry()).len())),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_read_from_standard_input_and_a_target_that_is_not_safe_is_refused() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let input = samples(issuer.url()).join("\n");
    let (status, report, said) = run(&["--against", &app.url, "--token", "-", "--format", "junit"], &input).await;
    assert_eq!(status, Some(0), "{report}");
    assert!(report.contains("token 6: expired") && said.contains("token 8 (an ID token)"), "{said}");

    for bad in ["http://portcullis.example", "http://ada:hunter2@127.0.0.1:1", "nonsense"] {
        let (status, report, said) = run(&["--against", bad], "").await;
        assert_eq!((status, report.as_str()), (Some(1), ""), "{bad}");
        assert!(said.starts_with("error: --against: expected ") && !said.contains("hunter2"), "{said}");
    }
}
