//! Every problem has a fix for every provider, and the fixes for known providers say where to set what.

use super::*;

const ALL: [Problem; 46] = [
    Problem::Unreachable,
    Problem::NoDocument,
    Problem::Endpoints,
    Problem::IssuerSlash,
    Problem::IssuerCase,
    Problem::IssuerScheme,
    Problem::IssuerTemplate,
    Problem::IssuerOther,
    Problem::NoKeys,
    Problem::Algorithms,
    Problem::Clock,
    Problem::Cors,
    Problem::RedirectUri,
    Problem::Confidential,
    Problem::DpopRequired,
    Problem::ParRequired,
    Problem::ClientDisabled,
    Problem::PostLogoutUri,
    Problem::ClientIdClaim,
    Problem::NoCodeFlow,
    Problem::NoPkce,
    Problem::ScopesNotListed,
    Problem::ScopesRefused,
    Problem::AudienceParameter,
    Problem::AudienceUnknown,
    Problem::AudienceIsClient,
    Problem::Opaque,
    Problem::Encrypted,
    Problem::Symmetric,
    Problem::Malformed,
    Problem::Duplicate,
    Problem::TooLong,
    Problem::Header,
    Problem::TokenType,
    Problem::TokenIssuer,
    Problem::UnknownKey,
    Problem::Signature,
    Problem::IdToken,
    Problem::OtherToken,
    Problem::NotActive,
    Problem::Expired,
    Problem::Audience,
    Problem::Claim,
    Problem::NoScopes,
    Problem::NoSubject,
    Problem::SenderConstrained,
];

fn facts() -> Facts {
    Facts {
        issuer: "https://issuer.example".into(),
        found: "https://found.example/".into(),
        audience: "https://api.example".into(),
        client: "the-client".into(),
        origin: "https://site.example".into(),
        scopes: "read:items".into(),
        algorithms: "ES256".into(),
    }
}

#[test]
fn fix_of_each_problem_has_no_placeholder_left() {
    for problem in ALL {
        for provider in ProviderKind::ALL {
            for facts in [facts(), Facts::default()] {
                let fix = problem.fix(provider, &facts);
                let what = format!("{problem:?} at {provider:?}: {fix}");
                assert!(fix.len() > 40, "{what}");
                assert!(!fix.contains(['{', '}']), "{what}");
                assert!(fix.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{what}");
            }
        }
    }
}

#[test]
fn fix_contains_the_value_to_set() {
    for (problem, value) in [
        (Problem::IssuerSlash, "AUTH_ISSUER=https://found.example/"),
        (Problem::IssuerCase, "AUTH_ISSUER=https://found.example/"),
        (Problem::IssuerScheme, "AUTH_ISSUER=https://found.example/"),
        (Problem::IssuerOther, "AUTH_ISSUER=https://found.example/"),
        (Problem::TokenIssuer, "AUTH_ISSUER=https://found.example/"),
        (Problem::Algorithms, "AUTH_ALGORITHMS=ES256"),
        (Problem::Cors, "https://site.example "),
        (Problem::RedirectUri, "https://site.example/callback"),
        (Problem::Confidential, "the-client"),
        (Problem::Audience, "https://api.example"),
        (Problem::AudienceUnknown, "https://api.example"),
        (Problem::ScopesNotListed, "read:items"),
    ] {
        let fix = problem.fix(ProviderKind::Unknown, &facts());
        assert!(fix.contains(value), "{problem:?}: {fix}");
    }
}

#[test]
fn fix_says_where_a_known_provider_has_the_setting() {
    use ProviderKind::{Auth0, Entra, Google, Keycloak, Okta, Zitadel};
    for (provider, problem, words) in [
        (Auth0, Problem::IssuerSlash, "with the slash"),
        (Auth0, Problem::Opaque, "AUTH_AUDIENCE_PARAMETER=audience"),
        (Auth0, Problem::Audience, "AUTH_AUDIENCE_PARAMETER=audience"),
        (Auth0, Problem::Symmetric, "Signing Algorithm RS256"),
        (Auth0, Problem::Cors, "Allowed Web Origins"),
        (Auth0, Problem::RedirectUri, "Allowed Callback URLs"),
        (Auth0, Problem::ScopesNotListed, "Permissions"),
        (Auth0, Problem::NoScopes, "Enable RBAC"),
        (Auth0, Problem::NoScopes, "Leave Add Permissions in the Access Token off"),
        (Keycloak, Problem::IssuerSlash, "without a slash"),
        (Keycloak, Problem::IssuerScheme, "hostname"),
        (Keycloak, Problem::Audience, "Included Custom Audience https://api.example"),
        (Keycloak, Problem::NoSubject, "client scope basic"),
        (Keycloak, Problem::NoSubject, "lightweight access token"),
        (Keycloak, Problem::Cors, "Web origins"),
        (Keycloak, Problem::DpopRequired, "Require DPoP bound tokens off"),
        (Keycloak, Problem::ParRequired, "Pushed authorization request required off"),
        (Keycloak, Problem::ClientDisabled, "Enabled"),
        (Keycloak, Problem::PostLogoutUri, "Valid post logout redirect URIs"),
        (Keycloak, Problem::ClientIdClaim, "Claim value the-client"),
        (Keycloak, Problem::RedirectUri, "Valid redirect URIs"),
        (Keycloak, Problem::ScopesNotListed, "Client scopes"),
        (Keycloak, Problem::Algorithms, "Default signature algorithm"),
        (Entra, Problem::IssuerTemplate, "not common or organizations"),
        (Entra, Problem::TokenIssuer, "requestedAccessTokenVersion"),
        (Entra, Problem::Audience, "scope of your own API"),
        (Entra, Problem::Cors, "Single-page application"),
        (Entra, Problem::RedirectUri, "Single-page application"),
        (Entra, Problem::ScopesNotListed, "Expose an API"),
        (Entra, Problem::UnknownKey, "AUTH_URI="),
        (Okta, Problem::IssuerSlash, "/oauth2/default"),
        (Okta, Problem::UnknownKey, "org authorization server"),
        (Okta, Problem::Audience, "Audience"),
        (Okta, Problem::Cors, "Trusted Origins"),
        (Okta, Problem::RedirectUri, "Sign-in redirect URIs"),
        (Okta, Problem::ScopesNotListed, "access policy"),
        (Google, Problem::IssuerSlash, "https://accounts.google.com"),
        (Google, Problem::Opaque, "opaque"),
        (Google, Problem::Audience, "Put a provider in between"),
        (Google, Problem::IdToken, "Put a provider in between"),
        (Google, Problem::Cors, "JavaScript origins"),
        (Google, Problem::RedirectUri, "redirect URIs"),
        (Google, Problem::ScopesNotListed, "no scopes or audiences of yours"),
        (Zitadel, Problem::IssuerSlash, "without a slash"),
        (Zitadel, Problem::Opaque, "Auth Token Type JWT"),
        (Zitadel, Problem::Audience, "urn:zitadel:iam:org:project:id:PROJECT-ID:aud"),
        (Zitadel, Problem::Cors, "User Agent"),
        (Zitadel, Problem::RedirectUri, "development mode"),
        (Zitadel, Problem::ScopesNotListed, "AUTH_RIGHTS_CLAIMS=permissions"),
    ] {
        let fix = problem.fix(provider, &facts());
        assert!(fix.contains(words), "{problem:?} at {provider:?} lacks {words:?}: {fix}");
        assert!(
            !problem.fix(ProviderKind::Unknown, &facts()).contains(words) || words.contains("://"),
            "{words:?} is general"
        );
    }
}
