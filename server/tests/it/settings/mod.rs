//! Settings that differ between deployments, from the variable to the response of the running server.

mod internal_address;

use portcullis_verifier::test_support::{AUDIENCE, now};
use serde_json::{Value, json};

use crate::support::process::{Process, refused, run};
use crate::support::{App, Issuer, OURS, claims};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Starts an application that trusts `issuer`, with additional `variables`.
async fn app(issuer: &Issuer, variables: &[(&str, &str)]) -> App {
    let all = [variables, &[("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE)]].concat();
    App::try_start(&all).await.expect("it starts")
}

/// Returns the status of a list request with a token of `issuer` whose claims have `change` applied.
async fn status(app: &App, issuer: &Issuer, change: Value) -> u16 {
    let answer = app.get("/api/items", Some(&OURS.sign(&claims(issuer.url(), change)))).await;
    answer.status
}

#[test]
fn unknown_variable_stops_the_start_with_a_suggestion() {
    let folder = folder();
    let said = refused(folder.path(), &[("AUTH_ISSUR", "https://ada:hunter2@i.example")]);
    assert_eq!(said, "error: AUTH_ISSUR is not a known setting: did you mean AUTH_ISSUER?\n");
    // Also from a file. The doctor reports the same.
    std::fs::write(folder.path().join(".env"), "AUTH_CLIENTID=web\n").expect("a file");
    let said = refused(folder.path(), &[]);
    assert_eq!(said, "error: AUTH_CLIENTID is not a known setting: did you mean AUTH_CLIENT_ID?\n");
    let doctor = run(folder.path(), &["doctor"], &[], "");
    let report = String::from_utf8(doctor.stdout).expect("UTF-8");
    assert_eq!(doctor.status.code(), Some(1), "{report}");
    assert!(report.contains("AUTH_CLIENTID is not a known setting: did you mean AUTH_CLIENT_ID?"), "{report}");
}

#[test]
fn remote_database_without_an_issuer_stops_the_start() {
    let said = refused(folder().path(), &[("DATABASE_URL", "mongodb://ada:hunter2@db.example/portcullis")]);
    assert!(said.contains("DATABASE_URL is ") && said.contains("AUTH_ISSUER"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn dotenv_is_read_from_the_current_folder_only() {
    let above = folder();
    std::fs::write(above.path().join(".env"), "AUTH_ISSUER=https://above.example\n").expect("a file");
    let here = above.path().join("here");
    std::fs::create_dir(&here).expect("a folder");
    // With the issuer from the file in the parent folder, an audience would be required.
    drop(Process::start(&here, &[]));

    std::fs::write(here.join(".env"), "DEV_PROVIDER_TOKEN_SECONDS=77\n").expect("a file");
    let mut server = Process::start(&here, &[]);
    let line = server.logs("loaded settings from this .env file");
    // The log contains the path, but nothing from the file.
    assert!(line.trim_end().ends_with(&format!("path={:?}", here.join(".env"))), "{line}");
    std::fs::write(here.join(".env"), "DEV_PROVIDER_TOKEN_SECONDS=never\n").expect("a file");
    assert!(refused(&here, &[]).contains("DEV_PROVIDER_TOKEN_SECONDS is \"never\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn host_without_ca_certificates_accepts_http_providers() {
    let issuer = Issuer::start(&[&OURS]).await;
    let folder = folder();
    let issuers = format!("{} https://127.0.0.1:1/", issuer.url());
    let mut server = Process::start(
        folder.path(),
        &[
            ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
            ("SSL_CERT_DIR", "/nowhere"),
            ("AUTH_ISSUER", &issuers),
            ("AUTH_AUDIENCE", &format!("{AUDIENCE} {AUDIENCE}")),
        ],
    );
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    let http = reqwest::Client::new();
    let url = format!("{}/api/items", server.url);
    let answer = http.get(url).bearer_auth(token).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "keys came over http on this machine");
    let line = server.logs("TLS cannot be set up");
    assert!(line.contains("https://127.0.0.1:1/") && line.contains("No CA certificates were loaded"), "{line}");
}

#[tokio::test]
async fn audience_that_is_accepted_opens_the_api() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[("AUTH_AUDIENCE", "api|https://api2.example/")]).await;
    for (audience, expected) in [("api", 200), ("https://api2.example/", 200), ("api3", 401), ("api|api2", 401)] {
        assert_eq!(status(&app, &issuer, json!({"aud": audience})).await, expected, "{audience}");
    }
}

#[tokio::test]
async fn cognito_token_opens_the_api_by_explicit_opt_in() {
    let issuer = Issuer::start(&[&OURS]).await;
    let token = |client: &str, token_use: &str| json!({"aud": null, "client_id": client, "token_use": token_use});
    let usual = app(&issuer, &[]).await;
    assert_eq!(status(&usual, &issuer, token("web", "access")).await, 401);
    let opted_in = app(&issuer, &[("AUTH_AUDIENCE", "client_id=web")]).await;
    for (client, token_use, expected) in
        [("web", "access", 200), ("other", "access", 401), ("web", "id", 401), ("web", "refresh", 401)]
    {
        assert_eq!(status(&opted_in, &issuer, token(client, token_use)).await, expected, "{client} {token_use}");
    }
    assert_eq!(status(&opted_in, &issuer, json!({"aud": "web", "client_id": "web"})).await, 401);
}

#[tokio::test]
async fn leeway_of_the_setting_applies_to_tokens() {
    let issuer = Issuer::start(&[&OURS]).await;
    let (usual, wide) = (app(&issuer, &[]).await, app(&issuer, &[("AUTH_LEEWAY_SECONDS", "60")]).await);
    for change in [json!({"nbf": now() + 20}), json!({"exp": now() - 20})] {
        assert_eq!(status(&usual, &issuer, change.clone()).await, 401, "{change}");
        assert_eq!(status(&wide, &issuer, change.clone()).await, 200, "{change}");
    }
    for change in [json!({"nbf": now() + 90}), json!({"exp": now() - 90})] {
        assert_eq!(status(&wide, &issuer, change.clone()).await, 401, "{change}");
    }
    // `iat` is not `nbf`.
    assert_eq!(status(&usual, &issuer, json!({"iat": now() + 3_600})).await, 200);
}

#[tokio::test]
async fn roles_open_the_api_only_if_they_are_mapped() {
    let issuer = Issuer::start(&[&OURS]).await;
    let roles = json!({"scope": "openid", "realm_access": {"roles": ["Item viewer"]}, "permissions": ["read:items"]});
    assert_eq!(status(&app(&issuer, &[]).await, &issuer, roles.clone()).await, 403);
    let mapped = app(
        &issuer,
        &[
            ("AUTH_RIGHTS_CLAIMS", "scope realm_access.roles"),
            ("AUTH_ROLE_SCOPES", "Item viewer=read:items;Item editor=read:items,write:items"),
        ],
    )
    .await;
    assert_eq!(status(&mapped, &issuer, roles.clone()).await, 200);
    let permissions = app(&issuer, &[("AUTH_RIGHTS_CLAIMS", "permissions")]).await;
    assert_eq!(status(&permissions, &issuer, roles).await, 200);
    assert_eq!(status(&permissions, &issuer, json!({"scope": "read:items"})).await, 403, "the setting has all claims");
}

#[tokio::test]
async fn access_token_with_a_nonce_is_no_id_token() {
    let issuer = Issuer::start(&[&OURS]).await;
    let untyped = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    let token = |change| OURS.sign_with(&untyped, &claims(issuer.url(), change));
    // authentik: client and API share an audience. Others: the API has its own.
    for (audience, client) in [("web", "web"), (AUDIENCE, "web")] {
        let app = app(&issuer, &[("AUTH_AUDIENCE", audience), ("AUTH_CLIENT_ID", client)]).await;
        let access = token(json!({"aud": audience, "nonce": "n"}));
        assert_eq!(app.get("/api/items", Some(&access)).await.status, 200, "{audience}");
        let id_token = token(json!({"aud": client, "nonce": "n", "scope": null}));
        let refused = app.get("/api/items", Some(&id_token)).await.error();
        assert_eq!((refused.0, &*refused.2), (401, "jwt is an ID token, not an access token"), "{audience}");
    }
}

#[tokio::test]
async fn token_with_cnf_is_refused_by_both_surfaces() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    for cnf in [json!({"jkt": "thumbprint"}), json!({"x5t#S256": "thumbprint"}), Value::Null] {
        // The helper would remove a claim that is null.
        let mut bound = claims(issuer.url(), json!({}));
        bound["cnf"] = cnf.clone();
        let token = OURS.sign(&bound);
        let expected = "jwt is bound to a key (cnf), and proof of possession is not supported";
        for answer in
            [app.get("/api/items", Some(&token)).await, app.call("/rpc/items/list", "limit=1", Some(&token)).await]
        {
            let (status, code, message) = answer.error();
            assert_eq!((status, &*code, &*message), (401, "invalid_token", expected), "{cnf}");
        }
    }
}
