//! What the target says of itself: its resource identifier, and its issuers with their public keys.

use std::time::Duration;

use portcullis::METADATA;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{Http, is_safe_to_fetch};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::NotTried;
use super::public_key::PublicKey;
use super::target::Target;
use crate::doctor::finding::long;

/// The number of issuers in the metadata of the target that are used.
pub const MAX_ISSUERS: usize = 4;

/// An issuer that the target names.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// The identifier.
    pub name: String,
    /// The first key for signatures, if it could be fetched.
    pub key: Option<PublicKey>,
}

/// What the target says of itself.
#[derive(Clone, Debug, Default)]
pub struct TargetInfo {
    /// The resource identifier, which is the audience of forged tokens.
    pub resource: Option<String>,
    /// The issuers whose tokens it accepts.
    pub issuers: Vec<Issuer>,
}

/// The used members of the metadata (RFC 9728 §2).
#[derive(Deserialize)]
struct ResourceMetadata {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
}

impl TargetInfo {
    /// Fetches the metadata of the target and the key set of each issuer in it. Adds what fails to `not_tried`.
    pub async fn fetch(target: &Target, http: &Http, not_tried: &mut Vec<NotTried>) -> Self {
        let mut missing = |what: &str, why: &dyn std::fmt::Display| {
            let how = format!("{}; make it available, or give an access token with --token", long(&why.to_string()));
            not_tried.push(NotTried { what: long(what), how });
        };
        let kind = "forged tokens of the issuer, with its keys";
        let metadata = match Url::parse(&target.url(METADATA.path)) {
            Ok(url) => http.get(&url).await,
            Err(error) => {
                missing(kind, &error);
                return Self::default();
            }
        };
        let read = metadata.map_err(|error| error.to_string()).and_then(|document| {
            serde_json::from_slice::<ResourceMetadata>(&document.body)
                .map_err(|error| format!("{}: {error}", METADATA.path))
        });
        let metadata = match read {
            Ok(metadata) => metadata,
            Err(why) => {
                missing(kind, &why);
                return Self::default();
            }
        };
        let mut issuers: Vec<Issuer> = Vec::new();
        let mut more = 0;
        for name in &metadata.authorization_servers {
            if issuers.iter().any(|known| known.name == *name) {
                continue;
            }
            if issuers.len() == MAX_ISSUERS {
                more += 1;
                continue;
            }
            let key = match first_signing_key(name, target, http).await {
                Ok(key) => Some(key),
                Err(why) => {
                    missing(&format!("forged tokens with the keys of {name}"), &why);
                    None
                }
            };
            issuers.push(Issuer { name: name.clone(), key });
        }
        if more > 0 {
            missing(&format!("forged tokens of {more} more issuers"), &"the audit uses only the first");
        }
        Self { resource: Some(metadata.resource), issuers }
    }
}

/// Returns whether the audit may fetch `address`, which `target` has named. Otherwise a target could make the audit send
/// requests that only this machine can send.
fn may_be_fetched(address: &Url, target: &Target) -> bool {
    let is_plain = address.query().is_none() && address.fragment().is_none();
    let has_no_secret = address.username().is_empty() && address.password().is_none();
    is_plain && has_no_secret && is_safe_to_fetch(address) && (target.is_local() || address.scheme() == "https")
}

/// Fetches the first key for signatures of `issuer`, which `target` names.
async fn first_signing_key(issuer: &str, target: &Target, http: &Http) -> Result<PublicKey, String> {
    let refused = || "it has a URL that the audit does not fetch".to_owned();
    if !Url::parse(issuer).is_ok_and(|url| may_be_fetched(&url, target)) {
        return Err(refused());
    }
    #[derive(Deserialize)]
    struct JwkSet {
        keys: Vec<Value>,
    }
    let discovery = Discovery::new(issuer.into(), http.clone()).map_err(|error| error.to_string())?;
    let address = discovery.jwks_uri(Duration::ZERO).await.map_err(|error| error.to_string())?;
    if !may_be_fetched(&address, target) {
        return Err(refused());
    }
    let document = http.get(&address).await.map_err(|error| error.to_string())?;
    let set: JwkSet = serde_json::from_slice(&document.body).map_err(|error| document.unfit(error).to_string())?;
    set.keys.iter().find_map(PublicKey::from_jwk).ok_or_else(|| "it has no signing key of a supported type".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_cannot_make_the_audit_fetch_anything() {
        let may = |target: &str, address: &str| {
            may_be_fetched(&Url::parse(address).expect("a URL"), &Target::parse(target).expect("a target"))
        };
        let (here, there) = ("http://127.0.0.1:3000", "https://a.example");
        assert!(may(here, "http://127.0.0.1:3002") && may(here, "https://i.example/realms/x"));
        assert!(may(there, "https://i.example/") && !may(there, "http://127.0.0.1:3002"));
        for odd in
            ["http://127.0.0.1:1/reset?all=1", "http://127.0.0.1:1/reset#", "https://a:b@i.example", "http://10.0.0.1/"]
        {
            assert!(!may(here, odd), "{odd}");
        }
    }
}
