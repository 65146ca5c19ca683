//! What the provider requires of this client: that it is enabled and public, and nothing that this app does not do, such as
//! DPoP (RFC 9449) or pushed authorization requests (RFC 9126). Read from the document, and from what errors say.

use serde_json::Value;

use super::texts;
use crate::doctor::case::Case;
use crate::doctor::finding::{list, long, plain};
use crate::doctor::fixes::Fault;

/// Returns the feature that an error of the provider says this client must have, by the words that known providers use:
/// DPoP, pushed authorization requests, or that it is enabled. None if the error names none of these.
pub(super) fn required_feature(error: &str, description: &str) -> Option<Fault> {
    let description = description.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| description.contains(word));
    match error {
        // RFC 9449 §5 and §8; Keycloak says invalid_request and "DPoP proof is missing".
        "invalid_dpop_proof" | "use_dpop_nonce" => Some(Fault::DpopRequired),
        _ if says(&["dpop"]) => Some(Fault::DpopRequired),
        // Keycloak: "Pushed Authorization Request is only allowed."
        _ if says(&["pushed authorization request", "pushed authorisation request"]) => Some(Fault::ParRequired),
        // Keycloak: "Client disabled."; Entra's number for an application that is switched off.
        _ if says(&["client disabled", "client is disabled", "application is disabled", "aadsts7000112"]) => {
            Some(Fault::ClientDisabled)
        }
        _ => None,
    }
}

/// Reports `fault`, one of [`required_feature`], with the provider's words.
pub(super) fn report(case: &mut Case<'_>, fault: Fault, said: &str) {
    let (check, what) = match fault {
        Fault::DpopRequired => ("DPoP", "the provider requires DPoP for this client, so nobody can sign in"),
        Fault::ParRequired => {
            ("PAR", "the provider requires pushed authorization requests for this client, so nobody can sign in")
        }
        _ => ("client", "the provider says that this client is disabled, so nobody can sign in"),
    };
    // More than one answer may say it.
    if !case.findings.iter().any(|one| one.check == check) {
        let said = said.trim();
        let seen = if said.is_empty() { what.to_owned() } else { format!("{what}: {}", long(said)) };
        case.bad(check, seen, fault);
    }
}

/// Checks whether the document requires pushed authorization requests of every client (RFC 9126 §5).
pub(super) fn pushed_requests(case: &mut Case<'_>, document: &Value) {
    if document.get("require_pushed_authorization_requests") == Some(&Value::Bool(true)) {
        report(case, Fault::ParRequired, "require_pushed_authorization_requests is true");
    }
}

/// The type of the client (RFC 6749 §2.1), by the token endpoint's answer to a wrong code.
pub(super) enum ClientType {
    /// The provider asks for no secret.
    Public,
    /// It wants more than the client's id.
    Confidential,
    /// The answer does not say.
    Unknown,
}

/// Compares the list of client authentication methods with what the provider did. A list without `none` is no proof:
/// Keycloak and Entra take public clients and do not list it.
pub(super) fn authentication(case: &mut Case<'_>, document: &Value, seen: &ClientType) {
    let check = "client authentication";
    let member = "token_endpoint_auth_methods_supported";
    let Some(methods) = texts(document, member) else { return };
    if methods.contains(&"none") {
        return case.good(check, "the provider lists none, for clients without a secret");
    }
    let lists = format!("the provider does not list none in {member}, but {}", list(methods));
    match seen {
        ClientType::Public => case.good(check, format!("{lists}; it takes this client without a secret all the same")),
        ClientType::Confidential | ClientType::Unknown => case.warn(check, lists, Fault::Confidential),
    }
}

/// Reads the answer to a wrong code (RFC 6749 §5.2), and reports what it says of the client.
pub(super) fn check_client_type(case: &mut Case<'_>, error: &str, description: &str) -> ClientType {
    let check = "public client";
    if let Some(fault) = required_feature(error, description) {
        report(case, fault, &format!("{} {}", plain(error), plain(description)));
        return ClientType::Unknown;
    }
    // What is wrong is the kind of client, by Entra's numbers, and by Google's words.
    let wants_more = ["AADSTS9002326", "AADSTS7000218", "client_secret"].iter().any(|word| description.contains(word));
    match error {
        "invalid_client" | "unauthorized_client" => {}
        "invalid_grant" if !wants_more => {
            case.good(check, "the client needs no secret");
            return ClientType::Public;
        }
        _ if wants_more => {}
        _ => return ClientType::Unknown,
    }
    let seen = format!("the provider wants more than the client's id: {} {}", plain(error), long(description));
    case.bad(check, seen.trim_end(), Fault::Confidential);
    ClientType::Confidential
}
