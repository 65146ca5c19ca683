//! The security headers of responses.

use portcullis_verifier::test_support::AUDIENCE;

use crate::support::{App, Issuer, OURS};

/// A directive of a Content Security Policy.
fn directive<'p>(policy: &'p str, name: &str) -> &'p str {
    let mut all = policy.split(';').map(str::trim);
    all.find_map(|part| part.strip_prefix(name)?.strip_prefix(' ')).unwrap_or_else(|| panic!("no {name}: {policy}"))
}

#[tokio::test]
async fn page_policy_allows_own_files_and_the_provider_only() {
    let app = App::start().await;
    let provider = app.dev_issuer.as_deref().expect("the development provider");
    // The discovery document is read in the background.
    let page = loop {
        let page = app.get("/", None).await;
        if page.text.contains("authorization_endpoint") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    let policy = page.header("content-security-policy");
    assert_eq!(directive(policy, "default-src"), "'none'");
    assert_eq!(directive(policy, "connect-src"), format!("'self' {provider}"));
    assert_eq!(directive(policy, "img-src"), format!("'self' data: {provider}"));
    assert_eq!(directive(policy, "frame-ancestors"), "'none'");
    assert_eq!(directive(policy, "require-trusted-types-for"), "'script'");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
}

#[tokio::test]
async fn page_has_a_fresh_nonce_on_its_inline_scripts() {
    let app = App::start().await;
    let mut nonces = Vec::new();
    for path in ["/", "/", "/callback", "/nothing"] {
        let page = app.get(path, None).await;
        let script = directive(page.header("content-security-policy"), "script-src").to_owned();
        let nonce =
            script.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        assert!(page.text.contains(&format!(r#"nonce="{nonce}""#)), "{path}");
        assert!(!page.text.contains(&format!(r#"crossorigin="{nonce}""#)), "{path}: where style sheets can read it");
        assert!(!nonces.contains(&nonce), "{path}: the nonce of another page");
        nonces.push(nonce);
    }
}

#[tokio::test]
async fn policy_of_a_response_without_page_allows_nothing() {
    let app = App::start().await;
    for path in ["/api/items", "/api/nothing", "/rpc/nothing", "/healthz", "/readyz"] {
        let answer = app.get(path, None).await;
        assert_eq!(directive(answer.header("content-security-policy"), "default-src"), "'none'", "{path}");
        assert_eq!(directive(answer.header("content-security-policy"), "frame-ancestors"), "'none'", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn hsts_is_sent_only_if_clients_use_https() {
    let plain = App::start().await.get("/", None).await;
    assert_eq!(plain.header("strict-transport-security"), "");
    assert!(!plain.header("content-security-policy").contains("upgrade-insecure-requests"));
    let issuer = Issuer::start(&[&OURS]).await;
    let variables =
        [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("SITE_URL", "https://portcullis.example")];
    let app = App::try_start(&variables).await.expect("it starts");
    for path in ["/", "/api/items"] {
        assert_eq!(app.get(path, None).await.header("strict-transport-security"), "max-age=31536000", "{path}");
    }
    assert!(app.get("/", None).await.header("content-security-policy").ends_with("upgrade-insecure-requests"));
}

#[tokio::test]
async fn page_contains_server_time_and_token_store() {
    for (variables, place) in [(&[][..], "local_storage"), (&[("AUTH_TOKEN_STORE", "memory")][..], "memory")] {
        let app = App::try_start(variables).await.expect("it starts");
        let page = loop {
            let page = app.get("/", None).await.text;
            if page.contains("authorization_endpoint") {
                break page;
            }
            tokio::task::yield_now().await;
        };
        assert!(page.contains(&format!(r#""token_place":"{place}""#)), "{page}");
        let now = page.split(r#"data-now=""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a time");
        let now: u128 = now.parse().expect("milliseconds");
        let real = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
        assert!(real.abs_diff(now) < 60_000, "{now}");
    }
}

#[tokio::test]
async fn page_names_whose_tokens_it_keeps_without_discovery() {
    let issuer = Issuer::start(&[&OURS]).await;
    // The document is for another issuer. Sign-in is not possible, but stored tokens are still read.
    issuer.claims_to_be("https://other.example");
    let usual = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE)];
    let page = async |more: &[(&str, &str)]| {
        let app = App::try_start(&[more, &usual[..]].concat()).await.expect("it starts");
        let page = app.get("/", None).await.text;
        let start = page.find(r#"id="sign-in""#).expect("the element");
        page[start..].split_once("</script>").expect("its end").0.to_owned()
    };
    let given = [("AUTH_CLIENT_ID", "web"), ("AUTH_TOKEN_STORE", "memory"), ("AUTH_STORAGE_PREFIX", "shop_")];
    let element = page(&given).await;
    let issuer = format!(r#"data-issuer="{}""#, issuer.url());
    for part in
        [&issuer, r#"data-client="web""#, r#"data-tokens="memory""#, r#"data-prefix="shop_""#, r#""unavailable""#]
    {
        assert!(element.contains(part), "{part}: {element}");
    }
    let element = page(&[]).await;
    for part in [r#"data-tokens="local_storage""#, r#"data-prefix="""#, r#""not_configured""#] {
        assert!(element.contains(part), "{part}: {element}");
    }
    assert!(!element.contains("data-client") && !element.contains("data-issuer"), "{element}");
}
