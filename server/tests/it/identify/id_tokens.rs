//! Which ID tokens are accepted, and why the others are rejected.

use jsonwebtoken::Algorithm;
use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::json;
use url::form_urlencoded;

use super::{
    ALGORITHM, AUDIENCE_OF_OTHERS, CLIENT, ISSUER, NO_JWT, PATH, SIGNATURE, TYPE, app, id_claims, id_token, identify,
    refused, verdict,
};
use crate::support::process::Process;
use crate::support::{App, FOREIGN, Issuer, OURS, claims};

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
    // Keys are fetched at most once every twelve seconds, but an unknown id is rejected at once.
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
    // Without an ID token, the identity is that of the access token, also from the second issuer.
    let token = OURS.sign(&claims(two.url(), json!({})));
    assert_eq!(identify(&app, &token, &[]).await.json()["issuer"], two.url());
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
