//! The layers around every handler, with handlers that misbehave.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use axum::routing::get;
use http::{Request, header};
use leptos::config::LeptosOptions;
use portcullis::sign_in::TokenPlace;
use portcullis_server::application::router::with_common_layers;
use portcullis_server::application::{ServerState, StateParts};
use portcullis_server::config::{AuthConfig, DatabaseUrl, TrustedIssuer};
use portcullis_server::deadline::REQUEST_TIMEOUT;
use portcullis_server::id_tokens::IdTokens;
use portcullis_server::readiness::Readiness;
use portcullis_server::release::Release;
use portcullis_server::sign_in::SignInOffer;
use portcullis_store::{self as store, Clock};
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::Http;
use server::APP;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::support::gate;

const ISSUER: &str = "https://issuer.example/";

async fn state(folder: &Path) -> ServerState {
    let database = DatabaseUrl::Embedded(folder.join("items.redb"));
    let database = store::open(&database, &server::records::all(), false, Clock::system()).await.expect("a store");
    let auth = AuthConfig::strict(&app::registry::REGISTRY, TrustedIssuer::new(ISSUER, "api"));
    let discovery = Discovery::new(ISSUER.into(), Http::new().expect("a client")).expect("an issuer");
    ServerState::new(StateParts {
        app: APP,
        options: LeptosOptions::builder().output_name("portcullis").build(),
        release: Release::of(folder),
        gate: gate::of(&[]),
        readiness: Readiness::new(Vec::new(), database.clone(), Vec::new()),
        database,
        id_tokens: Arc::new(IdTokens(None)),
        metadata: None,
        sign_in: SignInOffer::start(auth, TokenPlace::LocalStorage, String::new(), Arc::new(discovery)),
    })
}

/// Returns the response to `path` through the common layers.
async fn ask(path: &str) -> Response {
    let folder = tempfile::tempdir().expect("a folder");
    let panics = async || -> &'static str { panic!("on purpose") };
    let router = Router::new().route("/panics", get(panics)).route("/never", get(std::future::pending::<()>));
    let router = with_common_layers(router, state(folder.path()).await);
    let request = Request::get(path).header(header::HOST, "x").body(Body::empty()).expect("a request");
    let Ok(response) = router.oneshot(request).await;
    for name in ["x-request-id", "x-content-type-options", "content-security-policy"] {
        assert!(response.headers().contains_key(name), "{path} {name}");
    }
    response
}

async fn code(response: Response) -> serde_json::Value {
    let body = to_bytes(response.into_body(), 10_000).await.expect("a body");
    let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    json["code"].clone()
}

#[tokio::test]
async fn common_layers_turn_panic_into_500() {
    let response = ask("/panics").await;
    assert_eq!(response.status(), 500);
    assert_eq!(code(response).await, "internal");
}

#[tokio::test(start_paused = true)]
async fn common_layers_end_handler_that_never_answers() {
    let start = Instant::now();
    let response = tokio::time::timeout(REQUEST_TIMEOUT * 2, ask("/never")).await.expect("an answer in time");
    assert!(start.elapsed() < REQUEST_TIMEOUT + Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(response.status(), 503);
    assert_eq!(code(response).await, "deadline_exceeded");
}
