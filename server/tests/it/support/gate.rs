//! The gate, built as in the server, but without the server.

use std::sync::Arc;

use portcullis_server::Gate;
use portcullis_server::authenticate::BearerTokens;
use portcullis_server::test_support;
use portcullis_verifier::claims::Rules;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{Http, KeyCache, RemoteKeys};
use portcullis_verifier::verifier::{TrustedKeys, Verifier};

use super::Issuer;

/// Returns a gate that accepts the RS256 tokens of `issuers`, each for its audience.
pub fn of(issuers: &[(&Issuer, &str)]) -> Gate {
    let http = Http::new().expect("an HTTP client");
    let algorithms = vec![jsonwebtoken::Algorithm::RS256];
    let trusted = |(issuer, audience): &(&Issuer, &str)| {
        let discovery = Discovery::new(issuer.url().into(), http.clone()).expect("an issuer");
        let keys = KeyCache::start(RemoteKeys {
            jwks_uri: None,
            discovery: Arc::new(discovery),
            http: http.clone(),
            algorithms: algorithms.clone(),
        });
        let rules = Rules::new(issuer.url(), audience);
        TrustedKeys { rules, keys: Arc::new(keys) }
    };
    let verifier = Verifier::new(issuers.iter().map(trusted).collect(), algorithms.clone());
    test_support::gate(Arc::new(BearerTokens(verifier)))
}
