//! The Content Security Policy of pages (level 3): scripts from this origin, and connections to the provider.

use http::{HeaderValue, header};
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use portcullis::sign_in::{Provider, SignIn};
use url::Url;

use crate::release;

/// Sets the policy of the page that is being rendered. Does nothing outside of a page.
pub fn set_csp(sign_in: &SignIn, is_https: bool) {
    let (Some(options), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    // `cargo leptos watch` sends reload messages on its own port.
    let reload = release::reload_port();
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce, sign_in, is_https, reload)) {
        options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The Content Security Policy (level 3) of a page.
fn policy(nonce: &str, sign_in: &SignIn, is_https: bool, reload: Option<u16>) -> String {
    let mut provider: Vec<String> = match sign_in {
        SignIn::At(at) => origins(at),
        SignIn::Unavailable | SignIn::Misconfigured | SignIn::NotConfigured => Vec::new(),
    };
    provider.sort_unstable();
    provider.dedup();
    let provider: String = provider.iter().map(|origin| format!(" {origin}")).collect();
    let reload = reload.map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}")).unwrap_or_default();
    let upgrade = if is_https { "; upgrade-insecure-requests" } else { "" };
    // Scripts from this origin are the client's own files. No response with content from users can run as a script,
    // because every response has a `Content-Type` and `nosniff`. Preloads have no nonce, so 'strict-dynamic' would
    // block them.
    format!(
        "default-src 'none'; \
         script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:{provider}; \
         font-src 'self'; manifest-src 'self'; \
         connect-src 'self'{provider}{reload}; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types default{upgrade}"
    )
}

/// Returns the origins that the client calls: for tokens, their revocation, and the user's profile.
fn origins(provider: &Provider) -> Vec<String> {
    let optional = [&provider.userinfo_endpoint, &provider.revocation_endpoint].map(Option::as_ref);
    let addresses = [Some(&provider.issuer), Some(&provider.token_endpoint)].into_iter().chain(optional);
    // Browsers use the ASCII form. A value that could end a directive or match every host is not accepted.
    let origin = |address: &String| Url::parse(address).ok().map(|url| url.origin().ascii_serialization());
    let is_plain =
        |origin: &String| origin.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:/[]".contains(&byte));
    addresses.flatten().filter_map(origin).filter(is_plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::sign_in::{AudienceParameter, TokenPlace};

    fn provider(issuer: &str) -> SignIn {
        SignIn::At(Provider {
            issuer: issuer.into(),
            authorization_endpoint: "https://login.example/authorize".into(),
            token_endpoint: "https://token.example/oauth/token?x".into(),
            userinfo_endpoint: Some("https://issuer.example/userinfo".into()),
            end_session_endpoint: None,
            revocation_endpoint: Some("https://revoke.example/revoke".into()),
            iss_in_callback: true,
            client_id: "web".into(),
            scopes: Vec::new(),
            audience: "api".into(),
            audience_parameter: AudienceParameter::Audience,
            token_place: TokenPlace::LocalStorage,
        })
    }

    #[test]
    fn csp_allows_this_origin_and_the_providers_only() {
        let policy = policy("n0nce", &provider("https://issuer.example/"), true, None);
        let connect = "connect-src 'self' https://issuer.example https://revoke.example https://token.example;";
        assert!(policy.contains(connect), "{policy}");
        assert!(policy.contains("script-src 'self' 'nonce-n0nce' 'wasm-unsafe-eval';"), "{policy}");
        assert!(policy.ends_with("upgrade-insecure-requests"), "{policy}");
        for word in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "ws:"] {
            assert!(!policy.contains(word), "{word}: {policy}");
        }
    }

    #[test]
    fn csp_names_a_non_ascii_host_as_browsers_read_it() {
        let policy = policy("n", &provider("https://bücher.example/x"), false, None);
        assert!(policy.contains("https://xn--bcher-kva.example") && policy.is_ascii(), "{policy}");
        let any = super::policy("n", &provider("https://*/"), false, None);
        assert!(!any.contains('*'), "{any}");
    }

    #[test]
    fn csp_provider_address_cannot_add_a_directive() {
        let policy = policy("n", &provider("https://x;script-src *"), false, None);
        assert_eq!(policy.matches("script-src").count(), 1, "{policy}");
    }

    #[test]
    fn csp_in_development_allows_the_reload_socket() {
        let policy = policy("n", &SignIn::NotConfigured, false, Some(3005));
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:3005 ws://localhost:3005;"), "{policy}");
    }
}
