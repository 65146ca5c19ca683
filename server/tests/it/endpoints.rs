//! The responses of the endpoints to each caller, and that there are no other endpoints.

use app::registry::REGISTRY;
use http::Method;
use portcullis::Access;
use serde_json::Value;

use crate::support::App;

async fn first_item(app: &App) -> String {
    let page = app.get("/api/items", Some(&app.token("ada").await)).await.json();
    page["items"][0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn item_is_returned_only_with_a_token() {
    let app = App::start().await;
    let path = format!("/api/item/single/{}", first_item(&app).await);

    let nobody = app.get(&path, None).await;
    assert_eq!(
        (nobody.status, nobody.text.as_str()),
        (
            401,
            r#"{"name":"UnauthorizedError","message":"No authorization token was found","code":"credentials_required","status":401,"inner":{"message":"No authorization token was found"}}"#
        )
    );

    let ben = app.get(&path, Some(&app.token("ben").await)).await;
    assert_eq!(ben.status, 200);
    assert_eq!(ben.json()["name"], "Brass compass");
    assert_eq!((&ben.json()["price"], &ben.json()["currency"]), (&Value::from(4900), &Value::from("EUR")));
    assert_eq!(ben.header("cache-control"), "no-store");

    let eve = app.get(&path, Some(&app.token("eve").await)).await;
    assert_eq!(eve.status, 403);
    assert_eq!(eve.json()["name"], "ForbiddenError");
    assert_eq!(eve.json()["inner"]["missing_scopes"][0], "read:items");
}

#[tokio::test]
async fn server_function_returns_the_item_and_errors_of_rest() {
    let app = App::start().await;
    let id = first_item(&app).await;
    let ben = app.token("ben").await;
    let over_rest = app.get(&format!("/api/item/single/{id}"), Some(&ben)).await;
    let over_rpc = app.call("/rpc/items/get", &format!("id={id}"), Some(&ben)).await;
    assert_eq!((over_rpc.status, over_rpc.json()), (200, over_rest.json()));

    for (id, token) in [(id.as_str(), None), ("nonsense", Some(&ben)), ("000000000000000000000000", Some(&ben))] {
        let token = token.map(String::as_str);
        let over_rest = app.get(&format!("/api/item/single/{id}"), token).await;
        let over_rpc = app.call("/rpc/items/get", &format!("id={id}"), token).await;
        assert_eq!(over_rpc.error(), over_rest.error());
        assert_eq!(over_rpc.header("www-authenticate"), over_rest.header("www-authenticate"));
    }
}

#[tokio::test]
async fn malformed_id_is_400_and_unknown_id_404() {
    let app = App::start().await;
    let ben = app.token("ben").await;
    for id in ["1", "65f0c0ffee0123456789abcg", "%00", "..%2F..%2Fitems", "65f0c0ffee0123456789abcd65f0c0ffee"] {
        let answer = app.get(&format!("/api/item/single/{id}"), Some(&ben)).await;
        assert_eq!((answer.error().0, answer.error().1.as_str()), (400, "invalid_request"), "{id}");
    }
    let answer = app.get("/api/item/single/000000000000000000000000", Some(&ben)).await;
    assert_eq!(answer.error(), (404, "not_found".into(), "Item not found".into()));
}

#[tokio::test]
async fn list_is_paged_newest_first_without_gaps_or_repeats() {
    let app = App::start().await;
    let ben = app.token("ben").await;
    let mut seen: Vec<String> = Vec::new();
    let mut path = "/api/items?limit=5".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = app.get(&path, Some(&ben)).await.json();
        let ids =
            page["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id").to_owned());
        let before = seen.len();
        seen.extend(ids);
        sizes.push(seen.len() - before);
        match page["next"].as_str() {
            Some(next) => path = format!("/api/items?limit=5&after={next}"),
            None => break,
        }
    }
    assert_eq!(sizes, [5, 5, 2]);
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.reverse();
    assert_eq!(seen, sorted);

    for bad in ["limit=0", "limit=101", "limit=x", "after=x", "limit=1&limit=2"] {
        assert_eq!(app.get(&format!("/api/items?{bad}"), Some(&ben)).await.error().1, "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn undeclared_path_is_always_rejected() {
    let app = App::start().await;
    let ada = app.token("ada").await;
    let bearer = format!("Bearer {ada}");
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    for path in [
        "/api",
        "/api/",
        "/api/item",
        "/api/item/single",
        "/api/items/",
        "/api/items/1/restore/",
        "/api/users",
        "/rpc",
        "/rpc/",
        "/rpc/leak",
        "/rpc/items",
    ] {
        for method in &methods {
            let answer = app.ask(method.clone(), path, &[], None).await;
            assert_eq!(answer.error().1, "credentials_required", "{method} {path}");
            let answer = app.ask(method.clone(), path, &[("authorization", &bearer)], None).await;
            assert_eq!(answer.error().1, "not_found", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn undeclared_method_of_declared_path_is_rejected() {
    let app = App::start().await;
    let bearer = format!("Bearer {}", app.token("ada").await);
    for (method, path) in
        [(Method::PATCH, "/api/items"), (Method::DELETE, "/api/item/single/1"), (Method::GET, "/rpc/items/list")]
    {
        let stranger = app.ask(method.clone(), path, &[], None).await;
        assert_eq!((stranger.error().1, stranger.header("allow")), ("credentials_required".to_owned(), ""), "{path}");
        let known = app.ask(method, path, &[("authorization", &bearer)], None).await;
        assert_eq!(known.error().1, "method_not_allowed", "{path}");
        assert!(!known.header("allow").is_empty(), "405 names what is allowed (RFC 9110 §15.5.6)");
    }
}

#[tokio::test]
async fn form_posted_by_a_browser_gets_an_error_and_no_redirect() {
    let app = App::start().await;
    let headers = [("accept", "text/html"), ("referer", "http://127.0.0.1/somewhere")];
    let answer = app.ask(Method::POST, "/rpc/items/get", &headers, Some("id=1")).await;
    assert_eq!(answer.error().1, "credentials_required");
    let bearer = format!("Bearer {}", app.token("ben").await);
    let headers = [("accept", "text/html"), ("referer", "http://127.0.0.1/somewhere"), ("authorization", &bearer)];
    let answer = app.ask(Method::POST, "/rpc/items/get", &headers, Some("id=nonsense")).await;
    assert_eq!(answer.error().1, "invalid_request");
    assert_eq!(answer.header("location"), "");
    let answer = app.ask(Method::POST, "/rpc/items/get", &headers, Some("nothing=here")).await;
    assert_eq!(answer.error().1, "invalid_request");
}

#[tokio::test]
async fn pages_are_public_shells_and_unknown_page_is_404() {
    let app = App::start().await;
    let ada = app.token("ada").await;
    for page in ["/", "/callback", "/items", "/profile", "/item/65f0c0ffee0123456789abcd"] {
        let answer = app.get(page, Some(&ada)).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.text.contains(r#"id="sign-in""#), "{page} tells the client how to sign in");
        assert!(!answer.text.contains(&ada) && !answer.text.contains("Brass compass"), "{page}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
    assert_eq!(app.get("/nothing", None).await.status, 404);
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::TRACE, Method::PATCH] {
        for path in ["/favicon.svg", "/nothing", "/pkg/portcullis.js"] {
            let answer = app.ask(method.clone(), path, &[], None).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn page_that_is_not_public_has_a_guard() {
    let app = App::start().await;
    for page in REGISTRY.pages() {
        let html = app.get(&page.path.replace("{id}", "65f0c0ffee0123456789abcd"), None).await.text;
        let main = html.split("<main").nth(1).expect("a main element");
        let is_guarded = main.contains("data-guard=") && main.contains(r#"class="skeleton""#) && !main.contains("<h1");
        assert_eq!(is_guarded, page.access != Access::Public, "{}: {main}", page.path);
    }
}
