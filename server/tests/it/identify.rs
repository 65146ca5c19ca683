//! The endpoint that tells a page who its caller is, and whether the ID token of the sign-in is genuine.

use jsonwebtoken::Algorithm;
use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::issuer::Mood;
use crate::support::process::Process;
use crate::support::{Answer, App, FOREIGN, Issuer, Key, NEXT, OURS, claims};

const PATH: &str = "/rpc/session/identify";
const CLIENT: &str = "web-client";

/// An application that signs people in with `issuer`, with more `variables`.
async fn app(issuer: &Issuer, variables: &[(&str, &str)]) -> App {
    let usual = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", CLIENT)];
    App::try_start(&[variables, &usual[..]].concat()).await.expect("it starts")
}

/// The claims of a good ID token of `issuer` with `change` made to them; a change to null removes a claim.
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

/// An ID token of `claims`, signed by `key` as providers do it.
fn id_token(key: &Key, claims: &Value) -> String {
    key.sign_with(&json!({"alg": format!("{:?}", key.algorithm), "typ": "JWT", "kid": key.id}), claims)
}

async fn identify(app: &App, access_token: &str, form: &[(&str, &str)]) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    app.call(PATH, &form, Some(access_token)).await
}

/// What the server found `id_token` to be, sent with a good access token of `issuer`.
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
async fn identity_is_what_the_gate_sees_in_the_access_token() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    // Names of known scopes from every claim that the gate reads; the subject is not the ID token's.
    let change = json!({"sub": "ada@api", "scope": "a openid", "scp": ["read:items", "write:items", "b"]});
    let answer = identify(&app, &OURS.sign(&claims(issuer.url(), change)), &[]).await;
    let scopes = json!(["openid", "read:items", "write:items"]);
    let seen = json!({"issuer": issuer.url(), "subject": "ada@api", "scopes": scopes, "id_token": "not_sent"});
    assert_eq!((answer.status, answer.json()), (200, seen));
    assert_eq!(answer.header("cache-control"), "no-store");
    // It opens to every caller that the gate knows, with or without a name and scopes.
    for nobody in [json!(null), json!(""), json!(" ")] {
        let token = OURS.sign(&claims(issuer.url(), json!({"sub": nobody, "scope": null})));
        let seen = identify(&app, &token, &[]).await.json();
        assert_eq!((&seen["subject"], &seen["scopes"]), (&json!(null), &json!([])), "{nobody}");
    }
    assert_eq!(app.call(PATH, "", None).await.error().1, "credentials_required");
    let forged = FOREIGN.under("ours", Algorithm::RS256).sign(&claims(issuer.url(), json!({})));
    assert_eq!(identify(&app, &forged, &[]).await.error().1, "invalid_token");
}

#[tokio::test]
async fn genuine_id_token_is_verified() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    for change in
        [json!({}), json!({"azp": CLIENT}), json!({"aud": ["api", CLIENT], "azp": CLIENT}), json!({"typ": "ID"})]
    {
        let token = id_token(&OURS, &id_claims(issuer.url(), change.clone()));
        assert_eq!(verdict(&app, &issuer, &token).await, "verified", "{change}");
    }
    // Without a nonce in the request, the one of the token is not compared.
    let access_token = OURS.sign(&claims(issuer.url(), json!({})));
    let token = id_token(&OURS, &id_claims(issuer.url(), json!({"nonce": "other"})));
    assert_eq!(identify(&app, &access_token, &[("id_token", &token)]).await.json()["id_token"], "verified");
}

#[tokio::test]
async fn forged_id_token_is_refused() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    let good = id_claims(issuer.url(), json!({}));
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "typ": "JWT", "kid": "ours"})), part(&good));
    let signed = id_token(&OURS, &good);
    let message = signed.rsplit_once('.').expect("a signature").0;
    let other = id_token(&OURS, &id_claims(issuer.url(), json!({"sub": "eve"})));
    let swapped = format!("{message}.{}", other.rsplit_once('.').expect("a signature").1);
    for (what, token, reason) in [
        ("alg none", unsigned("none"), ALGORITHM),
        ("alg None", unsigned("None"), ALGORITHM),
        ("no signature", unsigned("RS256"), SIGNATURE),
        ("the signature of other claims", swapped, SIGNATURE),
        ("another key by the same id", id_token(&FOREIGN.under("ours", Algorithm::RS256), &good), SIGNATURE),
        ("HS256 with the public key", OURS.sign_hs256_with_public_key(&good), ALGORITHM),
        ("another algorithm of the key", id_token(&OURS.under("ours", Algorithm::PS256), &good), ALGORITHM),
        ("an access token's type", OURS.sign(&good), TYPE),
        ("no JWT", "opaque".into(), NO_JWT),
        ("two parts", message.into(), NO_JWT),
    ] {
        assert_eq!(verdict(&app, &issuer, &token).await, refused(reason), "{what}");
    }
    // Keys are fetched at most once in twelve seconds: an unknown id is refused all the same.
    let unknown = verdict(&app, &issuer, &id_token(&FOREIGN, &good)).await;
    assert_eq!(unknown, refused("The ID token's signing key is not among the provider's keys"));
}

#[tokio::test]
async fn id_token_of_another_sign_in_is_refused() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    for (change, reason) in [
        (json!({"aud": "other-client"}), AUDIENCE_OF_OTHERS),
        (json!({"aud": AUDIENCE}), AUDIENCE_OF_OTHERS),
        (json!({"aud": [CLIENT, "api"]}), AUDIENCE_OF_OTHERS),
        (json!({"azp": "other-client"}), AUDIENCE_OF_OTHERS),
        (json!({"iss": "https://other.example"}), ISSUER),
        (json!({"iss": format!("{}/", issuer.url())}), ISSUER),
        (json!({"iss": null}), ISSUER),
        (json!({"exp": now() - 6}), "The ID token has expired"),
        (json!({"exp": null}), "The ID token has no valid claim exp"),
        (json!({"sub": null}), "The ID token has no valid claim sub"),
        (json!({"nonce": "n-2"}), "The ID token answers another sign-in"),
        (json!({"nonce": null}), "The ID token has no valid claim nonce"),
        (json!({"typ": "Bearer"}), TYPE),
    ] {
        let token = id_token(&OURS, &id_claims(issuer.url(), change.clone()));
        assert_eq!(verdict(&app, &issuer, &token).await, refused(reason), "{change}");
    }
}

#[tokio::test]
async fn id_token_is_bound_to_the_first_issuer() {
    let (one, two) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&OURS]).await);
    let (issuers, audiences) = (format!("{} {}", one.url(), two.url()), format!("{AUDIENCE} {AUDIENCE}"));
    let variables = [("AUTH_ISSUER", issuers.as_str()), ("AUTH_AUDIENCE", &audiences), ("AUTH_CLIENT_ID", CLIENT)];
    let app = App::try_start(&variables).await.expect("it starts");
    let of = |issuer: &Issuer| id_token(&OURS, &id_claims(issuer.url(), json!({})));
    assert_eq!(verdict(&app, &one, &of(&one)).await, "verified");
    for (access, id) in [(&one, &two), (&two, &one), (&two, &two)] {
        assert_eq!(verdict(&app, access, &of(id)).await, refused(ISSUER));
    }
    // Asked about a caller of the second issuer alone, it is still the caller that the gate sees.
    let token = OURS.sign(&claims(two.url(), json!({})));
    assert_eq!(identify(&app, &token, &[]).await.json()["issuer"], two.url());
}

#[tokio::test]
async fn id_token_may_use_an_algorithm_that_access_tokens_may_not() {
    let access = Key::p256("access");
    let keys = [Key::rsa("rs"), Key::rsa_for("ps", Algorithm::PS512), Key::ed25519("ed")];
    let mut unnamed = Key::rsa("unnamed");
    unnamed.jwk.as_object_mut().expect("an object").remove("alg");
    let issuer = Issuer::start(&[&access, &keys[0], &keys[1], &keys[2], &unnamed]).await;
    let app = app(&issuer, &[("AUTH_ALGORITHMS", "ES256")]).await;
    let access_token = access.sign(&claims(issuer.url(), json!({})));
    let good = id_claims(issuer.url(), json!({}));
    let check = async |id_token: String| {
        let answer = identify(&app, &access_token, &[("id_token", &id_token), ("nonce", "n-1")]).await;
        answer.json()["id_token"].clone()
    };
    for key in keys.iter().chain([&access, &unnamed]) {
        assert_eq!(check(id_token(key, &good)).await, "verified", "{:?} by {}", key.algorithm, key.id);
    }
    // A key stays bound to the algorithm that it names.
    assert_eq!(check(id_token(&keys[0].under("rs", Algorithm::PS256), &good)).await, refused(ALGORITHM));
    // And access tokens stay as strict as they were.
    for key in keys.iter().chain([&unnamed]) {
        let answer = app.get("/api/items", Some(&key.sign(&claims(issuer.url(), json!({}))))).await;
        assert_eq!((answer.error().0, answer.error().2.as_str()), (401, "invalid algorithm"), "{}", key.id);
    }
}

#[tokio::test]
async fn identity_needs_the_providers_keys() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.becomes(Mood::Down);
    let app = app(&issuer, &[]).await;
    let access_token = OURS.sign(&claims(issuer.url(), json!({})));
    let token = id_token(&OURS, &id_claims(issuer.url(), json!({})));
    let answer = identify(&app, &access_token, &[("id_token", &token)]).await;
    assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "keys_unavailable"));
    assert_eq!(answer.header("retry-after"), "12");
}

#[tokio::test]
async fn id_token_without_a_client_is_refused() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let token = id_token(&OURS, &id_claims(issuer.url(), json!({})));
    let reason = "This server has no AUTH_CLIENT_ID, so no ID token is meant for it";
    assert_eq!(verdict(&app, &issuer, &token).await, refused(reason));
}

#[tokio::test]
async fn id_token_of_16_kib_is_verified_and_a_longer_one_refused() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    let token = |length: usize| id_token(&OURS, &id_claims(issuer.url(), json!({"groups": "g".repeat(length)})));
    // Three bytes of claims are four of a token.
    let room = (16 * 1024 - token(0).len()) / 4 * 3;
    let longest = token(room - 4);
    assert!((16 * 1024 - 16..=16 * 1024).contains(&longest.len()), "{}", longest.len());
    assert_eq!(verdict(&app, &issuer, &longest).await, "verified");
    assert_eq!(verdict(&app, &issuer, &token(room + 8)).await, refused("The ID token is too long"));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_id_token_is_logged_without_its_contents() {
    let issuer = Issuer::start(&[&OURS]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let variables =
        [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", CLIENT), ("RUST_LOG", "debug")];
    let mut server = Process::start(folder.path(), &variables);
    let token = id_token(&OURS, &id_claims(issuer.url(), json!({"nonce": "n-2", "sub": "a-private-subject"})));
    let access_token = OURS.sign(&claims(issuer.url(), json!({"sub": "a-private-subject"})));
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("id_token", token.as_str()), ("nonce", "n-secret")])
        .finish();
    let request = reqwest::Client::new().post(format!("{}{PATH}", server.url)).bearer_auth(&access_token);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(request.send().await.expect("an answer").status(), 200);
    let line = server.logs("an ID token was refused");
    assert!(line.contains("answers another sign-in"), "{line}");
    for secret in [token.as_str(), &access_token, "a-private-subject", "n-2", "n-secret"] {
        assert!(!line.contains(secret), "{line}");
    }
}

#[tokio::test]
async fn id_token_is_given_the_leeway_that_is_set() {
    let issuer = Issuer::start(&[&OURS]).await;
    let expired = id_token(&OURS, &id_claims(issuer.url(), json!({"exp": now() - 20})));
    let wide = app(&issuer, &[("AUTH_LEEWAY_SECONDS", "60")]).await;
    assert_eq!(verdict(&wide, &issuer, &expired).await, "verified");
    let usual = app(&issuer, &[]).await;
    assert_eq!(verdict(&usual, &issuer, &expired).await, refused("The ID token has expired"));
}

#[tokio::test]
async fn id_token_by_a_new_key_without_kid_is_verified_at_once() {
    let issuer = Issuer::start(&[]).await;
    let without_kid = |key: &Key| {
        let mut jwk = key.jwk.clone();
        jwk.as_object_mut().expect("an object").remove("kid");
        jwk
    };
    issuer.becomes(Mood::Keys(vec![without_kid(&OURS)]));
    let app = app(&issuer, &[]).await;
    let access_token =
        |key: &Key| key.sign_with(&json!({"alg": "RS256", "typ": "at+jwt"}), &claims(issuer.url(), json!({})));
    let id_token = |key: &Key| key.sign_with(&json!({"alg": "RS256"}), &id_claims(issuer.url(), json!({})));
    let ask = async |key: &Key| {
        let form = [("id_token", &*id_token(key)), ("nonce", "n-1")];
        identify(&app, &access_token(&OURS), &form).await.json()["id_token"].clone()
    };
    assert_eq!(ask(&OURS).await, "verified");
    issuer.becomes(Mood::Keys(vec![without_kid(&OURS), without_kid(&NEXT)]));
    assert_eq!(ask(&NEXT).await, "verified");
    assert_eq!(ask(&FOREIGN).await, refused(SIGNATURE));
}

#[tokio::test]
async fn identify_pending_key_of_id_token_is_503_if_plausible() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    let access_token = OURS.sign(&claims(issuer.url(), json!({})));
    let ask = async |claims: &Value| {
        let token = id_token(&FOREIGN, claims);
        identify(&app, &access_token, &[("id_token", token.as_str()), ("nonce", "n-1")]).await
    };
    let good = id_claims(issuer.url(), json!({}));
    let unknown = refused("The ID token's signing key is not among the provider's keys");
    // As long as the provider can be asked, it has the last word.
    while issuer.asked() < portcullis_verifier::jwks::REFRESH_BURST as usize {
        assert_eq!(ask(&good).await.json()["id_token"], unknown);
    }
    let pending = ask(&good).await;
    assert_eq!((pending.error().0, pending.error().1.as_str()), (503, "key_not_yet_known"));
    assert_eq!(pending.header("retry-after"), "12");
    for bad in [json!({"aud": "other"}), json!({"exp": now() - 60}), json!({"nonce": "n-2"})] {
        let answer = ask(&id_claims(issuer.url(), bad.clone())).await;
        assert_eq!((answer.status, &answer.json()["id_token"]), (200, &unknown), "{bad}");
    }
}
