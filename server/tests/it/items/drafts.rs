//! Drafts: one check for the form, the server functions and REST.

use app::items::ItemDraft;
use portcullis::record::Record;

use super::*;

/// Returns drafts with one error each, and one with all errors.
fn wrong() -> Vec<Value> {
    vec![
        json!({"name": ""}),
        json!({"name": "  "}),
        json!({"name": "x".repeat(121)}),
        json!({"name": "two\nlines"}),
        json!({"name": "Lamp", "description": "x".repeat(2_001)}),
        json!({"name": "Lamp", "price": -1, "currency": "EUR"}),
        json!({"name": "Lamp", "price": 1_000_000_000_001_i64, "currency": "EUR"}),
        json!({"name": "Lamp", "price": 1}),
        json!({"name": "Lamp", "currency": "EUR"}),
        json!({"name": "Lamp", "price": 1, "currency": "eur"}),
        json!({"name": "", "description": "x".repeat(2_001), "price": -1, "currency": "x"}),
    ]
}

/// Returns a draft as the arguments of a server function.
fn form(draft: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = draft.as_object().expect("an object").iter();
    fields.map(|(name, value)| (format!("draft[{name}]"), text(value))).collect()
}

#[tokio::test]
async fn invalid_draft_gets_the_same_field_errors_everywhere() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    let id = id_in(&location);
    for draft in wrong() {
        // The errors that the form shows before it sends anything.
        let in_the_form = serde_json::from_value::<ItemDraft>(draft.clone()).expect("a draft").validate();
        let in_the_form = serde_json::to_value(in_the_form.expect_err("wrong")).expect("JSON");
        let form = form(&draft);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let update = [&[("id", id), ("version", tag.trim_matches('"'))], form.as_slice()].concat();
        for answer in [
            cy.create(&draft).await,
            cy.put(&location, &tag, &draft).await,
            cy.call("create", &form).await,
            cy.call("update", &update).await,
        ] {
            assert_eq!((answer.error().0, answer.error().1.as_str()), (400, "invalid_request"), "{draft}");
            assert_eq!(answer.json()["inner"]["fields"], in_the_form, "{draft}");
        }
    }
    assert_eq!(cy.get(&location).await.header("etag"), tag, "nothing was changed");
}

#[tokio::test]
async fn texts_are_stored_without_surrounding_blanks() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let made = cy.create(&json!({"name": "  Lamp ", "description": " ", "price": 0, "currency": " EUR"})).await.json();
    assert_eq!((&made["name"], &made["currency"], made.get("description")), (&json!("Lamp"), &json!("EUR"), None));
}

#[tokio::test]
async fn item_sent_back_as_read_changes_only_draft_fields() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    let mut item = cy.get(&location).await.json();
    item["name"] = "Torch".into();
    item["owner"]["subject"] = "eve".into();
    item["id"] = "000000000000000000000000".into();
    item["created_at"] = "1970-01-01T00:00:00Z".into();
    let answer = cy.put(&location, &tag, &item).await.json();
    assert_eq!((&answer["name"], &answer["price"]), (&json!("Torch"), &json!(4900)));
    assert_eq!((answer["id"].as_str(), &answer["owner"]["subject"]), (Some(id_in(&location)), &json!("cy")));
    assert_ne!(answer["created_at"], item["created_at"]);
}

#[tokio::test]
async fn body_that_is_no_draft_is_rejected_without_internals() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    for body in [json!([]), json!("Lamp"), json!(null), json!(1)] {
        let answer = cy.create(&body).await;
        let message = "The body must be a JSON object".to_owned();
        assert_eq!(answer.error(), (400, "invalid_request".into(), message), "{body}");
    }
    let auth = ("authorization", cy.bearer.as_str());
    let json = ("content-type", "application/json; charset=utf-8");
    let post =
        async |headers: &[(&str, &str)], body: &str| app.send(Method::POST, "/api/items", headers, Some(body)).await;
    assert_eq!(post(&[auth, json], r#"{"name":"Lamp"}"#).await.status, 201);
    for (headers, body) in [
        (&[auth, json][..], ""),
        (&[auth, json], "{"),
        (&[auth, json], r#"{"name":"a","name":"b"}"#),
        (&[auth, json], "{\"name\":\"a\u{0}\"}"),
        (&[auth, json], r#"{"name":"a"}x"#),
        (&[auth], r#"{"name":"a"}"#),
        (&[auth, ("content-type", "text/plain")], r#"{"name":"a"}"#),
        (&[auth, ("content-type", "application/x-www-form-urlencoded")], "name=a"),
    ] {
        let answer = post(headers, body).await;
        assert_eq!((answer.error().0, answer.error().1.as_str()), (400, "invalid_request"), "{body:.40}");
        for inside in ["serde", "expected", "column", "axum"] {
            assert!(!answer.text.contains(inside), "{}", answer.text);
        }
    }
    let large = format!(r#"{{"name":"a","x":"{}"}}"#, "x".repeat(100_000));
    assert_eq!(post(&[auth, json], &large).await.error().1, "too_large");
}

#[tokio::test]
async fn draft_with_a_field_of_a_wrong_type_names_the_field() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    let number = "The price must be a whole number in the currency's minor unit";
    for (draft, fields) in [
        (json!({"name": "Lamp", "price": "900", "currency": "EUR"}), json!({"price": number})),
        (json!({"name": "Lamp", "price": 1.0, "currency": "EUR"}), json!({"price": number})),
        (json!({"name": "Lamp", "price": 12.5, "currency": "EUR"}), json!({"price": number})),
        (json!({"name": "Lamp", "price": 1e20, "currency": "EUR"}), json!({"price": number})),
        (json!({"name": "Lamp", "price": u64::MAX, "currency": "EUR"}), json!({"price": "The price is too high"})),
        (json!({"name": null}), json!({"name": "An item needs a name"})),
        (json!({}), json!({"name": "An item needs a name"})),
        (json!({"name": 7}), json!({"name": "The name must be text"})),
        (json!({"name": "Lamp", "description": []}), json!({"description": "The description must be text"})),
        (
            json!({"name": "Lamp", "price": 1, "currency": 1}),
            json!({"currency": "A currency is three capital letters, for example EUR"}),
        ),
        // Wrong types and wrong values are reported together, with one reason for each field.
        (
            json!({"name": "", "price": "900", "currency": "eu"}),
            json!({
                "name": "An item needs a name", "price": number,
                "currency": "A currency is three capital letters, for example EUR",
            }),
        ),
    ] {
        for answer in [cy.create(&draft).await, cy.put(&location, &tag, &draft).await] {
            assert_eq!((answer.error().0, answer.error().1.as_str()), (400, "invalid_request"), "{draft}");
            assert_eq!(answer.json()["inner"]["fields"], fields, "{draft}");
        }
    }
    let headers = [("authorization", cy.bearer.as_str()), ("content-type", "application/json")];
    let twice = app.send(Method::POST, "/api/items", &headers, Some(r#"{"name":"a","name":"b"}"#)).await;
    assert_eq!(twice.json()["inner"]["fields"], json!({"name": "This field was sent more than once"}));
    assert_eq!(cy.get(&location).await.header("etag"), tag, "nothing was changed");
}
