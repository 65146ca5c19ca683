//! Can access tokens have the audience at all? What the configuration alone gives away.

use portcullis::sign_in::AudienceParameter;
use portcullis_server::config::Trust;

use super::case::Case;
use super::fixes::Fault;
use super::provider::Provider;

const CHECK: &str = "audience";

/// Compares the configuration with what is known of the provider. `signs_in`: people sign in with this issuer.
pub(super) fn check(case: &mut Case<'_>, trust: &Trust, signs_in: bool) {
    let audiences = &case.trusted.audiences;
    let has = |is: &dyn Fn(&str) -> bool| audiences.names().any(is);
    let path = case.trusted.issuer.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |two| two.1);
    let before = case.findings.len();
    let (provider, by) = (case.provider, trust.audience_parameter);
    if provider == Provider::Google {
        case.bad(CHECK, "Google issues no access tokens for an API of yours", Fault::Audience);
    }
    if provider == Provider::Okta && path.is_empty() {
        case.bad(CHECK, "this is Okta's org authorization server, whose tokens are for Okta alone", Fault::TokenIssuer);
    }
    if signs_in && provider == Provider::Auth0 && by != AudienceParameter::Audience {
        case.warn(CHECK, "the sign-in does not name it, so Auth0 issues opaque tokens", Fault::AudienceParameter);
    }
    if signs_in && provider == Provider::Entra && by == AudienceParameter::Resource {
        case.bad(CHECK, "the sign-in names it as resource, which Entra refuses", Fault::AudienceParameter);
    }
    if has(&|audience| audience.ends_with("/userinfo")) {
        case.bad(CHECK, "AUTH_AUDIENCE is a userinfo endpoint: such tokens are the provider's own", Fault::Audience);
    }
    if provider == Provider::Keycloak && has(&|audience| audience == "account") {
        case.warn(CHECK, "account is in Keycloak's tokens of every client, and so tells nothing", Fault::Audience);
    }
    // At Entra, client and API may be one app registration.
    if provider != Provider::Entra && has(&|audience| trust.client_id.as_deref() == Some(audience)) {
        case.warn(CHECK, "AUTH_AUDIENCE is AUTH_CLIENT_ID", Fault::AudienceIsClient);
    }
    if case.findings.len() == before {
        case.good(CHECK, format!("access tokens must hold {}", super::finding::long(audiences.expected())));
    }
}
