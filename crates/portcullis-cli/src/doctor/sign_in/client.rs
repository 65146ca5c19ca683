//! Checks what the provider requires of the client: it must be enabled and public, and must not need what this app does
//! not do, such as DPoP (RFC 9449) or pushed authorization requests (RFC 9126). By the document, and by error messages.

use serde_json::Value;

use super::texts;
use crate::doctor::case::Case;
use crate::doctor::finding::{list, long, plain};
use crate::doctor::fixes::Problem;

/// Returns the feature that an error of the provider says this client must have, by the words that known providers use:
/// DPoP, pushed authorization requests, or that it is enabled. None if the error names none of these.
pub(super) fn required_feature(error: &str, description: &str) -> Option<Problem> {
    let description = description.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| description.contains(word));
    match error {
        // RFC 9449 §5 and §8; Keycloak says invalid_request and "DPoP proof is missing".
        "invalid_dpop_proof" | "use_dpop_nonce" => Some(Problem::DpopRequired),
        _ if says(&["dpop"]) => Some(Problem::DpopRequired),
        // Keycloak: "Pushed Authorization Request is only allowed."
        _ if says(&["pushed authorization request", "pushed authorisation request"]) => Some(Problem::ParRequired),
        // Keycloak: "Client disabled."; Entra's code for a disabled application.
        _ if says(&["client disabled", "client is disabled", "application is disabled", "aadsts7000112"]) => {
            Some(Problem::ClientDisabled)
        }
        _ => None,
    }
}

/// Reports `problem`, one of [`required_feature`], with the message of the provider.
pub(super) fn report(case: &mut Case<'_>, problem: Problem, said: &str) {
    let (check, what) = match problem {
        Problem::DpopRequired => ("DPoP", "the provider requires DPoP for this client, so nobody can sign in"),
        Problem::ParRequired => {
            ("PAR", "the provider requires pushed authorization requests for this client, so nobody can sign in")
        }
        _ => ("client", "the provider says that this client is disabled, so nobody can sign in"),
    };
    // More than one response may say it.
    if !case.findings.iter().any(|one| one.check == check) {
        let said = said.trim();
        let seen = if said.is_empty() { what.to_owned() } else { format!("{what}: {}", long(said)) };
        case.bad(check, seen, problem);
    }
}

/// Checks whether the document requires pushed authorization requests of every client (RFC 9126 §5).
pub(super) fn pushed_requests(case: &mut Case<'_>, document: &Value) {
    if document.get("require_pushed_authorization_requests") == Some(&Value::Bool(true)) {
        report(case, Problem::ParRequired, "require_pushed_authorization_requests is true");
    }
}

/// The type of the client (RFC 6749 §2.1), by the token endpoint's response to a wrong code.
pub(super) enum ClientType {
    /// The provider asks for no secret.
    Public,
    /// The provider asks for more than the client ID.
    Confidential,
    /// The response does not say.
    Unknown,
}

/// Compares the list of client authentication methods with what the provider did. A list without `none` is no proof:
/// Keycloak and Entra accept public clients and do not list it.
pub(super) fn authentication(case: &mut Case<'_>, document: &Value, seen: &ClientType) {
    let check = "client authentication";
    let member = "token_endpoint_auth_methods_supported";
    let Some(methods) = texts(document, member) else { return };
    if methods.contains(&"none") {
        return case.good(check, "the provider lists none, for clients without a secret");
    }
    let lists = format!("the provider does not list none in {member}, only {}", list(methods));
    match seen {
        ClientType::Public => case.good(check, format!("{lists}; but it accepts this client without a secret")),
        ClientType::Confidential | ClientType::Unknown => case.warn(check, lists, Problem::Confidential),
    }
}

/// Reads the response to a wrong code (RFC 6749 §5.2), and reports what it says of the client.
pub(super) fn check_client_type(case: &mut Case<'_>, error: &str, description: &str) -> ClientType {
    let check = "public client";
    if let Some(problem) = required_feature(error, description) {
        report(case, problem, &format!("{} {}", plain(error), plain(description)));
        return ClientType::Unknown;
    }
    // The type of the client is wrong, by Entra's codes and Google's message.
    let needs_more = ["AADSTS9002326", "AADSTS7000218", "client_secret"].iter().any(|word| description.contains(word));
    match error {
        "invalid_client" | "unauthorized_client" => {}
        "invalid_grant" if !needs_more => {
            case.good(check, "the client needs no secret");
            return ClientType::Public;
        }
        _ if needs_more => {}
        _ => return ClientType::Unknown,
    }
    let seen = format!("the provider asks for more than the client ID: {} {}", plain(error), long(description));
    case.bad(check, seen.trim_end(), Problem::Confidential);
    ClientType::Confidential
}
