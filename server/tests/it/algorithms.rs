//! Signatures (RFC 7518 §3, RFC 8725 §3.1 and §3.2): only valid signatures are accepted, for each algorithm.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use portcullis_verifier::test_support::{AUDIENCE, part};
use serde_json::{Value, json};

use crate::support::issuer::Mood;
use crate::support::{App, Issuer, Key, OURS, WeakKey, claims};

fn keys(prefix: [&'static str; 4]) -> [Key; 4] {
    let [rs, ps, es, ed] = prefix;
    [Key::rsa(rs), Key::rsa_for(ps, Algorithm::PS256), Key::p256(es), Key::ed25519(ed)]
}

async fn app(issuer: &Issuer, algorithms: &str) -> App {
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_ALGORITHMS", algorithms)];
    App::try_start(&variables).await.expect("it starts")
}

/// Starts an application that allows all four algorithms. Returns it with its provider and the keys.
async fn four() -> (App, Issuer, [Key; 4]) {
    let ours = keys(["rs", "ps", "es", "ed"]);
    let issuer = Issuer::start(&ours.each_ref()).await;
    (app(&issuer, "RS256,PS256,ES256,EdDSA").await, issuer, ours)
}

fn good_claims(issuer: &Issuer) -> Value {
    claims(issuer.url(), json!({}))
}

/// Asserts that `token` is rejected because of its signature.
async fn refused(app: &App, what: &str, token: &str) {
    let answer = app.get("/api/items", Some(token)).await;
    assert_eq!((answer.error().0, answer.error().2.as_str()), (401, "invalid signature"), "{what}");
}

#[tokio::test]
async fn signature_of_each_algorithm_is_accepted() {
    let (app, issuer, ours) = four().await;
    for key in &ours {
        let token = key.sign(&good_claims(&issuer));
        assert_eq!(app.get("/api/items", Some(&token)).await.status, 200, "{:?}", key.algorithm);
    }
}

#[tokio::test]
async fn signature_tampered_is_rejected_for_each_algorithm() {
    let (app, issuer, ours) = four().await;
    for key in &ours {
        let name = format!("{:?}", key.algorithm);
        let good = key.sign(&good_claims(&issuer));
        let (message, signature) = good.rsplit_once('.').expect("a signature");
        let head = message.split('.').next().expect("a header");
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let with = |bytes: &[u8]| format!("{message}.{}", URL_SAFE_NO_PAD.encode(bytes));
        refused(&app, &format!("{name} truncated"), &with(&bytes[..bytes.len() - 1])).await;
        refused(&app, &format!("{name} cut in half"), &with(&bytes[..bytes.len() / 2])).await;
        refused(&app, &format!("{name} extended"), &with(&[&bytes[..], &[0]].concat())).await;
        refused(&app, &format!("{name} extended in front"), &with(&[&[0], &bytes[..]].concat())).await;
        refused(&app, &format!("{name} zeroed"), &with(&vec![0; bytes.len()])).await;
        refused(&app, &format!("{name} all ones"), &with(&vec![0xff; bytes.len()])).await;
        refused(&app, &format!("{name} empty"), &with(&[])).await;
        let payload = part(&claims(issuer.url(), json!({"sub": "eve"})));
        refused(&app, &format!("{name} of other claims"), &format!("{head}.{payload}.{signature}")).await;
    }
}

#[tokio::test]
async fn signature_reencoded_is_rejected_for_each_algorithm() {
    let (app, issuer, ours) = four().await;
    for key in &ours {
        let name = format!("{:?}", key.algorithm);
        let good = key.sign(&good_claims(&issuer));
        let (message, signature) = good.rsplit_once('.').expect("a signature");
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        refused(&app, &format!("{name} in base64"), &format!("{message}.{}", STANDARD.encode(&bytes))).await;
        // Long enough to contain one of the two characters that differ.
        let mut other = good.clone();
        while !other.rsplit_once('.').is_some_and(|(_, signature)| signature.contains(['-', '_'])) {
            other = key.sign(&claims(issuer.url(), json!({"jti": other})));
        }
        let (message, signature) = other.rsplit_once('.').expect("a signature");
        let bytes_of_other = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let alphabet = format!("{message}.{}", STANDARD_NO_PAD.encode(bytes_of_other));
        refused(&app, &format!("{name} in the other alphabet"), &alphabet).await;
        let (message, _) = good.rsplit_once('.').expect("a signature");
        refused(&app, &format!("{name} in hexadecimal"), &format!("{message}.{hex}")).await;
        refused(&app, &format!("{name} padded"), &format!("{good}=")).await;
        refused(&app, &format!("{name} padded twice"), &format!("{good}==")).await;
    }
    let [_, _, es, _] = &ours;
    let good = es.sign(&good_claims(&issuer));
    let message = good.rsplit_once('.').expect("a signature").0;
    let der = URL_SAFE_NO_PAD.encode(es.sign_ecdsa_der(message.as_bytes()));
    refused(&app, "ES256 in DER", &format!("{message}.{der}")).await;
}

#[tokio::test]
async fn base64url_has_one_encoding_for_each_part() {
    let (app, issuer, ours) = four().await;
    for key in &ours {
        let name = format!("{:?}", key.algorithm);
        // For one in three lengths, all bits of the last character are significant.
        let mut twins = [0; 3];
        let header = json!({"alg": name, "typ": "at+jwt", "kid": key.id, "x": ""});
        let good = (0..3).map(|n| {
            let padding = "x".repeat(n);
            key.sign_with(&with(&header, "x", json!(padding)), &claims(issuer.url(), json!({"x": padding})))
        });
        for good in good {
            assert_eq!(app.get("/api/items", Some(&good)).await.status, 200, "{name}");
            let parts: Vec<&str> = good.split('.').collect();
            for place in 0..3 {
                if let Some(twin) = non_canonical(parts[place]) {
                    twins[place] += 1;
                    let mut parts = parts.clone();
                    parts[place] = &twin;
                    let answer = app.get("/api/items", Some(&parts.join("."))).await;
                    let expected = if place == 2 { "invalid signature" } else { "jwt malformed" };
                    assert_eq!(answer.error().2, expected, "{name}: part {place} with bits that do not count");
                }
            }
        }
        assert!(twins.iter().all(|tried| *tried > 0), "{name}: {twins:?}");
        // A header value may contain only spaces and tabs as whitespace, and these separate words.
        let spaced = key.sign(&good_claims(&issuer)).replace('.', ". ");
        assert_eq!(app.get("/api/items", Some(&spaced)).await.error().1, "credentials_bad_format", "{name}");
    }
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}

/// Returns another encoding of the same bytes, with the unused bits of the last character set, if it has any.
fn non_canonical(part: &str) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = part.split_at(part.len().checked_sub(1)?);
    let value = ALPHABET.iter().position(|letter| *letter == last.as_bytes()[0])?;
    let twin = (!part.len().is_multiple_of(4)).then(|| format!("{rest}{}", char::from(ALPHABET[value | 1])))?;
    assert_ne!(twin, part, "the unused bits of canonical base64url are zero");
    Some(twin)
}

#[tokio::test]
async fn key_verifies_its_own_algorithm_only() {
    let (app, issuer, ours) = four().await;
    for key in &ours {
        for other in ours.iter().filter(|other| other.id != key.id) {
            let header = json!({"alg": format!("{:?}", key.algorithm), "typ": "at+jwt", "kid": other.id});
            let answer = app.get("/api/items", Some(&key.sign_with(&header, &good_claims(&issuer)))).await;
            assert_eq!(answer.error().2, "invalid algorithm", "{:?} under {:?}", key.algorithm, other.algorithm);
        }
    }
}

#[tokio::test]
async fn signature_of_another_key_is_rejected_for_each_algorithm() {
    let (app, issuer, _) = four().await;
    for forger in &keys(["rs", "ps", "es", "ed"]) {
        let token = forger.sign(&good_claims(&issuer));
        refused(&app, &format!("{:?} of a foreign key under a known id", forger.algorithm), &token).await;
    }
}

#[tokio::test]
async fn signature_by_another_algorithm_of_the_key_is_rejected() {
    // One RSA key with each padding: a signature with one is not valid for the other.
    let rs = Key::rsa("rs");
    let ps = rs.under("ps", Algorithm::PS256);
    let issuer = Issuer::start(&[&rs, &ps]).await;
    let app = app(&issuer, "RS256,PS256").await;
    for (signs, says) in [(&rs, &ps), (&ps, &rs)] {
        let header = json!({"alg": format!("{:?}", says.algorithm), "typ": "at+jwt", "kid": says.id});
        let token = signs.sign_with(&header, &good_claims(&issuer));
        refused(&app, &format!("{:?} that says {:?}", signs.algorithm, says.algorithm), &token).await;
        assert_eq!(app.get("/api/items", Some(&signs.sign(&good_claims(&issuer)))).await.status, 200);
    }
}

#[tokio::test]
async fn algorithm_not_allowed_is_rejected_despite_good_signature() {
    let ours = keys(["rs", "ps", "es", "ed"]);
    let issuer = Issuer::start(&ours.each_ref()).await;
    for (allowed, app) in [("ES256", app(&issuer, "ES256").await), ("RS256", app(&issuer, "RS256").await)] {
        for key in &ours {
            let answer = app.get("/api/items", Some(&key.sign(&claims(issuer.url(), json!({}))))).await;
            let expected = if format!("{:?}", key.algorithm) == allowed { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{:?} where {allowed} is allowed", key.algorithm);
            if expected == 401 {
                assert_eq!(answer.error().2, "invalid algorithm");
            }
        }
    }
}

#[tokio::test]
async fn weak_key_of_the_provider_verifies_nothing() {
    let weak = WeakKey::generate();
    let issuer = Issuer::start(&[]).await;
    issuer.becomes(Mood::Keys(vec![weak.jwk.clone(), OURS.jwk.clone()]));
    let app = App::with_issuer(&issuer).await;
    assert_eq!(app.get("/api/items", Some(&OURS.sign(&good_claims(&issuer)))).await.status, 200);
    let answer = app.get("/api/items", Some(&weak.sign(&good_claims(&issuer)))).await;
    assert_eq!((answer.error().0, answer.error().2.as_str()), (401, "signing key not found"));
}

#[tokio::test]
async fn key_not_for_verifying_verifies_nothing() {
    for (name, change) in [
        ("use: enc", json!({"use": "enc"})),
        ("key_ops without verify", json!({"key_ops": ["sign", "encrypt"]})),
        ("alg of another", json!({"alg": "RSA-OAEP-256"})),
    ] {
        let mut key = Key::rsa("odd");
        for (member, value) in change.as_object().expect("members") {
            key.jwk[member] = value.clone();
        }
        let issuer = Issuer::start(&[&key, &OURS]).await;
        let app = App::with_issuer(&issuer).await;
        assert_eq!(app.get("/api/items", Some(&OURS.sign(&good_claims(&issuer)))).await.status, 200, "{name}");
        let answer = app.get("/api/items", Some(&key.sign(&good_claims(&issuer)))).await;
        assert_eq!(answer.error().2, "signing key not found", "{name}");
    }
}
