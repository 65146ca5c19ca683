//! The release of the built client, so that files of different releases are never mixed.
//!
//! The client downloads parts of itself later, and each part works only with the release that it was built for. A page
//! that was opened before a deployment must not load a part of the new release. So the URLs of the files contain the
//! release, and a file of another release is not found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{Context, SHA256};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use portcullis::ClientFiles;

/// The content at a URL with a release never changes, so it may be cached without revalidation (RFC 8246).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The folder of the client's files, in the site folder and in URLs.
const PKG: &str = "/pkg/";

/// The default reload port of `cargo leptos watch`.
const RELOAD_PORT: u16 = 3001;
/// The script of a split client (`cargo leptos build --split`).
const SPLITTER: &str = "__wasm_split.______________________.js";

/// The identity of a release of the client.
#[derive(Clone)]
pub struct Release {
    /// The prefix of the URLs of its files.
    root: Arc<str>,
    is_split: bool,
}

impl Release {
    /// Returns the release in `site_root`, identified by a hash of its code and styles.
    #[must_use]
    pub fn of(site_root: &Path) -> Self {
        let is_code =
            |file: &PathBuf| file.extension().is_some_and(|kind| kind == "js" || kind == "wasm" || kind == "css");
        let files = fs::read_dir(site_root.join("pkg")).into_iter().flatten().flatten();
        let mut code: Vec<_> = files.map(|file| file.path()).filter(is_code).collect();
        code.sort();
        let mut hash = Context::new(&SHA256);
        for file in code {
            hash.update(&fs::read(file).unwrap_or_default());
        }
        let name: String = hash.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let is_split = site_root.join("pkg").join(SPLITTER).is_file();
        Self { root: format!("/release-{name}").into(), is_split }
    }

    /// Returns what pages must know of the release.
    #[must_use]
    pub fn client(&self) -> ClientFiles {
        ClientFiles { root: self.root.to_string(), splitter: self.is_split.then_some(SPLITTER) }
    }
}

/// Returns the reload port, if `cargo leptos watch` runs this server and may replace its files.
#[must_use]
pub fn reload_port() -> Option<u16> {
    // Used for every page and file, and constant for the life of the process.
    static PORT: LazyLock<Option<u16>> = LazyLock::new(|| {
        std::env::var_os("LEPTOS_WATCH")?;
        let port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok());
        Some(port.unwrap_or(RELOAD_PORT))
    });
    *PORT
}

/// Removes the prefix of this release from the URL of a client file. A URL with another release is not found.
pub async fn strip_release_prefix(State(release): State<Release>, mut request: Request, next: Next) -> Response {
    let file = request.uri().path().strip_prefix(&*release.root).filter(|file| file.starts_with(PKG));
    let Some(file) = file.and_then(|file| file.parse().ok()) else { return next.run(request).await };
    *request.uri_mut() = file;
    let mut response = next.run(request).await;
    // A 304 needs it too: its caching headers replace the stored ones (RFC 9111 §4.3.4).
    let is_file = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    if is_file && reload_port().is_none() {
        response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    }
    // The files also exist in two compressed variants.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::routing::{MethodRouter, get};
    use tower::ServiceExt;

    /// Returns the URL after the layer, as the files handler gets it, and the `Cache-Control` of the response.
    async fn read_as(address: &str, release: &Release) -> (String, Option<HeaderValue>) {
        let files: MethodRouter = get(async |request: Request| request.uri().to_string());
        let files: MethodRouter = files.layer(from_fn_with_state(release.clone(), strip_release_prefix));
        let request = Request::builder().uri(address).body(Body::empty()).expect("a request");
        let response = files.oneshot(request).await.expect("an answer");
        let cache_control = response.headers().get(header::CACHE_CONTROL).cloned();
        let body = to_bytes(response.into_body(), 1_000).await.expect("a body");
        (String::from_utf8(body.to_vec()).expect("text"), cache_control)
    }

    #[tokio::test]
    async fn addresses_of_another_release_lead_to_no_file() {
        let site = tempfile::tempdir().expect("a folder");
        fs::create_dir(site.path().join("pkg")).expect("a folder");
        let built = |content| {
            fs::write(site.path().join("pkg/split_pages.wasm"), content).expect("a file");
            Release::of(site.path())
        };
        let (old, new) = (built("old"), built("new"));
        let part_of = |release: &Release| format!("{}/pkg/split_pages.wasm", release.root);
        assert_eq!(read_as(&part_of(&new), &new).await, ("/pkg/split_pages.wasm".to_owned(), Some(FOR_EVER)));
        assert_eq!(read_as(&part_of(&old), &new).await, (part_of(&old), None));
        let others = ["/", "/favicon.svg", "/pkg/split_pages.wasm", &new.root, &format!("{}x/pkg/", new.root)];
        for address in others {
            assert_eq!(read_as(address, &new).await, (address.to_owned(), None));
        }
    }
}
