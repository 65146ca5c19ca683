//! Items over REST and through server functions: the same rules, the same errors.

mod conditions;
mod creations;
mod drafts;
mod lists;
mod owners;

use http::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::{Answer, App};

/// A caller with a token.
struct Client<'a> {
    app: &'a App,
    bearer: String,
}

impl<'a> Client<'a> {
    async fn of(app: &'a App, account: &str) -> Self {
        Self { app, bearer: format!("Bearer {}", app.token(account).await) }
    }

    /// Sends a request, with a JSON body if there is one.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let headers = [&[("authorization", self.bearer.as_str())], headers].concat();
        match body {
            Some(body) => {
                let headers = [headers.as_slice(), &[("content-type", "application/json")]].concat();
                self.app.send(method, path, &headers, Some(&body.to_string())).await
            }
            None => self.app.send(method, path, &headers, None).await,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    async fn create(&self, draft: &Value) -> Answer {
        self.ask(Method::POST, "/api/items", &[], Some(draft)).await
    }

    async fn put(&self, path: &str, expected: &str, draft: &Value) -> Answer {
        self.ask(Method::PUT, path, &[("if-match", expected)], Some(draft)).await
    }

    async fn delete(&self, path: &str, expected: &str) -> Answer {
        self.ask(Method::DELETE, path, &[("if-match", expected)], None).await
    }

    /// Calls the server function `name` with `arguments`.
    async fn call(&self, name: &str, arguments: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(arguments).finish();
        let headers = [("authorization", self.bearer.as_str())];
        self.app.ask(Method::POST, &format!("/rpc/items/{name}"), &headers, Some(&form)).await
    }

    /// Creates an item. Returns its location and its entity-tag.
    async fn made(&self, draft: &Value) -> (String, String) {
        let answer = self.create(draft).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        (answer.header("location").to_owned(), answer.header("etag").to_owned())
    }
}

fn lamp() -> Value {
    json!({"name": "Lamp", "description": "Bright", "price": 4900, "currency": "EUR"})
}

/// Returns the id in the path of an item.
fn id_in(location: &str) -> &str {
    location.strip_prefix("/api/items/").expect("the path of an item")
}

#[tokio::test]
async fn item_is_created_read_changed_deleted_and_restored() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let created = cy.create(&lamp()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let (location, tag) = (created.header("location").to_owned(), created.header("etag").to_owned());
    assert_eq!(location, format!("/api/items/{}", created.json()["id"].as_str().expect("an id")));
    assert_eq!(tag, format!("\"{}\"", created.json()["version"].as_str().expect("a version")));
    assert_eq!(created.json()["owner"]["subject"], "cy");
    for path in [location.clone(), format!("/api/item/single/{}", id_in(&location))] {
        let read = cy.get(&path).await;
        assert_eq!((read.status, read.json(), read.header("etag")), (200, created.json(), tag.as_str()), "{path}");
    }

    let changed = cy.put(&location, &tag, &json!({"name": "Torch"})).await;
    assert_eq!((changed.status, &changed.json()["name"]), (200, &json!("Torch")));
    assert!(changed.json().get("price").is_none(), "what is not said is gone: {}", changed.text);
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(cy.get(&location).await.header("etag"), changed.header("etag"));

    let deleted = cy.delete(&location, changed.header("etag")).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(cy.get(&location).await.error(), (404, "not_found".into(), "Item not found".into()));

    let restored = cy.ask(Method::POST, &format!("{location}/restore"), &[], None).await;
    assert_eq!(
        (restored.status, restored.json(), restored.header("etag")),
        (200, changed.json(), changed.header("etag"))
    );
    assert_eq!(cy.get(&location).await.json(), changed.json());
    let again = cy.ask(Method::POST, &format!("{location}/restore"), &[], None).await;
    assert_eq!(again.error().1, "not_found");
}

#[tokio::test]
async fn server_functions_create_change_delete_and_restore_items() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let draft = [("draft[name]", "Lamp"), ("draft[description]", "Bright&access_token=x"), ("draft[price]", "4900")];
    let created = cy.call("create", &[&draft[..], &[("draft[currency]", "EUR")]].concat()).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let item = created.json();
    assert_eq!(
        (&item["name"], &item["price"], &item["owner"]["subject"]),
        (&json!("Lamp"), &json!(4900), &json!("cy"))
    );
    let (id, version) = (item["id"].as_str().expect("an id"), item["version"].as_str().expect("a version"));
    assert_eq!(cy.get(&format!("/api/items/{id}")).await.json(), item);
    assert_eq!(cy.call("get", &[("id", id)]).await.json(), item);

    let changed = cy.call("update", &[("id", id), ("version", version), ("draft[name]", "Torch")]).await;
    assert_eq!((changed.status, &changed.json()["name"]), (200, &json!("Torch")), "{}", changed.text);
    let old = cy.call("delete", &[("id", id), ("version", version)]).await;
    assert_eq!(old.error().1, "precondition_failed");
    let version = changed.json()["version"].as_str().expect("a version").to_owned();
    assert_eq!(cy.call("delete", &[("id", id), ("version", &version)]).await.status, 200);
    assert_eq!(cy.call("get", &[("id", id)]).await.error().1, "not_found");
    assert_eq!(cy.call("restore", &[("id", id)]).await.json(), changed.json());
    assert_eq!(cy.call("get", &[("id", id)]).await.json(), changed.json());
}
