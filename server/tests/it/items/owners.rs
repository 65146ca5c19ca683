//! Ownership of items: what owners may do, and what requires `admin:items`.

use super::*;
use crate::support::{Issuer, OURS, claims};

/// Updates, deletes and restores the item at `location`, on both surfaces.
async fn all_ways(client: &Client<'_>, location: &str) -> Vec<Answer> {
    let id = id_in(location);
    let version = client.get(location).await.json()["version"].as_str().unwrap_or_default().to_owned();
    vec![
        client.put(location, "*", &lamp()).await,
        client.delete(location, "*").await,
        client.call("update", &[("id", id), ("version", &version), ("draft[name]", "Lamp")]).await,
        client.call("delete", &[("id", id), ("version", &version)]).await,
    ]
}

#[tokio::test]
async fn change_of_an_item_of_others_requires_admin_items() {
    let app = App::start().await;
    let ada = Client::of(&app, "ada").await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = ada.made(&lamp()).await;
    let sample = ada.get("/api/items?sort=oldest&limit=1").await.json();
    let sample = format!("/api/items/{}", sample["items"][0]["id"].as_str().expect("an id"));
    assert!(ada.get(&sample).await.json().get("owner").is_none(), "samples belong to nobody");
    for path in [&location, &sample] {
        for refused in all_ways(&cy, path).await {
            assert_eq!((refused.error().0, refused.error().1.as_str()), (403, "insufficient_scope"));
            assert_eq!(refused.json()["inner"]["missing_scopes"], json!(["admin:items"]));
            assert!(refused.header("www-authenticate").contains(r#"scope="admin:items""#));
        }
    }
    assert_eq!(ada.get(&location).await.header("etag"), tag, "nothing was changed");
    // A caller without the right to change it gets no response that suggests a retry.
    assert_eq!(cy.put(&location, "\"old\"", &lamp()).await.error().1, "insufficient_scope");
    // Cy cannot restore what Ada deleted.
    assert_eq!(ada.delete(&location, "*").await.status, 204);
    let id = id_in(&location);
    for refused in
        [cy.ask(Method::POST, &format!("{location}/restore"), &[], None).await, cy.call("restore", &[("id", id)]).await]
    {
        assert_eq!(refused.json()["inner"]["missing_scopes"], json!(["admin:items"]));
    }
}

#[tokio::test]
async fn admin_items_allows_changes_of_items_of_others_and_nobody() {
    let app = App::start().await;
    let ada = Client::of(&app, "ada").await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    let changed = ada.put(&location, &tag, &json!({"name": "Torch"})).await;
    assert_eq!((changed.status, &changed.json()["owner"]["subject"]), (200, &json!("cy")));
    assert_eq!(ada.delete(&location, "*").await.status, 204);
    let sample = ada.get("/api/items?sort=oldest&limit=1").await.json();
    let sample = format!("/api/items/{}", sample["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(ada.put(&sample, "*", &lamp()).await.status, 200);

    // Without that scope, Ada cannot.
    let scopes = Some("read:items write:items delete:items");
    let plain = Client { app: &app, bearer: format!("Bearer {}", app.token_with("ada", scopes).await) };
    assert_eq!(plain.put(&sample, "*", &lamp()).await.error().1, "insufficient_scope");
}

#[tokio::test]
async fn admin_items_alone_does_not_allow_writes() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, _) = cy.made(&lamp()).await;
    let bearer = format!("Bearer {}", app.token_with("ada", Some("admin:items")).await);
    let admin = Client { app: &app, bearer };
    assert_eq!(admin.put(&location, "*", &lamp()).await.json()["inner"]["missing_scopes"], json!(["write:items"]));
    assert_eq!(admin.delete(&location, "*").await.json()["inner"]["missing_scopes"], json!(["delete:items"]));
}

#[tokio::test]
async fn reader_can_neither_write_nor_delete() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, _) = cy.made(&lamp()).await;
    let ben = Client::of(&app, "ben").await;
    assert_eq!(ben.get(&location).await.status, 200);
    for refused in all_ways(&ben, &location).await.into_iter().chain([ben.create(&lamp()).await]) {
        assert_eq!((refused.error().0, refused.error().1.as_str()), (403, "insufficient_scope"));
    }
}

#[tokio::test]
async fn token_without_subject_creates_nothing() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let scopes = "read:items write:items delete:items admin:items";
    let client = |subject: Value| {
        let token = OURS.sign(&claims(issuer.url(), json!({"sub": subject, "scope": scopes})));
        Client { app: &app, bearer: format!("Bearer {token}") }
    };
    let message = "The access token names no user (it has no sub claim), so nothing can be created in its name";
    let draft = [("draft[name]", "Lamp")];
    for subject in [json!(null), json!(""), json!(" ")] {
        let nobody = client(subject.clone());
        let key = [("idempotency-key", "k")];
        for refused in [
            nobody.create(&lamp()).await,
            nobody.ask(Method::POST, "/api/items", &key, Some(&lamp())).await,
            nobody.call("create", &draft).await,
            nobody.call("create", &[&draft[..], &[("idempotency_key", "k")]].concat()).await,
        ] {
            assert_eq!(refused.error(), (403, "subject_required".into(), message.into()), "{subject}");
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{:?}", refused.headers);
            assert!(!refused.header("www-authenticate").contains("error="), "signing in again would not help");
        }
        assert_eq!(nobody.get("/api/items").await.json()["items"], json!([]), "nothing was created: {subject}");
    }
    // It changes and restores items of others with admin:items, like any other caller.
    let (location, _) = client(json!("ada")).made(&lamp()).await;
    let nobody = client(json!(null));
    let changed = nobody.put(&location, "*", &json!({"name": "Torch"})).await;
    assert_eq!((changed.status, &changed.json()["owner"]["subject"]), (200, &json!("ada")));
    assert_eq!(nobody.delete(&location, "*").await.status, 204);
    let restore = format!("{location}/restore");
    let plain = OURS.sign(&claims(issuer.url(), json!({"scope": "read:items write:items delete:items", "sub": null})));
    let plain = Client { app: &app, bearer: format!("Bearer {plain}") };
    let refused = plain.ask(Method::POST, &restore, &[], None).await;
    assert_eq!(refused.json()["inner"]["missing_scopes"], json!(["admin:items"]), "two callers without a name differ");
    assert_eq!(nobody.ask(Method::POST, &restore, &[], None).await.status, 200);
}
