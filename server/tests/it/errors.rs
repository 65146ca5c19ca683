//! Invalid HTTP input: errors keep our body, and reveal no internal details.

use http::Method;

use crate::support::App;

#[tokio::test]
async fn odd_request_gets_an_error_body_without_internals() {
    let app = App::start().await;
    let bearer = format!("Bearer {}", app.token("ben").await);
    let auth = [("authorization", bearer.as_str())];
    let long = format!("/api/item/single/{}", "a".repeat(5_000));
    for (method, path, form) in [
        (Method::GET, long.as_str(), None),
        (Method::GET, "/api/item/single/%FF%FE", None),
        (Method::GET, "/api/items?after=%FF", None),
        (Method::GET, "/api/items?limit=99999999999999999999", None),
        (Method::POST, "/rpc/items/get", Some("id=%FF")),
        (Method::POST, "/rpc/items/get", Some("")),
        (Method::POST, "/rpc/items/list", Some("after=nonsense")),
    ] {
        let answer = app.ask(method, path, &auth, form).await;
        assert_eq!((answer.error().0, answer.error().1.as_str()), (400, "invalid_request"), "{path}: {}", answer.text);
        for inside in ["serde", "redb", "bson", "panicked", "src/", "axum"] {
            assert!(!answer.text.contains(inside), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn body_is_read_up_to_its_limit_only() {
    let app = App::start().await;
    let ben = app.token("ben").await;
    for (padding, expected) in [(32, (404, "not_found")), (100, (413, "too_large"))] {
        let form = format!("id=000000000000000000000000&padding={}", "a".repeat(padding * 1024));
        let answer = app.call("/rpc/items/get", &form, Some(&ben)).await;
        assert_eq!((answer.error().0, answer.error().1.as_str()), expected, "{padding} KiB");
    }
}
