//! Creations with an `Idempotency-Key`.

use std::collections::HashSet;

use futures_util::future::join_all;

use super::*;

const KEY: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

async fn create(client: &Client<'_>, key: &str, draft: &Value) -> Answer {
    client.ask(Method::POST, "/api/items", &[("idempotency-key", key)], Some(draft)).await
}

async fn count(client: &Client<'_>) -> usize {
    client.get("/api/items?limit=100").await.json()["items"].as_array().expect("items").len()
}

#[tokio::test]
async fn repeated_key_returns_same_response_and_creates_nothing() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let before = count(&cy).await;
    let first = create(&cy, KEY, &lamp()).await;
    let second = create(&cy, KEY, &lamp()).await;
    for name in ["location", "etag"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_eq!((first.status, second.status, first.json()), (201, 201, second.json()));
    let form = [
        ("draft[name]", "Lamp"),
        ("draft[description]", "Bright"),
        ("draft[price]", "4900"),
        ("draft[currency]", "EUR"),
        ("idempotency_key", KEY),
    ];
    assert_eq!(cy.call("create", &form).await.json(), first.json(), "the surfaces share the keys");
    assert_eq!(count(&cy).await, before + 1);
    // Keys of different callers are independent.
    let ada = Client::of(&app, "ada").await;
    assert_ne!(create(&ada, KEY, &lamp()).await.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn repeated_key_with_another_body_is_rejected_everywhere() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    create(&cy, KEY, &lamp()).await;
    let refused = [
        create(&cy, KEY, &json!({"name": "Torch"})).await,
        cy.call("create", &[("draft[name]", "Torch"), ("idempotency_key", KEY)]).await,
    ];
    for answer in refused {
        assert_eq!((answer.error().0, answer.error().1.as_str()), (422, "idempotency_conflict"));
    }
}

#[tokio::test]
async fn concurrent_requests_with_one_key_create_one_item() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let before = count(&cy).await;
    let answers = join_all((0..8).map(|_| async { create(&cy, KEY, &lamp()).await })).await;
    let locations: HashSet<_> = answers.iter().map(|answer| answer.header("location")).collect();
    assert_eq!(locations.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(count(&cy).await, before + 1);
}

#[tokio::test]
async fn malformed_idempotency_key_is_rejected() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    assert_eq!(create(&cy, "", &lamp()).await.error().1, "invalid_request");
    for bad in ["a b", "\"\"", &"x".repeat(256)] {
        assert_eq!(create(&cy, bad, &lamp()).await.error().1, "invalid_request", "{bad:?}");
        let form = [("draft[name]", "Lamp"), ("idempotency_key", bad)];
        assert_eq!(cy.call("create", &form).await.error().1, "invalid_request", "{bad:?}");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = cy.ask(Method::POST, "/api/items", &twice, Some(&lamp())).await;
    assert_eq!(answer.error().1, "invalid_request");
}
