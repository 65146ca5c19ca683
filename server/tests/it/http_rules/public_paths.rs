//! The responses of public paths to HEAD, OPTIONS and other methods.

use http::{HeaderMap, Method};

use crate::support::App;

/// Starts an application with a small site.
async fn site() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("pkg")).expect("a folder");
    std::fs::write(folder.path().join("theme.js"), "console.log('a file')").expect("a file");
    let root = folder.path().to_str().expect("UTF-8");
    (App::try_start(&[("LEPTOS_SITE_ROOT", root)]).await.expect("it starts"), folder)
}

const PUBLIC: [&str; 9] = [
    "/",
    "/items",
    "/items/",
    "/callback",
    "/healthz",
    "/readyz",
    "/.well-known/oauth-protected-resource",
    "/theme.js",
    "/nothing",
];

/// Returns the parts of a response that do not differ between equal requests.
fn comparable(headers: &HeaderMap) -> Vec<(String, String)> {
    let own = ["date", "x-request-id", "transfer-encoding", "content-length"];
    let all = headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let mut all: Vec<_> = all
        .map(|(name, value)| {
            let value = value.to_str().expect("ASCII");
            // Each page has a nonce of its own.
            let words = value.split(' ').filter(|word| !word.starts_with("'nonce-"));
            (name.to_string(), words.collect::<Vec<_>>().join(" "))
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn head_answers_what_get_does_without_the_body() {
    let (app, _folder) = site().await;
    let bearer = format!("Bearer {}", app.token("ben").await);
    for path in PUBLIC.into_iter().chain(["/api/items", "/api/items/1", "/api/nothing", "/rpc/items/list"]) {
        for encoding in ["identity", "br"] {
            let headers = [("accept-encoding", encoding), ("authorization", bearer.as_str())];
            let get = app.ask(Method::GET, path, &headers, None).await;
            let head = app.ask(Method::HEAD, path, &headers, None).await;
            assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path} {encoding}");
            assert_eq!(comparable(&head.headers), comparable(&get.headers), "{path} {encoding}");
            // It is optional, but must be correct (RFC 9110 §8.6).
            let length = head.header("content-length");
            assert!(length.is_empty() || length == get.header("content-length"), "{path} {encoding}: {length}");
        }
    }
}

#[tokio::test]
async fn public_paths_answer_options_with_204_and_trace_with_405() {
    let (app, _folder) = site().await;
    for path in PUBLIC {
        let options = app.ask(Method::OPTIONS, path, &[], None).await;
        assert_eq!((options.status, options.text.as_str(), options.header("allow")), (204, "", "GET,HEAD"), "{path}");
        for method in [Method::TRACE, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = app.ask(method.clone(), path, &[], None).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"), "{method} {path}");
            assert_eq!(answer.error().1, "method_not_allowed", "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "", "{method} {path}");
        }
    }
    // Other paths reveal nothing to unauthenticated callers.
    for method in [Method::OPTIONS, Method::TRACE, Method::PATCH] {
        for path in ["/api/items", "/rpc/items/list", "/api/nothing"] {
            let answer = app.ask(method.clone(), path, &[], None).await;
            assert_eq!((answer.status, answer.header("allow")), (401, ""), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn not_modified_says_nothing_of_the_length() {
    let (app, _folder) = site().await;
    let bearer = format!("Bearer {}", app.token("ada").await);
    let made = app.call("/rpc/items/list", "limit=1", Some(&app.token("ada").await)).await.json();
    let item = format!("/api/items/{}", made["items"][0]["id"].as_str().expect("an item"));
    for path in ["/theme.js", item.as_str()] {
        let headers = [("authorization", bearer.as_str())];
        let tag = app.ask(Method::GET, path, &headers, None).await.header("etag").to_owned();
        for method in [Method::GET, Method::HEAD] {
            let headers = [("authorization", bearer.as_str()), ("if-none-match", tag.as_str())];
            let answer = app.ask(method.clone(), path, &headers, None).await;
            assert_eq!((answer.status, answer.header("content-length")), (304, ""), "{method} {path}");
        }
    }
}
