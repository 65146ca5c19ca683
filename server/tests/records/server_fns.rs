//! The server functions of notes.

use serde_json::json;

use crate::client::Client;

#[tokio::test]
async fn server_functions_create_change_delete_and_restore_notes() {
    let client = Client::start().await;
    let token = client.token("cy", None).await;
    let token = Some(token.as_str());
    let form = "note[title]=Shopping&note[is_done]=true&note[stars]=2&note[due]=2026-11-26&idempotency_key=k";
    let made = client.call("create", form, token).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    assert_eq!((&made["is_done"], &made["stars"], made.get("body")), (&json!(true), &json!(2), None));
    assert_eq!(client.call("create", form, token).await.json(), made, "the same key");
    let (id, version) = (made["id"].as_str().expect("an id"), made["version"].as_str().expect("a version"));
    let change = format!("id={id}&version={version}&note[title]=Shopping&note[is_done]=false");
    let changed = client.call("update", &change, token).await.json();
    assert_eq!((&changed["is_done"], changed.get("due")), (&json!(false), None));
    assert_eq!(client.call("update", &change, token).await.status, 412, "an older version");
    let found = client.call("list", "search=shop&sort=name", token).await.json();
    assert_eq!(found["notes"], json!([changed]));
    let version = changed["version"].as_str().expect("a version");
    assert_eq!(client.call("delete", &format!("id={id}&version={version}"), token).await.status, 200);
    assert_eq!(client.call("get", &format!("id={id}"), token).await.status, 404);
    assert_eq!(client.call("restore", &format!("id={id}"), token).await.json(), changed);
}

#[tokio::test]
async fn server_functions_of_notes_require_their_scopes() {
    let client = Client::start().await;
    let id = "0123456789abcdef01234567";
    let read = client.token("cy", Some("read:notes")).await;
    let items = client.token("cy", Some("read:items write:items delete:items")).await;
    for (name, form, reads) in [
        ("list", String::new(), true),
        ("get", format!("id={id}"), true),
        ("create", "note[title]=x".to_owned(), false),
        ("update", format!("id={id}&version=1&note[title]=x"), false),
        ("delete", format!("id={id}&version=1"), false),
        ("restore", format!("id={id}"), false),
    ] {
        assert_eq!(client.call(name, &form, None).await.status, 401, "{name}");
        assert_eq!(client.call(name, &form, Some(&items)).await.status, 403, "{name}");
        let answer = client.call(name, &form, Some(&read)).await;
        assert_eq!(answer.status == 403, !reads, "{name}: {}", answer.text);
    }
}
