//! Every fault has a fix for every provider, and the known ones are told where to set what.

use super::*;

const ALL: [Fault; 46] = [
    Fault::Unreachable,
    Fault::NoDocument,
    Fault::Endpoints,
    Fault::IssuerSlash,
    Fault::IssuerCase,
    Fault::IssuerScheme,
    Fault::IssuerTemplate,
    Fault::IssuerOther,
    Fault::NoKeys,
    Fault::Algorithms,
    Fault::Clock,
    Fault::Cors,
    Fault::RedirectUri,
    Fault::Confidential,
    Fault::DpopRequired,
    Fault::ParRequired,
    Fault::ClientDisabled,
    Fault::PostLogoutUri,
    Fault::ClientIdClaim,
    Fault::NoCodeFlow,
    Fault::NoPkce,
    Fault::ScopesNotListed,
    Fault::ScopesRefused,
    Fault::AudienceParameter,
    Fault::AudienceUnknown,
    Fault::AudienceIsClient,
    Fault::Opaque,
    Fault::Encrypted,
    Fault::Symmetric,
    Fault::Malformed,
    Fault::Duplicate,
    Fault::TooLong,
    Fault::Header,
    Fault::TokenType,
    Fault::TokenIssuer,
    Fault::UnknownKey,
    Fault::Signature,
    Fault::IdToken,
    Fault::OtherToken,
    Fault::NotActive,
    Fault::Expired,
    Fault::Audience,
    Fault::Claim,
    Fault::NoScopes,
    Fault::NoSubject,
    Fault::SenderConstrained,
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
fn every_fault_has_a_fix_at_every_provider_with_nothing_left_to_fill_in() {
    for fault in ALL {
        for provider in Provider::ALL {
            for facts in [facts(), Facts::default()] {
                let fix = fault.fix(provider, &facts);
                let what = format!("{fault:?} at {provider:?}: {fix}");
                assert!(fix.len() > 40, "{what}");
                assert!(!fix.contains(['{', '}']), "{what}");
                assert!(fix.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{what}");
            }
        }
    }
}

#[test]
fn a_fix_names_the_very_value_to_set() {
    for (fault, value) in [
        (Fault::IssuerSlash, "AUTH_ISSUER=https://found.example/"),
        (Fault::IssuerCase, "AUTH_ISSUER=https://found.example/"),
        (Fault::IssuerScheme, "AUTH_ISSUER=https://found.example/"),
        (Fault::IssuerOther, "AUTH_ISSUER=https://found.example/"),
        (Fault::TokenIssuer, "AUTH_ISSUER=https://found.example/"),
        (Fault::Algorithms, "AUTH_ALGORITHMS=ES256"),
        (Fault::Cors, "https://site.example "),
        (Fault::RedirectUri, "https://site.example/callback"),
        (Fault::Confidential, "the-client"),
        (Fault::Audience, "https://api.example"),
        (Fault::AudienceUnknown, "https://api.example"),
        (Fault::ScopesNotListed, "read:items"),
    ] {
        let fix = fault.fix(Provider::Unknown, &facts());
        assert!(fix.contains(value), "{fault:?}: {fix}");
    }
}

#[test]
fn the_known_providers_are_told_where_to_set_it() {
    use Provider::{Auth0, Entra, Google, Keycloak, Okta, Zitadel};
    for (provider, fault, words) in [
        (Auth0, Fault::IssuerSlash, "with the slash"),
        (Auth0, Fault::Opaque, "AUTH_AUDIENCE_PARAMETER=audience"),
        (Auth0, Fault::Audience, "AUTH_AUDIENCE_PARAMETER=audience"),
        (Auth0, Fault::Symmetric, "Signing Algorithm RS256"),
        (Auth0, Fault::Cors, "Allowed Web Origins"),
        (Auth0, Fault::RedirectUri, "Allowed Callback URLs"),
        (Auth0, Fault::ScopesNotListed, "Permissions"),
        (Auth0, Fault::NoScopes, "Enable RBAC"),
        (Auth0, Fault::NoScopes, "Leave Add Permissions in the Access Token off"),
        (Keycloak, Fault::IssuerSlash, "without a slash"),
        (Keycloak, Fault::IssuerScheme, "hostname"),
        (Keycloak, Fault::Audience, "Included Custom Audience https://api.example"),
        (Keycloak, Fault::NoSubject, "client scope basic"),
        (Keycloak, Fault::NoSubject, "lightweight access token"),
        (Keycloak, Fault::Cors, "Web origins"),
        (Keycloak, Fault::DpopRequired, "Require DPoP bound tokens off"),
        (Keycloak, Fault::ParRequired, "Pushed authorization request required off"),
        (Keycloak, Fault::ClientDisabled, "Enabled"),
        (Keycloak, Fault::PostLogoutUri, "Valid post logout redirect URIs"),
        (Keycloak, Fault::ClientIdClaim, "Claim value the-client"),
        (Keycloak, Fault::RedirectUri, "Valid redirect URIs"),
        (Keycloak, Fault::ScopesNotListed, "Client scopes"),
        (Keycloak, Fault::Algorithms, "Default signature algorithm"),
        (Entra, Fault::IssuerTemplate, "not common or organizations"),
        (Entra, Fault::TokenIssuer, "requestedAccessTokenVersion"),
        (Entra, Fault::Audience, "scope of your own API"),
        (Entra, Fault::Cors, "Single-page application"),
        (Entra, Fault::RedirectUri, "Single-page application"),
        (Entra, Fault::ScopesNotListed, "Expose an API"),
        (Entra, Fault::UnknownKey, "AUTH_URI="),
        (Okta, Fault::IssuerSlash, "/oauth2/default"),
        (Okta, Fault::UnknownKey, "org authorization server"),
        (Okta, Fault::Audience, "Audience"),
        (Okta, Fault::Cors, "Trusted Origins"),
        (Okta, Fault::RedirectUri, "Sign-in redirect URIs"),
        (Okta, Fault::ScopesNotListed, "access policy"),
        (Google, Fault::IssuerSlash, "https://accounts.google.com"),
        (Google, Fault::Opaque, "opaque"),
        (Google, Fault::Audience, "Put a provider between"),
        (Google, Fault::IdToken, "Put a provider between"),
        (Google, Fault::Cors, "JavaScript origins"),
        (Google, Fault::RedirectUri, "redirect URIs"),
        (Google, Fault::ScopesNotListed, "no scopes or audiences of yours"),
        (Zitadel, Fault::IssuerSlash, "without a slash"),
        (Zitadel, Fault::Opaque, "Auth Token Type JWT"),
        (Zitadel, Fault::Audience, "urn:zitadel:iam:org:project:id:PROJECT-ID:aud"),
        (Zitadel, Fault::Cors, "User Agent"),
        (Zitadel, Fault::RedirectUri, "development mode"),
        (Zitadel, Fault::ScopesNotListed, "AUTH_RIGHTS_CLAIMS=permissions"),
    ] {
        let fix = fault.fix(provider, &facts());
        assert!(fix.contains(words), "{fault:?} at {provider:?} says nothing of {words:?}: {fix}");
        assert!(
            !fault.fix(Provider::Unknown, &facts()).contains(words) || words.contains("://"),
            "{words:?} is general"
        );
    }
}
