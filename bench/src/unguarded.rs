//! The REST handlers of the server without the gate: with the same store and layers, and served in the same way. It
//! uses public parts of the server and exists only for the comparison.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use app::registry::REGISTRY;
use async_trait::async_trait;
use axum::{Extension, Router};
use http::Request;
use http::request::Parts;
use leptos::config::LeptosOptions;
use portcullis::sign_in::TokenPlace;
use portcullis::{Access, AppError, Caller, Scopes};
use portcullis_server::Authenticate;
use portcullis_server::application::operational::Metadata;
use portcullis_server::application::{ServerState, StateParts, router};
use portcullis_server::config::{AuthConfig, DatabaseUrl, TrustedIssuer};
use portcullis_server::connection::ConnectionLimits;
use portcullis_server::id_tokens::IdTokens;
use portcullis_server::listen::listen;
use portcullis_server::readiness::Readiness;
use portcullis_server::release::Release;
use portcullis_server::sign_in::SignInOffer;
use portcullis_server::{serve, test_support};
use portcullis_store::Clock;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::Http;
use portcullis_verifier::test_support::AUDIENCE;
use server::{APP, records};

use crate::fixture::ISSUER;

/// Identifies every caller as one with all scopes.
struct Everyone;

#[async_trait]
impl Authenticate for Everyone {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        let scopes: Scopes = REGISTRY.scopes().into_iter().collect();
        Ok(Arc::new(Caller { issuer: ISSUER.into(), subject: Some("ada".into()), scopes }))
    }
}

/// Serves the items of the embedded store at `database` on a free port, and prints the address. Runs until the process
/// is killed.
///
/// # Errors
/// If the store cannot be opened, or no port is free.
pub async fn serve(database: PathBuf) -> anyhow::Result<()> {
    let (listener, addr) = listen("LEPTOS_SITE_ADDR", ([127, 0, 0, 1], 0).into()).await?;
    let database =
        portcullis_store::open(&DatabaseUrl::Embedded(database), &records::all(), false, Clock::system()).await?;
    let gate = test_support::gate(Arc::new(Everyone));
    let (anyone, ()) = Request::new(()).into_parts();
    let admitted = gate.admit(&anyone, Access::SignedIn).await.map_err(|error| anyhow!("the gate refuses: {error}"))?;
    let auth = auth();
    let discovery = Discovery::new(ISSUER.into(), Http::new()?)?;
    let state = ServerState::new(StateParts {
        app: APP,
        options: LeptosOptions::builder().output_name("portcullis").build(),
        // This server has no pages, so it needs no client files.
        release: Release::of(Path::new("")),
        gate,
        readiness: Readiness::new(Vec::new(), database.clone(), Vec::new()),
        database,
        id_tokens: Arc::new(IdTokens(None)),
        metadata: Some(Metadata::new(APP.name, format!("http://{addr}"), &auth)),
        sign_in: SignInOffer::start(auth, TokenPlace::LocalStorage, String::new(), Arc::new(discovery)),
    });
    let mut router = Router::new();
    for portcullis_server::ApiRoute { endpoint, handler } in (APP.api)() {
        // The extension that the gate would add. The handlers need nothing else from it.
        router = router.route(endpoint.path, handler.layer(Extension(admitted.clone())));
    }
    println!("The handlers without the gate: listens on http://{addr}");
    let router = router::with_common_layers(router, state);
    serve::serve(listener, router, ConnectionLimits::default(), std::future::pending()).await?;
    Ok(())
}

/// Returns the configuration of the provider. The unguarded server never connects to it.
fn auth() -> AuthConfig {
    AuthConfig::strict(&app::registry::REGISTRY, TrustedIssuer::new(ISSUER, AUDIENCE))
}
