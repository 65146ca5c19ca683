//! The checks of a token up to its signature, with the functions of the verifier.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::Registry;
use portcullis_server::config::{AuthConfig, TrustedIssuer};
use portcullis_verifier::AuthError;
use portcullis_verifier::header::Header;
use portcullis_verifier::json::{Object, Value};
use portcullis_verifier::jwks::KeyCache;
use portcullis_verifier::jws::{CompactJws, decode};
use portcullis_verifier::unverified::{MAX_EAGER_PAYLOAD_BYTES, UnverifiedClaims};

use super::Step;
use crate::doctor::finding::{Finding, list, long};
use crate::doctor::fixes::{Facts, Problem};
use crate::doctor::provider::ProviderKind;

/// The checks of one token so far.
pub(super) struct TokenChecks<'a> {
    pub(super) auth: &'a AuthConfig,
    pub(super) registry: &'a Registry,
    pub(super) provider: ProviderKind,
    pub(super) facts: Facts,
    pub(super) steps: Vec<Step>,
}

impl<'a> TokenChecks<'a> {
    /// Prepares the checks by `trust` of a token for the app with `registry`.
    pub(super) fn new(auth: &'a AuthConfig, provider: ProviderKind, registry: &'a Registry) -> Self {
        let facts = Facts {
            issuer: auth.issuer.issuer.to_string(),
            audience: auth.issuer.audiences.expected().to_string(),
            client: auth.client_id.clone().unwrap_or_default(),
            scopes: registry.scopes().join(" "),
            ..Facts::default()
        };
        Self { auth, registry, provider, facts, steps: Vec::new() }
    }

    pub(super) fn pass(&mut self, check: &'static str, seen: impl Into<String>) {
        self.steps.push(Step { finding: Finding::good(check, seen), error: None });
    }

    pub(super) fn fail(&mut self, check: &'static str, seen: impl Into<String>, error: AuthError, problem: Problem) {
        let seen = format!("{} ({error})", seen.into());
        let finding = Finding::bad(check, seen, problem.fix(self.provider, &self.facts));
        self.steps.push(Step { finding, error: Some(error) });
    }

    pub(super) fn skip(&mut self, check: &'static str, why: impl Into<String>) {
        self.steps.push(Step { finding: Finding::skipped(check, why), error: None });
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        if let Some(step) = self.steps.last_mut() {
            step.finding.notes.push(note.into());
        }
    }

    /// Runs every check that is possible. After a problem, the next checks are run as if it did not exist.
    pub(super) async fn run(&mut self, token: &str, keys: &[Arc<KeyCache>]) {
        let Some(parts) = self.form(token) else { return };
        let header = match decode(parts.header) {
            Ok(header) => header,
            Err(error) => return self.unreadable("header", error),
        };
        let header = match Object::parse(&header) {
            Ok(header) => header,
            Err(error) => return self.unreadable("header", error.in_token("header member")),
        };
        let (header, is_allowed) = self.header(&header);
        let payload = match decode(parts.payload) {
            Ok(payload) => payload,
            Err(error) => return self.unreadable("payload", error),
        };
        let text = |value: &Value<'_>| value.as_text().map(str::to_owned);
        let claims = Object::parse(&payload).map_err(|error| error.in_token("claim"));
        let issuer = match &claims {
            Ok(claims) => {
                self.pass("payload", format!("claims: {}", list(claims.names())));
                claims.get("iss").and_then(text)
            }
            // Like the gate: of a long payload only the issuer is read before the signature is checked.
            Err(_) if payload.len() > MAX_EAGER_PAYLOAD_BYTES => match UnverifiedClaims::read(&payload) {
                Ok(unproven) => unproven.iss.as_ref().and_then(text),
                Err(error) => return self.unreadable("payload", error),
            },
            Err(error) => return self.unreadable("payload", error.clone()),
        };
        let index = self.issuer(issuer.as_deref());
        match (index, &header) {
            (Some(index), Some(header)) if is_allowed => self.signature(&parts, header, &keys[index]).await,
            (None, _) => self.skip("key, signature", "the issuer is unknown, so there are no keys to try"),
            _ => self.skip("key, signature", "no key is tried with this header"),
        }
        let payload = match claims {
            Ok(claims) => claims,
            Err(error) => return self.unreadable("payload", error),
        };
        let says_access_token = header.as_ref().is_none_or(|header| header.is_access_token);
        let trusted = index.and_then(|index| self.auth.issuers().nth(index)).unwrap_or(&self.auth.issuer);
        self.claims(&payload, trusted, index.is_some(), says_access_token);
        self.subject(&payload);
        self.scopes(&payload);
    }

    fn issuer(&mut self, issuer: Option<&str>) -> Option<usize> {
        let index = self.auth.issuers().position(|one| Some(&*one.issuer) == issuer);
        let shown = issuer.map_or_else(|| "not a text".to_owned(), long);
        // `provider` is that of the first issuer. This token may be from another one.
        if index.is_some_and(|index| index > 0) || self.provider == ProviderKind::Unknown {
            self.provider = ProviderKind::from_issuer(issuer.unwrap_or_default());
        }
        if let Some(index) = index {
            self.pass("issuer", shown);
            return Some(index);
        }
        let all: Vec<&str> = self.auth.issuers().map(|one: &TrustedIssuer| &*one.issuer).collect();
        self.facts.found = shown.clone();
        self.fail("issuer", shown, AuthError::Issuer(all.join(" or ").into()), Problem::TokenIssuer);
        if let Some(issuer) = issuer {
            let near = |one: &&str| one.trim_end_matches('/').eq_ignore_ascii_case(issuer.trim_end_matches('/'));
            if let Some(one) = all.into_iter().find(near) {
                self.note(format!("it differs from {one} only in the slash at its end or in upper and lower case"));
            }
        }
        None
    }

    async fn signature(&mut self, parts: &CompactJws<'_>, header: &Header<'_>, keys: &KeyCache) {
        let keys = match keys.keys(header.key_id, header.algorithm).await {
            Ok(keys) => keys,
            Err(error) => {
                let (seen, problem) = match &error {
                    AuthError::KeysUnavailable | AuthError::KeyNotYetKnown => {
                        ("the provider's keys are unavailable", Problem::Unreachable)
                    }
                    AuthError::Algorithm => ("the key with this ID is for another algorithm", Problem::Algorithms),
                    _ if header.key_id.is_none() => {
                        ("no kid, and the provider has no key for this algorithm", Problem::UnknownKey)
                    }
                    _ => ("the provider has no key with this ID", Problem::UnknownKey),
                };
                if error == AuthError::Algorithm {
                    self.facts.algorithms = format!("{:?}", header.algorithm);
                }
                self.fail("key", seen, error, problem);
                return self.skip("signature", "there is no key to check it");
            }
        };
        self.pass(
            "key",
            match keys.len() {
                1 => format!("the provider has this key, for {:?}", header.algorithm),
                number => format!("the provider has {number} possible keys, for {:?}", header.algorithm),
            },
        );
        match URL_SAFE_NO_PAD.decode(parts.signature) {
            Ok(signature) if keys.iter().any(|key| key.verifies(parts.message, &signature)) => {
                self.pass("signature", "it is valid");
            }
            Ok(_) => self.fail("signature", "it is wrong", AuthError::Signature, Problem::Signature),
            Err(_) => self.fail("signature", "it is not base64url", AuthError::Signature, Problem::Signature),
        }
    }
}
