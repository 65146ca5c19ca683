//! The way of a token through the verifier, with the verifier's own tools, up to its signature.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use portcullis_server::config::{Trust, TrustedIssuer};
use portcullis_verifier::AuthError;
use portcullis_verifier::header::Header;
use portcullis_verifier::json::{Object, Value};
use portcullis_verifier::jwks::KeyCache;
use portcullis_verifier::jws::{CompactJws, MAX_HEADER_CHARS, MAX_TOKEN_BYTES, decode};
use portcullis_verifier::unverified::{MAX_EAGER_PAYLOAD_BYTES, UnverifiedClaims};

use super::Step;
use crate::doctor::finding::{Finding, list, long, plain};
use crate::doctor::fixes::{Facts, Fault};
use crate::doctor::provider::Provider;

/// Every algorithm that a header may name; to read on in one that names a wrong one.
const ALL: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A walk, and how far it has come.
pub(super) struct Walk<'a> {
    pub(super) trust: &'a Trust,
    pub(super) provider: Provider,
    pub(super) facts: Facts,
    pub(super) steps: Vec<Step>,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    pub(super) fn new(trust: &'a Trust, provider: Provider) -> Self {
        let facts = Facts {
            issuer: trust.issuer.issuer.to_string(),
            audience: trust.issuer.audiences.expected().to_string(),
            client: trust.client_id.clone().unwrap_or_default(),
            scopes: app::registry::REGISTRY.scopes().join(" "),
            ..Facts::default()
        };
        Self { trust, provider, facts, steps: Vec::new() }
    }

    pub(super) fn pass(&mut self, check: &'static str, seen: impl Into<String>) {
        self.steps.push(Step { finding: Finding::good(check, seen), error: None });
    }

    pub(super) fn fail(&mut self, check: &'static str, seen: impl Into<String>, error: AuthError, fault: Fault) {
        let seen = format!("{} ({error})", seen.into());
        let finding = Finding::bad(check, seen, fault.fix(self.provider, &self.facts));
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

    /// Goes all the way that there is to go: what comes after a fault is looked at as if that had been right.
    pub(super) async fn all(&mut self, token: &str, keys: &[Arc<KeyCache>]) {
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
            // Of a long payload the gate reads the issuer alone before the signature holds, and so does the walk.
            Err(_) if payload.len() > MAX_EAGER_PAYLOAD_BYTES => match UnverifiedClaims::read(&payload) {
                Ok(unproven) => unproven.iss.as_ref().and_then(text),
                Err(error) => return self.unreadable("payload", error),
            },
            Err(error) => return self.unreadable("payload", error.clone()),
        };
        let place = self.issuer(issuer.as_deref());
        match (place, &header) {
            (Some(place), Some(header)) if is_allowed => self.signature(&parts, header, &keys[place]).await,
            (None, _) => self.skip("key, signature", "whose keys to try is not known"),
            _ => self.skip("key, signature", "with such a header no key is tried"),
        }
        let payload = match claims {
            Ok(claims) => claims,
            Err(error) => return self.unreadable("payload", error),
        };
        let says_access_token = header.as_ref().is_none_or(|header| header.is_access_token);
        let trusted = place.and_then(|place| self.trust.issuers().nth(place)).unwrap_or(&self.trust.issuer);
        self.claims(&payload, trusted, place.is_some(), says_access_token);
        self.subject(&payload);
        self.scopes(&payload);
    }

    fn unreadable(&mut self, part: &'static str, error: AuthError) {
        let (seen, fault) = match error {
            AuthError::Duplicate(_) => ("a name occurs twice in it", Fault::Duplicate),
            _ => ("it is no JSON object in base64url", Fault::Malformed),
        };
        self.fail(part, seen, error, fault);
    }

    fn form<'t>(&mut self, token: &'t str) -> Option<CompactJws<'t>> {
        let (length, number) = (token.len(), token.split('.').count());
        if length > MAX_TOKEN_BYTES {
            let seen = format!("{length} bytes, and the gate reads {MAX_TOKEN_BYTES} at most");
            self.fail("form", seen, AuthError::TooLong, Fault::TooLong);
            return None;
        }
        match CompactJws::parse(token) {
            Ok(parts) => {
                self.pass("form", format!("three parts, {length} bytes"));
                Some(parts)
            }
            Err(error) => {
                let (seen, fault) = match error {
                    AuthError::Encrypted => (
                        "five parts: an encrypted token (JWE), which only its audience can read".into(),
                        Fault::Encrypted,
                    ),
                    AuthError::HeaderTooLong => {
                        (format!("the header has more than {MAX_HEADER_CHARS} characters"), Fault::TooLong)
                    }
                    _ => (
                        format!("no JWT, which has three parts; this has {number}. Perhaps it is opaque"),
                        Fault::Opaque,
                    ),
                };
                self.fail("form", seen, error, fault);
                None
            }
        }
    }

    /// Reads the header; tells also whether it may be believed so far that a key is looked for.
    fn header<'h>(&mut self, members: &'h Object<'_>) -> (Option<Header<'h>>, bool) {
        let text = |name: &str| match members.get(name) {
            None => "none".to_owned(),
            Some(Value::Text(text)) => plain(text),
            Some(_) => "no text".to_owned(),
        };
        let alg = text("alg");
        let seen = format!("alg {alg}, typ {}, kid {}", text("typ"), text("kid"));
        let error = match Header::read(members, &self.trust.algorithms) {
            Ok(header) => {
                self.pass("header", seen);
                return (Some(header), true);
            }
            Err(error) => error,
        };
        let named = alg.parse().ok().filter(|named| ALL.contains(named));
        let fault = match (&error, named) {
            (AuthError::Algorithm, Some(named)) if named.family() == AlgorithmFamily::Hmac => Fault::Symmetric,
            (AuthError::Algorithm, Some(_)) => {
                self.facts.algorithms = alg;
                Fault::Algorithms
            }
            (AuthError::Type(_), _) => Fault::TokenType,
            _ => Fault::Header,
        };
        self.fail("header", seen, error, fault);
        (Header::read(members, &ALL).ok(), false)
    }

    fn issuer(&mut self, issuer: Option<&str>) -> Option<usize> {
        let place = self.trust.issuers().position(|one| Some(&*one.issuer) == issuer);
        let shown = issuer.map_or_else(|| "no text".to_owned(), long);
        // The provider at hand is that of the first issuer; another's token is that other's matter.
        if place.is_some_and(|place| place > 0) || self.provider == Provider::Unknown {
            self.provider = Provider::of(issuer.unwrap_or_default());
        }
        if let Some(place) = place {
            self.pass("issuer", shown);
            return Some(place);
        }
        let all: Vec<&str> = self.trust.issuers().map(|one: &TrustedIssuer| &*one.issuer).collect();
        self.facts.found = shown.clone();
        self.fail("issuer", shown, AuthError::Issuer(all.join(" or ").into()), Fault::TokenIssuer);
        if let Some(issuer) = issuer {
            let near = |one: &&str| one.trim_end_matches('/').eq_ignore_ascii_case(issuer.trim_end_matches('/'));
            if let Some(one) = all.into_iter().find(near) {
                self.note(format!("it differs from {one} by the slash at its end or by capital letters alone"));
            }
        }
        None
    }

    async fn signature(&mut self, parts: &CompactJws<'_>, header: &Header<'_>, keys: &KeyCache) {
        let keys = match keys.keys(header.key_id, header.algorithm).await {
            Ok(keys) => keys,
            Err(error) => {
                let (seen, fault) = match &error {
                    AuthError::KeysUnavailable | AuthError::KeyNotYetKnown => {
                        ("the provider's keys are unavailable", Fault::Unreachable)
                    }
                    AuthError::Algorithm => ("the key by this id is for another algorithm", Fault::Algorithms),
                    _ if header.key_id.is_none() => {
                        ("no kid, and the provider has no key for this algorithm", Fault::UnknownKey)
                    }
                    _ => ("the provider has no key by this id", Fault::UnknownKey),
                };
                if error == AuthError::Algorithm {
                    self.facts.algorithms = format!("{:?}", header.algorithm);
                }
                self.fail("key", seen, error, fault);
                return self.skip("signature", "there is no key to check it with");
            }
        };
        self.pass(
            "key",
            match keys.len() {
                1 => format!("the provider has it, for {:?}", header.algorithm),
                number => format!("the provider has {number} that may have signed it, for {:?}", header.algorithm),
            },
        );
        match URL_SAFE_NO_PAD.decode(parts.signature) {
            Ok(signature) if keys.iter().any(|key| key.verifies(parts.message, &signature)) => {
                self.pass("signature", "it fits");
            }
            Ok(_) => self.fail("signature", "it does not fit", AuthError::Signature, Fault::Signature),
            Err(_) => self.fail("signature", "it is no base64url", AuthError::Signature, Fault::Signature),
        }
    }
}
