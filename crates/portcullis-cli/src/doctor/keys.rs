//! Checks whether there are usable signing keys. The reasons against a key are those of the token check itself.

use jsonwebtoken::Algorithm;
use portcullis_verifier::jwks::{ExaminedKey, Http, KeyError, KeySet, redacted_url};
use serde_json::Value;
use url::Url;

use super::case::Case;
use super::finding::{long, plain};
use super::fixes::Problem;

const CHECK: &str = "keys";
/// The number of unusable keys that are listed.
const MAX_LISTED_KEYS: usize = 20;

/// Fetches the key set from `AUTH_URI` or from the `jwks_uri` of `document`, and examines every key.
pub(super) async fn check(http: &Http, case: &mut Case<'_>, allowed: &[Algorithm], document: Option<&Value>) {
    let named = document.and_then(|document| document.get("jwks_uri")?.as_str());
    let uri = case.trusted.jwks_uri.clone().or_else(|| Url::parse(named?).ok());
    let Some(uri) = uri else {
        return case.findings.push(super::Finding::skipped(CHECK, "their URL is not known without discovery"));
    };
    let document = match http.get(&uri).await {
        Ok(document) => document,
        Err(error) => return case.bad(CHECK, long(&error.to_string()), Problem::Unreachable),
    };
    let keys = match KeySet::examine(&document.body, allowed) {
        Ok(keys) => keys,
        Err(error) => {
            return case.bad(CHECK, long(&format!("{}: not a JWK Set: {error}", redacted_url(&uri))), Problem::NoKeys);
        }
    };
    let usable = keys.iter().filter(|key| key.usable.is_ok()).count();
    let seen = format!("{usable} of {} usable, at {}", keys.len(), long(&redacted_url(&uri)));
    let others = algorithms(&keys);
    match usable {
        0 if others.is_empty() => case.bad(CHECK, seen, Problem::NoKeys),
        0 => {
            case.facts.algorithms = others;
            case.bad(CHECK, seen, Problem::Algorithms);
        }
        _ => case.good(CHECK, seen),
    }
    for (key, reason) in
        keys.iter().filter_map(|key| key.usable.as_ref().err().map(|why| (key, why))).take(MAX_LISTED_KEYS)
    {
        let name = key.id.as_deref().map_or_else(|| "without an ID".to_owned(), plain);
        case.note(format!("key {name} is ignored: {reason}"));
    }
}

/// Returns the algorithms that would make a key usable, one for each key.
fn algorithms(keys: &[ExaminedKey]) -> String {
    let mut names = Vec::new();
    for key in keys {
        let Err(KeyError::NotAllowed(algorithms)) = &key.usable else { continue };
        let Some(first) = algorithms.first().map(|algorithm| format!("{algorithm:?}")) else { continue };
        if !names.contains(&first) {
            names.push(first);
        }
    }
    names.join(",")
}
