//! The table of attacks, each with its token and the expected error.

use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::json;

use crate::support::{FOREIGN, OURS, claims};

/// An attack: its name, its `Authorization` header, and the expected error.
pub struct Attack {
    pub name: &'static str,
    pub header: Option<String>,
    pub expected: (u16, &'static str, String),
}

fn refused(name: &'static str, token: String, message: impl Into<String>) -> Attack {
    Attack { name, header: Some(format!("Bearer {token}")), expected: (401, "invalid_token", message.into()) }
}

fn malformed_header(name: &'static str, header: Option<&str>, code: &'static str, message: &str) -> Attack {
    Attack { name, header: header.map(str::to_owned), expected: (401, code, message.into()) }
}

/// The attack whose unknown key could be a new one, because its claims are valid.
pub(super) const UNKNOWN_KID: &str = "an unknown kid";

/// Returns every attack on an application that trusts `issuer`.
pub fn attacks(issuer: &str) -> Vec<Attack> {
    let good = OURS.sign(&claims(issuer, json!({})));
    let with = |change| OURS.sign(&claims(issuer, change));
    let header = |header| OURS.sign_with(&header, &claims(issuer, json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    let mut flipped = signature.to_owned().into_bytes();
    flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).expect("base64url");
    let none = format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&claims(issuer, json!({}))));
    let audience = format!("jwt audience invalid. expected: {AUDIENCE}");
    let wrong_issuer = format!("jwt issuer invalid. expected: {issuer}");
    let format = "Format is Authorization: Bearer [token]";
    let nothing = "No authorization token was found";

    let usual = json!({"alg": "RS256", "typ": "at+jwt", "kid": "ours"});
    let twice_in_header = OURS.sign_parts(
        r#"{"alg":"RS256","kid":"foreign","kid":"ours","typ":"at+jwt"}"#,
        &claims(issuer, json!({})).to_string(),
    );
    let twice = claims(issuer, json!({})).to_string().replacen('{', r#"{"scope":"","#, 1);
    let twice_in_claims = OURS.sign_parts(&usual.to_string(), &twice);
    let trailing = format!("{}{{}}", claims(issuer, json!({})));

    vec![
        malformed_header("no header", None, "credentials_required", nothing),
        malformed_header("an empty header", Some(""), "credentials_required", nothing),
        malformed_header("another scheme", Some(&format!("Basic {good}")), "credentials_bad_scheme", format),
        malformed_header("no scheme", Some(&good), "credentials_bad_format", format),
        malformed_header("no token", Some("Bearer"), "credentials_bad_format", format),
        malformed_header("three words", Some(&format!("Bearer {good} x")), "credentials_bad_format", format),
        refused("no JWT", "nonsense".into(), "jwt malformed"),
        refused("two parts", format!("{head}.{body}"), "jwt malformed"),
        refused("four parts", format!("{good}.{body}"), "jwt malformed"),
        refused("a header that is no JSON", format!("{}.{body}.{signature}", "bm9wZQ"), "jwt malformed"),
        refused(
            "a header that is a list",
            OURS.sign_with(&json!(["RS256", "ours", "at+jwt", null]), &claims(issuer, json!({}))),
            "jwt malformed",
        ),
        refused(
            "claims that are a list",
            OURS.sign(&json!([
                issuer,
                "ada",
                AUDIENCE,
                now() + 600,
                null,
                "read:items",
                null,
                null,
                null,
                null,
                null,
                null
            ])),
            "jwt malformed",
        ),
        refused("a header that says two things", twice_in_header, "jwt has a duplicate header member"),
        refused("claims that say two things", twice_in_claims, "jwt has a duplicate claim"),
        refused("claims with something after them", OURS.sign_parts(&usual.to_string(), &trailing), "jwt malformed"),
        refused(
            "a header without end",
            header(json!({"alg": "RS256", "kid": "ours", "typ": "at+jwt", "x": "x".repeat(4_000)})),
            "jwt header too long. maximum: 4 KiB",
        ),
        refused(
            "a refresh token",
            OURS.sign_with(
                &json!({"alg": "RS256", "typ": "JWT", "kid": "ours"}),
                &claims(issuer, json!({"typ": "Refresh"})),
            ),
            "jwt type invalid. expected: at+jwt or JWT",
        ),
        refused(
            "a logout token",
            OURS.sign_with(
                &json!({"alg": "RS256", "typ": "JWT", "kid": "ours"}),
                &claims(issuer, json!({"events": {}})),
            ),
            "jwt type invalid. expected: at+jwt or JWT",
        ),
        refused("a padded header", format!("{head}=.{body}.{signature}"), "jwt malformed"),
        refused("a token without end", with(json!({"filler": "x".repeat(13_000)})), "jwt too long. maximum: 16 KiB"),
        refused(
            "a tampered payload",
            format!("{head}.{}.{signature}", part(&claims(issuer, json!({"sub": "eve"})))),
            "invalid signature",
        ),
        refused("a tampered signature", format!("{head}.{body}.{flipped}"), "invalid signature"),
        refused(
            "a truncated signature",
            format!("{head}.{body}.{}", &signature[..signature.len() - 4]),
            "invalid signature",
        ),
        refused("a padded signature", format!("{good}=="), "invalid signature"),
        refused("an empty signature", format!("{head}.{body}."), "invalid signature"),
        refused("alg none", none.clone(), "invalid algorithm"),
        refused("alg None with a signature", header(json!({"alg": "None", "kid": "ours"})), "invalid algorithm"),
        refused(
            "HS256 with the public key",
            OURS.sign_hs256_with_public_key(&claims(issuer, json!({}))),
            "invalid algorithm",
        ),
        refused(
            "an algorithm that is not allowed",
            header(json!({"alg": "RS512", "kid": "ours"})),
            "invalid algorithm",
        ),
        refused("no algorithm", header(json!({"kid": "ours"})), "invalid alg value in the jwt header"),
        refused(
            "a foreign key under a known kid",
            FOREIGN.sign_with(&json!({"alg": "RS256", "kid": "ours"}), &claims(issuer, json!({}))),
            "invalid signature",
        ),
        refused(
            "a foreign key in the header",
            FOREIGN.sign_with(&json!({"alg": "RS256", "kid": "ours", "jwk": FOREIGN.jwk}), &claims(issuer, json!({}))),
            "jwt header must not hold jwk",
        ),
        refused(
            "an address of keys",
            header(json!({"alg": "RS256", "kid": "ours", "jku": "https://evil.example/jwks"})),
            "jwt header must not hold jku",
        ),
        refused(
            "an address of a certificate",
            header(json!({"alg": "RS256", "kid": "ours", "x5u": "https://evil.example/cert"})),
            "jwt header must not hold x5u",
        ),
        refused(
            "a certificate",
            header(json!({"alg": "RS256", "kid": "ours", "x5c": ["MIIB"]})),
            "jwt header must not hold x5c",
        ),
        refused(UNKNOWN_KID, FOREIGN.sign(&claims(issuer, json!({}))), "signing key not found"),
        refused(
            "an unknown kid, expired",
            FOREIGN.sign(&claims(issuer, json!({"exp": now() - 60}))),
            "signing key not found",
        ),
        refused(
            "a critical extension",
            header(json!({"alg": "RS256", "kid": "ours", "crit": ["b64"], "b64": false})),
            "jwt has critical extensions that are not supported",
        ),
        refused(
            "another type",
            header(json!({"alg": "RS256", "kid": "ours", "typ": "logout+jwt"})),
            "jwt type invalid. expected: at+jwt or JWT",
        ),
        refused("expired", with(json!({"exp": now() - 60})), "jwt expired"),
        refused("no expiry", with(json!({"exp": null})), "invalid exp value"),
        refused("an expiry that is text", with(json!({"exp": "never"})), "invalid exp value"),
        refused("an expiry that is a list", with(json!({"exp": [now() + 600]})), "invalid exp value"),
        refused("a time of issue that is text", with(json!({"iat": "yesterday"})), "invalid iat value"),
        refused("a time to begin that is text", with(json!({"nbf": "0"})), "invalid nbf value"),
        refused("a subject that is a number", with(json!({"sub": 7})), "invalid sub value"),
        refused("not yet valid", with(json!({"nbf": now() + 60})), "jwt not active"),
        refused("a wrong issuer", with(json!({"iss": "https://evil.example/"})), wrong_issuer.clone()),
        refused("the issuer with a slash more", with(json!({"iss": format!("{issuer}/")})), wrong_issuer.clone()),
        refused("no issuer", with(json!({"iss": null})), wrong_issuer),
        refused("a wrong audience", with(json!({"aud": "https://other.example/"})), audience.clone()),
        refused("wrong audiences", with(json!({"aud": ["web", "https://other.example/"]})), audience.clone()),
        refused("no audience", with(json!({"aud": null})), audience),
        refused(
            "an ID token with the API's audience",
            OURS.sign_with(
                &json!({"alg": "RS256", "typ": "JWT", "kid": "ours"}),
                &claims(issuer, json!({"nonce": "n", "scope": null, "aud": [AUDIENCE, "web"]})),
            ),
            "jwt is an ID token, not an access token",
        ),
        refused(
            "an ID token by its hash, whatever its scopes",
            OURS.sign_with(
                &json!({"alg": "RS256", "typ": "JWT", "kid": "ours"}),
                &claims(issuer, json!({"nonce": "n", "at_hash": "h"})),
            ),
            "jwt is an ID token, not an access token",
        ),
        refused(
            "bound to a key of its sender",
            with(json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})),
            "jwt is bound to a key (cnf), and proof of possession is not supported",
        ),
        Attack {
            name: "a missing scope",
            header: Some(format!("Bearer {}", with(json!({"scope": "openid"})))),
            expected: (403, "insufficient_scope", "Insufficient scope".into()),
        },
    ]
}
