//! The endpoint that tells a page who its caller is, and whether the ID token of the sign-in is genuine.

mod id_tokens;
mod keys;

use jsonwebtoken::Algorithm;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::{Answer, App, FOREIGN, Issuer, Key, OURS, claims};

const PATH: &str = "/rpc/session/identify";

const CLIENT: &str = "web-client";

/// Starts an application that signs people in with `issuer`, with additional `variables`.
async fn app(issuer: &Issuer, variables: &[(&str, &str)]) -> App {
    let usual = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", CLIENT)];
    App::try_start(&[variables, &usual[..]].concat()).await.expect("it starts")
}

/// Returns the claims of a valid ID token of `issuer` with `change` applied. A null removes a claim.
fn id_claims(issuer: &str, change: Value) -> Value {
    let usual = json!({"aud": CLIENT, "sub": "ada@id", "nonce": "n-1", "scope": null, "client_id": null, "jti": null});
    let mut all = claims(issuer, usual);
    for (name, value) in change.as_object().expect("an object of changes") {
        if value.is_null() {
            all.as_object_mut().expect("an object").remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    all
}

/// Returns an ID token with `claims`, signed with `key`.
fn id_token(key: &Key, claims: &Value) -> String {
    key.sign_with(&json!({"alg": format!("{:?}", key.algorithm), "typ": "JWT", "kid": key.id}), claims)
}

async fn identify(app: &App, access_token: &str, form: &[(&str, &str)]) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    app.call(PATH, &form, Some(access_token)).await
}

/// Returns the server's verdict on `id_token`, sent with a valid access token of `issuer`.
async fn verdict(app: &App, issuer: &Issuer, id_token: &str) -> Value {
    let access_token = OURS.sign(&claims(issuer.url(), json!({})));
    let answer = identify(app, &access_token, &[("id_token", id_token), ("nonce", "n-1")]).await;
    assert_eq!(answer.status, 200, "a bad ID token is no fault of the access token: {}", answer.text);
    answer.json()["id_token"].clone()
}

fn refused(reason: &str) -> Value {
    json!({ "refused": reason })
}

const SIGNATURE: &str = "The ID token's signature is not valid";

const ALGORITHM: &str = "The ID token's signing algorithm is not accepted";

const ISSUER: &str = "The ID token does not come from the issuer that people sign in with";

const AUDIENCE_OF_OTHERS: &str = "The ID token is meant for another client";

const TYPE: &str = "The token is of another type than an ID token";

const NO_JWT: &str = "The ID token is not a signed JWT";

#[tokio::test]
async fn identity_is_read_from_the_access_token() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    // Known scopes from every claim that the gate reads. The subject is not that of the ID token.
    let change = json!({"sub": "ada@api", "scope": "a openid", "scp": ["read:items", "write:items", "b"]});
    let answer = identify(&app, &OURS.sign(&claims(issuer.url(), change)), &[]).await;
    let scopes = json!(["openid", "read:items", "write:items"]);
    let seen = json!({"issuer": issuer.url(), "subject": "ada@api", "scopes": scopes, "id_token": "not_sent"});
    assert_eq!((answer.status, answer.json()), (200, seen));
    assert_eq!(answer.header("cache-control"), "no-store");
    // Every authenticated caller may use it, with or without a subject and scopes.
    for nobody in [json!(null), json!(""), json!(" ")] {
        let token = OURS.sign(&claims(issuer.url(), json!({"sub": nobody, "scope": null})));
        let seen = identify(&app, &token, &[]).await.json();
        assert_eq!((&seen["subject"], &seen["scopes"]), (&json!(null), &json!([])), "{nobody}");
    }
    assert_eq!(app.call(PATH, "", None).await.error().1, "credentials_required");
    let forged = FOREIGN.under("ours", Algorithm::RS256).sign(&claims(issuer.url(), json!({})));
    assert_eq!(identify(&app, &forged, &[]).await.error().1, "invalid_token");
}
