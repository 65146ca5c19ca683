//! Makes new seeds for the fuzz targets:
//! `cargo run -p portcullis-verifier --features test-support --example make_seeds`.
//! It generates the keys and keeps no private key.

use std::fs;
use std::io::Error;
use std::path::Path;

use jsonwebtoken::Algorithm;
use portcullis_verifier::test_support::{Key, claims};
use serde_json::{Value, json};

/// When the good tokens expire: in 2100.
const END: u64 = 4_102_444_800;
/// When they were issued: in 2026.
const BEGINNING: u64 = 1_789_999_000;

fn main() -> std::io::Result<()> {
    let keys = [Key::rsa("rs"), Key::rsa_for("ps", Algorithm::PS256), Key::p256("es"), Key::ed25519("ed")];
    let good = claims("https://issuer.example/", json!({"exp": END, "iat": BEGINNING}));
    for key in &keys {
        let token = key.sign(&good);
        put("bearer_header", &format!("good-{:?}", key.algorithm), &format!("Bearer {token}"))?;
        put("token", &format!("good-{:?}", key.algorithm), &token)?;
    }
    bearer_headers()?;
    tokens(&good)?;
    for (name, object) in [("claims", &good), ("header", &json!({"alg": "RS256", "typ": "at+jwt", "kid": "rs"}))] {
        put("json", name, &object.to_string())?;
    }
    for (name, text) in [
        ("twins", r#"{"a":1,"\u0061":2}"#),
        ("nested-twins", r#"{"a":[{"b":1,"b":2}]}"#),
        ("every-kind", r#" {"n":null,"b":true,"i":-1,"f":1.5e3,"t":"\ud83d\ude00","l":[[],{}],"o":{"a":{}}} "#),
        ("list", "[1]"),
    ] {
        put("json", name, text)?;
    }
    let jwks: Vec<&Value> = keys.iter().map(|key| &key.jwk).collect();
    key_sets(&jwks)
}

fn bearer_headers() -> std::io::Result<()> {
    for (name, text) in [
        ("lower-case", "bearer a.b.c"),
        ("blanks", " \tBEARER\t a.b.c "),
        ("basic", "Basic YTpi"),
        ("three-words", "Bearer a b"),
        ("no-token", "Bearer"),
        ("empty", ""),
        ("two-headers", "Bearer a.b.c\nBearer a.b.c"),
        ("in-the-query", "?access_token=a.b.c\nBearer a.b.c"),
        ("escaped-in-the-query", "?a=b&access%5ftoken=x&access_token"),
        ("another-query", "?limit=1&my_access_token=x\nBearer a.b.c"),
    ] {
        put("bearer_header", name, text)?;
    }
    Ok(())
}

/// Pairs of a header and claims, a line each.
fn tokens(good: &Value) -> std::io::Result<()> {
    let pair = |header: &Value, claims: &Value| format!("{header}\n{claims}");
    let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": "rs"});
    put("token", "pair-good", &pair(&header, good))?;
    for (name, header) in [
        ("none", json!({"alg": "none"})),
        ("hs256", json!({"alg": "HS256", "typ": "JWT", "kid": "rs"})),
        ("jwk", json!({"alg": "RS256", "jwk": {}})),
        ("crit", json!({"alg": "ES256", "crit": ["b64"], "b64": false})),
        ("other-kid", json!({"alg": "EdDSA", "typ": "JWT", "kid": "es"})),
        ("application", json!({"alg": "PS256", "typ": "application/at+jwt"})),
    ] {
        put("token", &format!("pair-header-{name}"), &pair(&header, good))?;
    }
    for (name, change) in [
        ("id-token", json!({"nonce": "n", "at_hash": "h"})),
        ("keycloak", json!({"nonce": "n", "typ": "Bearer"})),
        ("logout", json!({"events": {}})),
        ("audiences", json!({"aud": ["other", "https://api.example/"]})),
        ("expired", json!({"exp": BEGINNING})),
        ("not-yet", json!({"nbf": END, "exp": 1.5e10})),
        ("text-time", json!({"exp": "4102444800"})),
        ("scp", json!({"scope": null, "scp": ["read:items", "write:items"], "permissions": ["a b"]})),
        ("bare", json!({"sub": null, "client_id": null, "jti": null, "iat": null})),
    ] {
        let mut claims = good.clone();
        for (name, value) in change.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        put("token", &format!("pair-claims-{name}"), &pair(&header, &claims))?;
    }
    put("token", "parts", "a.b.c")
}

fn key_sets(keys: &[&Value]) -> std::io::Result<()> {
    let set = |keys: &[Value]| json!({ "keys": keys }).to_string();
    put("jwks", "good", &json!({ "keys": keys }).to_string())?;
    for key in keys {
        let mut plain = (*key).clone();
        for name in ["alg", "use"] {
            plain.as_object_mut().and_then(|members| members.remove(name));
        }
        put("jwks", &format!("plain-{}", plain["kid"].as_str().unwrap_or_default()), &set(&[plain]))?;
    }
    let encrypts = json!({"kty": "RSA", "use": "enc", "kid": "rs", "n": keys[0]["n"], "e": "AQAB"});
    let verifies = json!({"kty": "RSA", "key_ops": ["verify"], "kid": "rs", "n": keys[0]["n"], "e": "AQAB"});
    let secret = json!({"kty": "oct", "kid": "rs", "k": "c2VjcmV0"});
    let off_curve = json!({"kty": "EC", "crv": "P-256", "kid": "es", "x": keys[2]["y"], "y": keys[2]["x"]});
    put("jwks", "bad-members", &set(&[json!(7), encrypts, secret, off_curve, keys[1].clone()]))?;
    put("jwks", "namesakes", &set(&[verifies, keys[0].clone(), keys[0].clone()]))?;
    put("jwks", "list", &json!([[keys[3]]]).to_string())?;
    put("jwks", "none", r#"{"keys":[]}"#)
}

fn put(target: &str, name: &str, text: &str) -> std::io::Result<()> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| Error::other("run this with `cargo run`"))?;
    let folder = Path::new(&package).join("seeds").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), text)
}
