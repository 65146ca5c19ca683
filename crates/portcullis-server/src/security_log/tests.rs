//! Which requests get a line, what it says, and how a flood is cut.

use std::time::Duration;

use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any};
use http::{Method, StatusCode};
use portcullis::{AppError, Scopes};
use tower::ServiceExt;

use super::*;
use crate::test_support::Log;

fn lines(log: &Log) -> Vec<String> {
    log.take().lines().map(str::to_owned).collect()
}

fn caller(subject: Option<&str>) -> Arc<Caller> {
    let subject = subject.map(str::to_owned);
    Arc::new(Caller { issuer: "https://issuer.example".into(), subject, scopes: Scopes::default() })
}

/// Answers as the last part of the path says, as a caller who is known.
async fn handler(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let note = |subject| Observed::note_caller(&parts.extensions, &caller(subject));
    match parts.uri.path().rsplit('/').next().unwrap_or_default() {
        "unknown" => AppError::unauthorized(Code::InvalidToken, "jwt expired").into_response(),
        "forbidden" => {
            note(Some("ada"));
            AppError::insufficient_scope(&[]).into_response()
        }
        "nobody" => {
            note(None);
            AppError::subject_required().into_response()
        }
        "write" => {
            note(Some("ada"));
            Observed::note_write(&parts.extensions);
            StatusCode::CREATED.into_response()
        }
        "lost" => {
            note(Some("ada"));
            Observed::note_write(&parts.extensions);
            std::future::pending().await
        }
        _ => {
            note(Some("ada"));
            StatusCode::OK.into_response()
        }
    }
}

/// Without a router around it: what is routed in these sources is counted (`registry.rs`).
fn service() -> MethodRouter {
    any(handler).layer(from_fn_with_state(SecurityLog::default(), observe))
}

fn request(method: Method, path: &str) -> Request {
    let request = Request::builder().method(method).uri(path).header(X_REQUEST_ID, "id-1");
    request.extension(Peer(([192, 0, 2, 7], 4711).into())).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn security_log_has_a_line_for_401_403_and_writes() {
    let (log, _guard) = Log::start();
    let service = service();
    for case in ["unknown?access_token=secret", "forbidden", "nobody", "write", "read"] {
        let response =
            service.clone().oneshot(request(Method::POST, &format!("/api/{case}"))).await.expect("a response");
        assert_eq!(response.headers()[X_REQUEST_ID], "id-1");
    }
    let start = r#" INFO portcullis_server::security_log: security event event="#;
    let person = r#"issuer="https://issuer.example" subject="e8567719daca5f24""#;
    let end = r#"peer=192.0.2.7:4711 request_id="id-1""#;
    assert_eq!(
        lines(&log),
        [
            format!(r#"{start}"unauthorized" method="POST" status=401 code="invalid_token" {end}"#),
            format!(r#"{start}"forbidden" method="POST" status=403 code="insufficient_scope" {person} {end}"#),
            format!(
                r#"{start}"forbidden" method="POST" status=403 code="subject_required" issuer="https://issuer.example" {end}"#
            ),
            format!(r#"{start}"write" method="POST" status=201 {person} {end}"#),
        ]
    );
}

#[tokio::test]
async fn security_log_has_a_write_whose_client_went_away() {
    let (log, _guard) = Log::start();
    let answer = service().oneshot(request(Method::PUT, "/api/lost"));
    assert!(tokio::time::timeout(Duration::from_millis(1), answer).await.is_err());
    let lines = lines(&log);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(r#"event="write" method="PUT" issuer="#), "{lines:?}");
}

#[tokio::test]
async fn security_log_repeats_no_method_of_the_client() {
    let (log, _guard) = Log::start();
    let odd = Method::from_bytes(b"SECRET").expect("a method");
    service().oneshot(request(odd, "/api/unknown")).await.expect("a response");
    let lines = lines(&log);
    assert!(lines[0].contains(r#"method="other""#) && !lines[0].contains("SECRET"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn security_log_in_a_flood_is_cut_and_counted() {
    let (log, _guard) = Log::start();
    let service = service();
    for _ in 0..5000 {
        service.clone().oneshot(request(Method::GET, "/api/unknown")).await.expect("a response");
    }
    assert_eq!(lines(&log).len(), 100);
    // Neither a refusal of another kind nor a write is hidden by it.
    for case in ["forbidden", "write"] {
        service.clone().oneshot(request(Method::POST, &format!("/api/{case}"))).await.expect("a response");
        assert_eq!(lines(&log).len(), 1, "{case}");
    }
    tokio::time::sleep(SUMMARY_INTERVAL + Duration::from_millis(1)).await;
    let summary = r#" INFO portcullis_server::security_log: security events suppressed by the rate limit event="unauthorized" suppressed=4900"#;
    assert_eq!(lines(&log), [summary]);
}

#[tokio::test(start_paused = true)]
async fn security_log_in_a_flood_of_a_day_stays_small() {
    let (log, _guard) = Log::start();
    let limits = Limits::default();
    let mut written = 0;
    for _ in 0..24 * 60 * 60 {
        written += (0..20).filter(|_| limits.admit(limit::Event::Unauthorized)).count();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    written += lines(&log).len();
    assert!((86_400..90_000).contains(&written), "{written}");
}

#[test]
fn security_log_at_shutdown_counts_suppressed_lines() {
    let (log, _guard) = Log::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let limits = Limits::default();
        for _ in 0..LOG_LIMITS[1].burst + 7 {
            limits.admit(limit::Event::Forbidden);
        }
    });
    assert_eq!(lines(&log).len(), 0);
    drop(runtime);
    let lines = lines(&log);
    assert!(lines.len() == 1 && lines[0].ends_with(r#"event="forbidden" suppressed=7"#), "{lines:?}");
}

/// The command of docs/operations.md gives the same: `printf '%s\0%s' ISSUER SUBJECT | sha256sum | cut -c1-16`.
#[test]
fn pseudonym_is_stable_and_differs_by_issuer_and_subject() {
    assert_eq!(pseudonym("https://issuer.example", "ada"), "e8567719daca5f24");
    let others =
        [("https://issuer.example", "ben"), ("https://other.example", "ada"), ("https://issuer.examplea", "da")];
    let mut all: Vec<_> = others.iter().map(|(issuer, subject)| pseudonym(issuer, subject)).collect();
    all.push("e8567719daca5f24".into());
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
}
