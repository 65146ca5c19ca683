//! The command `doctor`: its exit code, its standard input, and what it never prints.

use portcullis_verifier::test_support::{AUDIENCE, now};
use serde_json::json;

use super::{ORIGIN, whole};
use crate::support::process::run;
use crate::support::{FOREIGN, Issuer, OURS, claims};

struct Said {
    code: Option<i32>,
    all: String,
}

/// Runs `server doctor` against `issuer`.
fn doctor(issuer: &str, more: &[&str], variables: &[(&str, &str)], input: &str) -> Said {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let defaults = [
        ("AUTH_ISSUER", issuer),
        ("AUTH_AUDIENCE", AUDIENCE),
        ("AUTH_CLIENT_ID", "web"),
        ("LEPTOS_SITE_ADDR", "127.0.0.1:3999"),
    ];
    let output = run(folder.path(), &[&["doctor"], more].concat(), &[&defaults[..], variables].concat(), input);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Said { code: output.status.code(), all: format!("{}{}", text(output.stdout), text(output.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_fails_on_a_bad_finding_and_names_the_fix() {
    let (issuer, proxy) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&FOREIGN]).await);
    issuer.document(whole(&issuer));
    issuer.allows_origin(ORIGIN);
    // No proxy is used for addresses on this machine.
    let proxied = [("http_proxy", proxy.url())];
    let good = doctor(issuer.url(), &[], &proxied, "");
    assert_eq!(good.code, Some(0), "{}", good.all);
    assert_eq!((proxy.asked(), issuer.asked()), (0, 1));
    assert!(good.all.contains("✓ good    keys: ") && good.all.contains("Nothing is wrong."), "{}", good.all);
    assert!(!good.all.contains('\u{1b}'), "no color without a terminal: {}", good.all);
    let slash = doctor(&format!("{}/", issuer.url()), &[], &[], "");
    assert_eq!(slash.code, Some(1), "{}", slash.all);
    assert!(slash.all.contains("✗ bad     issuer: AUTH_ISSUER is "), "{}", slash.all);
    assert!(
        slash.all.contains(&format!(
            "\n           fix: They differ only in the slash at the end. Set AUTH_ISSUER={}\n",
            issuer.url()
        )),
        "{}",
        slash.all
    );
    let wrong = doctor(issuer.url(), &[], &[("AUTH_STRICT", "yes")], "");
    assert_eq!(wrong.code, Some(1), "{}", wrong.all);
    assert!(wrong.all.contains("✗ bad     configuration: AUTH_STRICT is \"yes\""), "{}", wrong.all);
}

#[test]
fn doctor_color_follows_no_color_and_clicolor_force() {
    // A wrong setting is reported before any request is sent.
    let colored = |more: &[(&str, &str)]| {
        let said = doctor("https://i.example", &[], &[&[("AUTH_STRICT", "yes")], more].concat(), "");
        assert!(said.all.contains("✗ bad"), "{}", said.all);
        said.all.contains("\u{1b}[31m✗ bad")
    };
    assert!(!colored(&[]), "no terminal");
    assert!(colored(&[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_reads_token_from_stdin_and_never_prints_it() {
    let issuer = Issuer::start(&[&OURS]).await;
    let person = json!({
        "sub": "subject-4711", "email": "ada@person.example", "name": "Ada Lovelace", "nonce": "nonce-4711",
        "preferred_username": "lovelace", "jti": "jti-4711", "client_id": "client-4711", "exp": now() + 600,
    });
    let plain = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    let good = OURS.sign(&claims(issuer.url(), person.clone()));
    let mut id_claims = claims(issuer.url(), person.clone());
    id_claims["at_hash"] = json!("hash-4711");
    let id_token = OURS.sign_with(&plain, &id_claims);
    let forged = FOREIGN.sign_with(&plain, &claims(issuer.url(), person));
    let cut = &good[..good.len() - 7];
    let longest = "opaque-4711".repeat(3000);
    for (token, code) in [
        (good.as_str(), 0),
        (&format!("Bearer {good}"), 0),
        (&id_token, 1),
        (&forged, 1),
        (cut, 1),
        (&good.replace('.', "_"), 1),
        (&format!("{good}.{good}"), 1),
        ("opaque-4711", 1),
        (&longest, 1),
        (&good.repeat(200), 1),
    ] {
        let said = doctor(issuer.url(), &["--token", "-"], &[("RUST_LOG", "trace")], &format!("{token}\nand more\n"));
        assert_eq!(said.code, Some(code), "{}", said.all);
        for part in token.split(['.', '_', ' ']).filter(|part| part.len() > 8) {
            // No eight characters in a row are printed. The steps keep the test fast.
            let pieces = (0..part.len().min(4000) - 8).step_by(4).map(|at| &part[at..at + 8]);
            for piece in pieces {
                assert!(!said.all.contains(piece), "{piece} of the token is printed: {}", said.all);
            }
        }
        for value in ["4711", "ada@", "person.example", "Ada", "Lovelace", "lovelace"] {
            assert!(!said.all.contains(value), "{value} is printed: {}", said.all);
        }
    }
    let said = doctor(issuer.url(), &["--token", "-"], &[], &format!("{good}\n"));
    for name in ["email", "name", "sub", "nonce"] {
        assert!(said.all.contains(name), "the names of claims are told: {}", said.all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_rejects_token_argument_without_repeating_it() {
    let issuer = Issuer::start(&[&OURS]).await;
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    for arguments in [
        vec!["--token", token.as_str()],
        vec![&*format!("--token={token}")],
        vec![token.as_str()],
        vec!["--token", "-", token.as_str()],
        vec!["--token", "Bearer", token.as_str()],
    ] {
        let said = doctor(issuer.url(), &arguments, &[], "");
        assert_eq!(said.code, Some(1), "{}", said.all);
        assert!(said.all.contains("accepts only --token -") && !said.all.contains(&token[..20]), "{}", said.all);
    }
    let nothing = doctor(issuer.url(), &["--token", "-"], &[], "");
    assert_eq!(nothing.code, Some(1), "{}", nothing.all);
    assert!(nothing.all.contains("no token on standard input"), "{}", nothing.all);
}
