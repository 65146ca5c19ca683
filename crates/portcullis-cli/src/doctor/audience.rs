//! Checks, by the configuration alone, whether access tokens can have the audience.

use portcullis::sign_in::AudienceParameter;
use portcullis_server::config::AuthConfig;

use super::case::Case;
use super::fixes::Problem;
use super::provider::ProviderKind;

const CHECK: &str = "audience";

/// Compares the configuration with what is known of the provider. `signs_in` says whether people sign in with this issuer.
pub(super) fn check(case: &mut Case<'_>, auth: &AuthConfig, signs_in: bool) {
    let audiences = &case.trusted.audiences;
    let has = |is: &dyn Fn(&str) -> bool| audiences.names().any(is);
    let path = case.trusted.issuer.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |two| two.1);
    let before = case.findings.len();
    let (provider, by) = (case.provider, auth.audience_parameter);
    if provider == ProviderKind::Google {
        case.bad(CHECK, "Google issues no access tokens for an API of yours", Problem::Audience);
    }
    if provider == ProviderKind::Okta && path.is_empty() {
        case.bad(
            CHECK,
            "this is Okta's org authorization server, whose tokens are only for Okta",
            Problem::TokenIssuer,
        );
    }
    if signs_in && provider == ProviderKind::Auth0 && by != AudienceParameter::Audience {
        case.warn(
            CHECK,
            "the authorization request does not name it, so Auth0 issues opaque tokens",
            Problem::AudienceParameter,
        );
    }
    if signs_in && provider == ProviderKind::Entra && by == AudienceParameter::Resource {
        case.bad(
            CHECK,
            "the authorization request names it as resource, which Entra refuses",
            Problem::AudienceParameter,
        );
    }
    if has(&|audience| audience.ends_with("/userinfo")) {
        case.bad(
            CHECK,
            "AUTH_AUDIENCE is a userinfo endpoint: such tokens are for the provider itself",
            Problem::Audience,
        );
    }
    if provider == ProviderKind::Keycloak && has(&|audience| audience == "account") {
        case.warn(
            CHECK,
            "Keycloak adds account to the tokens of every client, so it proves nothing",
            Problem::Audience,
        );
    }
    // At Entra, client and API may be one app registration.
    if provider != ProviderKind::Entra && has(&|audience| auth.client_id.as_deref() == Some(audience)) {
        case.warn(CHECK, "AUTH_AUDIENCE equals AUTH_CLIENT_ID", Problem::AudienceIsClient);
    }
    if case.findings.len() == before {
        case.good(CHECK, format!("access tokens must have {}", super::finding::long(audiences.expected())));
    }
}
