//! The REST endpoints of notes.

use http::Method;
use serde_json::json;

use crate::client::Client;

#[tokio::test]
async fn rest_endpoints_create_change_delete_and_restore_notes() {
    let client = Client::start().await;
    let token = client.token("cy", None).await;
    let token = Some(token.as_str());
    let note = json!({ "title": " مذكرة ", "body": "First", "is_done": false, "stars": 3, "due": "2026-11-26" });
    let made = client.rest(Method::POST, "/api/notes", token, Some(note)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!((&made["title"], &made["stars"], &made["is_done"]), (&json!("مذكرة"), &json!(3), &json!(false)));
    let path = format!("/api/notes/{}", made["id"].as_str().expect("an id"));
    let change = json!({ "title": "Changed", "is_done": true });
    let changed = client.rest(Method::PUT, &path, token, Some(change)).await.json();
    assert_eq!((&changed["title"], &changed["is_done"], changed.get("due")), (&json!("Changed"), &json!(true), None));
    let found = client.rest(Method::GET, "/api/notes?search=chang&sort=name", token, None).await.json();
    assert_eq!(found["notes"][0]["id"], made["id"]);
    assert_eq!(client.rest(Method::DELETE, &path, token, None).await.status, 204);
    assert_eq!(client.rest(Method::GET, &path, token, None).await.status, 404);
    let restored = client.rest(Method::POST, &format!("{path}/restore"), token, None).await;
    assert_eq!((restored.status, &restored.json()["title"]), (200, &json!("Changed")));
}

#[tokio::test]
async fn note_with_wrong_fields_is_refused_with_their_names() {
    let client = Client::start().await;
    let token = client.token("cy", None).await;
    let note = json!({ "title": "", "is_done": "yes", "stars": 6, "due": "2026-02-30" });
    let answer = client.rest(Method::POST, "/api/notes", Some(&token), Some(note)).await;
    let fields = answer.json()["inner"]["fields"].clone();
    assert_eq!(answer.status, 400);
    for field in ["title", "is_done", "stars", "due"] {
        assert!(fields[field].is_string(), "{field}: {fields}");
    }
}

#[tokio::test]
async fn rest_endpoints_of_notes_require_their_scopes() {
    let client = Client::start().await;
    let id = "0123456789abcdef01234567";
    let read = client.token("cy", Some("read:notes")).await;
    // The scopes of items grant nothing here.
    let items = client.token("cy", Some("read:items write:items delete:items")).await;
    for (method, path, reads) in [
        (Method::GET, "/api/notes".to_owned(), true),
        (Method::GET, format!("/api/notes/{id}"), true),
        (Method::POST, "/api/notes".to_owned(), false),
        (Method::PUT, format!("/api/notes/{id}"), false),
        (Method::DELETE, format!("/api/notes/{id}"), false),
        (Method::POST, format!("/api/notes/{id}/restore"), false),
    ] {
        assert_eq!(client.rest(method.clone(), &path, None, None).await.status, 401, "{method} {path}");
        assert_eq!(client.rest(method.clone(), &path, Some(&items), None).await.status, 403, "{method} {path}");
        let answer = client.rest(method.clone(), &path, Some(&read), None).await;
        assert_eq!(answer.status == 403, !reads, "{method} {path}: {}", answer.text);
    }
}
