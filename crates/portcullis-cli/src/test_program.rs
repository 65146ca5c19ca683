//! The program of the unit tests: an app with one resource.

use std::net::SocketAddr;

use async_trait::async_trait;
use leptos::prelude::IntoAny;
use portcullis::{Access, DeclaredRight, Endpoint, Page, Registry, Resource, Right, Scope};
use portcullis_server::Api;
use portcullis_server::application::App;
use portcullis_server::config::{AuthConfig, Development, TrustedIssuer};
use portcullis_server::dev_provider::{DevelopmentProvider, DevelopmentProviderError, RunningDevelopmentProvider};

use crate::Program;

struct ReadNotes;
impl Right for ReadNotes {
    const NAME: &'static str = "ReadNotes";
    const ACCESS: Access = Access::Scopes(&[Scope("read:notes")]);
    const IS_READ_ONLY: bool = true;
}

struct WriteNotes;
impl Right for WriteNotes {
    const NAME: &'static str = "WriteNotes";
    const ACCESS: Access = Access::Scopes(&[Scope("write:notes")]);
}

/// The resources of the program.
pub static REGISTRY: Registry = Registry::new(&[&Resource {
    name: "notes",
    rights: &[DeclaredRight::of::<ReadNotes>(), DeclaredRight::of::<WriteNotes>()],
    endpoints: &[&[
        Endpoint::<ReadNotes>::get("/api/notes").declared(),
        Endpoint::<WriteNotes>::post("/api/notes").declared(),
        Endpoint::<ReadNotes>::get("/api/notes/{id}").declared(),
        Endpoint::<ReadNotes>::server_fn("/rpc/notes/get").declared(),
    ]],
    pages: &[
        Page { path: "/", title: "Home", access: Access::Public, in_navigation: false },
        Page { path: "/notes", title: "Notes", access: ReadNotes::ACCESS, in_navigation: true },
    ],
}]);

/// The program.
pub static PROGRAM: Program = Program {
    binary: "test-app",
    version: "1.2.3",
    app: App {
        name: "Notes",
        registry: &REGISTRY,
        api: Api::new,
        view: || ().into_any(),
        shell: |_| ().into_any(),
        output_name: "notes",
    },
    records: Vec::new,
    home_path: "/",
    callback_path: "/callback",
    dev_provider: Some(&Accounts),
};

/// A development provider that knows its accounts, and does nothing else.
struct Accounts;

fn nothing<T>() -> Result<T, DevelopmentProviderError> {
    Err(DevelopmentProviderError::Other("it does nothing".to_owned()))
}

#[async_trait]
impl DevelopmentProvider for Accounts {
    async fn start(
        &self,
        _: &Development,
        _: SocketAddr,
    ) -> Result<RunningDevelopmentProvider, DevelopmentProviderError> {
        nothing()
    }

    fn auth_at(&self, addr: SocketAddr) -> AuthConfig {
        AuthConfig::strict(&REGISTRY, TrustedIssuer::new(&format!("http://{addr}"), "api"))
    }

    fn accounts_with(&self, access: Access) -> Vec<&'static str> {
        if access == ReadNotes::ACCESS { vec!["Ada", "Ben"] } else { vec!["Ada"] }
    }

    async fn access_token(&self, _: &str, _: &str, _: Option<&str>) -> Result<String, DevelopmentProviderError> {
        nothing()
    }

    async fn sample_tokens(&self, _: &str) -> Result<Vec<(String, String)>, DevelopmentProviderError> {
        nothing()
    }

    fn max_sample_requests(&self) -> usize {
        0
    }
}
