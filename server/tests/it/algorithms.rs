//! Every algorithm that may be allowed: good signatures are taken, and no key is used for another algorithm.

use jsonwebtoken::Algorithm;
use serde_json::json;

use crate::support::tokens::{AUDIENCE, part};
use crate::support::{App, Issuer, Key, claims};

fn keys(prefix: [&'static str; 4]) -> [Key; 4] {
    let [rs, ps, es, ed] = prefix;
    [Key::rsa(rs), Key::rsa_for(ps, Algorithm::PS256), Key::p256(es), Key::ed25519(ed)]
}

async fn app(issuer: &Issuer, algorithms: &str) -> App {
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_ALGORITHMS", algorithms)];
    App::try_start(&variables).await.expect("it starts")
}

#[tokio::test]
async fn each_allowed_algorithm_is_verified_and_no_other() {
    let ours = keys(["rs", "ps", "es", "ed"]);
    let foreign = keys(["rs", "ps", "es", "ed"]);
    let issuer = Issuer::start(&ours.each_ref()).await;
    let all = app(&issuer, "RS256,PS256,ES256,EdDSA").await;
    let good_claims = claims(issuer.url(), json!({}));
    for (key, forger) in ours.iter().zip(&foreign) {
        let name = format!("{:?}", key.algorithm);
        let good = key.sign(&good_claims);
        assert_eq!(all.get("/api/items", Some(&good)).await.status, 200, "{name}");

        let (message, signature) = good.rsplit_once('.').expect("a signature");
        let head = message.split('.').next().expect("a header");
        let tampered = format!("{head}.{}.{signature}", part(&claims(issuer.url(), json!({"sub": "eve"}))));
        let zeroed = format!("{message}.{}", "A".repeat(signature.len()));
        let truncated = format!("{message}.{}", &signature[..signature.len() - 4]);
        let extended = format!("{good}AAAA");
        for (attack, token) in [
            ("tampered", tampered),
            ("zeroed", zeroed),
            ("truncated", truncated),
            ("extended", extended),
            ("of a foreign key", forger.sign(&good_claims)),
        ] {
            let answer = all.get("/api/items", Some(&token)).await;
            assert_eq!(answer.error().2, "invalid signature", "{name} {attack}");
        }

        // Under the id of each other key: a key is for its own algorithm alone.
        for other in ours.iter().filter(|other| other.id != key.id) {
            let header = json!({"alg": name, "typ": "at+jwt", "kid": other.id});
            let answer = all.get("/api/items", Some(&key.sign_with(&header, &good_claims))).await;
            assert_eq!(answer.error().2, "invalid algorithm", "{name} under the key for {:?}", other.algorithm);
        }
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_however_good() {
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
