//! URLs of pages as people and providers write them: with a trailing slash, or with invalid escapes.

use app::registry::REGISTRY;
use http::Method;

use crate::support::App;

#[tokio::test]
async fn page_with_trailing_slash_redirects() {
    let app = App::start().await;
    let pages = REGISTRY.pages().map(|page| page.path.replace("{id}", "65f0c0ffee0123456789abcd"));
    let mut redirected = 0;
    for path in pages.filter(|path| path != "/") {
        for query in ["", "?code=a%2Bb&state=c%26d&iss=https%3A%2F%2Fissuer.example"] {
            for method in [Method::GET, Method::HEAD] {
                let answer = app.ask(method.clone(), &format!("{path}/{query}"), &[], None).await;
                assert_eq!(answer.status, 308, "{method} {path}/{query}");
                assert_eq!(answer.header("location"), format!("{path}{query}"), "{method}");
                assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}/{query}");
                redirected += 1;
            }
        }
        assert_eq!(app.ask(Method::POST, &format!("{path}/"), &[], Some("")).await.status, 405, "{path}");
    }
    assert!(redirected >= 24, "{redirected}");
}

#[tokio::test]
async fn undeclared_path_is_never_redirected() {
    let app = App::start().await;
    for path in [
        "//items/",
        "//evil.example/",
        "//evil.example/items/",
        "/nothing/",
        "/items//",
        "/item/a/b/",
        "/.//evil.example/",
        "/%2F/evil.example/",
    ] {
        let answer = app.get(path, None).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("location"), "", "{path}");
    }
    // With any parameter, the target is a path of this site.
    for path in ["/item//", "/item/%5Cevil.example/", "/item/%2F%2Fevil.example/", "/item/evil.example/?//evil.example"]
    {
        let location = app.get(path, None).await.header("location").to_owned();
        assert!(location.starts_with("/item/") && !location.contains("/?"), "{path}: {location}");
    }
}

#[tokio::test]
async fn page_with_malformed_escape_renders() {
    let app = App::start().await;
    for address in [
        "/?return_to=%",
        "/?return_to=%E0%A4%A",
        "/items?search=100%",
        "/items?search=%FF%FE&sort=%",
        "/item/%",
        "/item/%E0%A4%A",
        "/callback?code=%&state=%E0%A4%A",
    ] {
        let answer = app.get(address, None).await;
        assert_eq!(answer.status, 200, "{address}");
        assert!(answer.text.contains("</html>"), "{address}");
    }
    assert_eq!(app.get("/%E0%A4%A", None).await.status, 404);
}
