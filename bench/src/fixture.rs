//! Fixtures for measurements: keys, valid tokens, one rejected token of each kind, and verifiers.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use jsonwebtoken::Algorithm;
use portcullis::Caller;
use portcullis_verifier::claims::Rules;
use portcullis_verifier::header::STRICT_TYPE;
use portcullis_verifier::jwks::{FetchError, KeyCache, KeySet, KeySource};
use portcullis_verifier::jws::MAX_TOKEN_BYTES;
use portcullis_verifier::test_support::{AUDIENCE, Key, claims, now};
use portcullis_verifier::verifier::TrustedKeys;
use portcullis_verifier::{AuthError, Verifier};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The issuer of all tokens. Nothing listens there.
pub const ISSUER: &str = "https://issuer.example/";
/// The algorithms to measure. The first is the most common one.
pub const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// A key for each of [`ALGORITHMS`], and verifiers that trust them.
pub struct Fixture {
    keys: [Key; 4],
    cache: Arc<KeyCache>,
    /// Runs the key cache.
    runtime: Runtime,
}

/// A token that is rejected.
pub struct Refusal {
    /// The kind of error.
    pub kind: &'static str,
    /// The token.
    pub token: String,
    /// The expected error.
    pub error: AuthError,
}

/// Tokens with nearly the maximum length.
pub struct Large {
    /// The content that makes them large.
    pub kind: &'static str,
    /// The valid ones.
    pub good: Vec<String>,
    /// The first of them with a wrong signature.
    pub forged: String,
}

/// The size of the padding of a large token, in bytes of its claims.
const LARGE: usize = 11_500;

/// Returns `token` with a wrong signature.
fn forged(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{message}.{first}{}", &signature[1..])
}

/// The parts of a token in the form of the crypto library.
pub struct SignedParts {
    /// The signed message.
    pub message: String,
    /// The signature, decoded.
    pub signature: Vec<u8>,
}

impl SignedParts {
    /// Splits `token` into its parts.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let (message, signature) = token.rsplit_once('.').expect("a signature");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        Self { message: message.to_owned(), signature }
    }
}

/// A provider whose keys never change.
struct Fixed(Vec<u8>);

#[async_trait]
impl KeySource for Fixed {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        Ok(KeySet::read(&self.0, &ALGORITHMS).expect("a key set"))
    }
}

impl Default for Fixture {
    fn default() -> Self {
        let rsa = Key::rsa_for("ps", Algorithm::PS256);
        let keys = [Key::rsa("rs"), rsa, Key::p256("es"), Key::ed25519("ed")];
        let set = json!({ "keys": keys.each_ref().map(|key| &key.jwk) }).to_string();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
        let runtime = runtime.expect("a runtime");
        let cache = Arc::new(runtime.block_on(async { KeyCache::start(Fixed(set.into_bytes())) }));
        let fixture = Self { keys, cache, runtime };
        let known = fixture.verdict(&fixture.verifier(), &fixture.token(Algorithm::RS256, "first"));
        known.expect("the keys are there from now on");
        fixture
    }
}

impl Fixture {
    /// Returns a verifier with an empty cache.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let rules = Rules { strict: true, ..Rules::new(ISSUER, AUDIENCE) };
        Verifier::new(vec![TrustedKeys { rules, keys: self.cache.clone() }], ALGORITHMS.to_vec())
    }

    /// Returns the result of `verifier` for `token`. The runtime is used only if the verifier waits for keys, because
    /// its own cost must not count.
    ///
    /// # Errors
    /// [`AuthError`] if the token is rejected.
    pub fn verdict(&self, verifier: &Verifier, token: &str) -> Result<Arc<Caller>, AuthError> {
        let at_once = verifier.verify(token).now_or_never();
        at_once.unwrap_or_else(|| self.runtime.block_on(verifier.verify(token)))
    }

    fn key(&self, algorithm: Algorithm) -> &Key {
        self.keys.iter().find(|key| key.algorithm == algorithm).expect("one of ALGORITHMS")
    }

    /// Returns a valid token with this `id`.
    #[must_use]
    pub fn token(&self, algorithm: Algorithm, id: &str) -> String {
        self.key(algorithm).sign(&claims(ISSUER, json!({ "jti": id })))
    }

    /// Returns `number` distinct valid tokens.
    #[must_use]
    pub fn tokens(&self, algorithm: Algorithm, number: usize) -> Vec<String> {
        (0..number).map(|n| self.token(algorithm, &n.to_string())).collect()
    }

    /// Returns the key for `algorithm` in the form of the crypto library.
    #[must_use]
    pub fn bare(&self, algorithm: Algorithm) -> ParsedPublicKey {
        let jwk = &self.key(algorithm).jwk;
        let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default()).expect("base64url");
        let rsa = |parameters: &'static RsaParameters| {
            RsaPublicKeyComponents { n: member("n"), e: member("e") }.to_parsed_public_key(parameters)
        };
        let parsed = match algorithm {
            Algorithm::RS256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::PS256 => rsa(&RSA_PSS_2048_8192_SHA256),
            Algorithm::ES256 => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], member("x"), member("y")].concat())
            }
            _ => ParsedPublicKey::new(&ED25519, member("x")),
        };
        parsed.expect("a key")
    }

    /// Returns tokens with nearly the maximum length and the most expensive content to parse, with `number` valid ones
    /// of each kind.
    #[must_use]
    pub fn large(&self, number: usize) -> Vec<Large> {
        let text = "\u{0}".repeat(1000);
        let stuffings = [
            ("numbers", json!(0)),
            ("objects", json!({})),
            ("objects with a member", json!({"": 0})),
            ("escaped text", json!(text)),
        ];
        let large = |(kind, stuffing): (&'static str, Value)| {
            let list = vec![stuffing.clone(); LARGE / (stuffing.to_string().len() + 1)];
            let token = |n: usize| claims(ISSUER, json!({ "jti": n.to_string(), "x": list }));
            let good: Vec<String> = (0..number).map(|n| self.key(Algorithm::RS256).sign(&token(n))).collect();
            let forged = forged(&good[0]);
            assert!(forged.len() <= MAX_TOKEN_BYTES, "it is read at all");
            Large { kind, good, forged }
        };
        stuffings.map(large).into()
    }

    /// Returns a rejected token of each kind. Signed ones use RS256.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        let key = self.key(Algorithm::RS256);
        let good = self.token(Algorithm::RS256, "refused");
        let (message, signature) = good.rsplit_once('.').expect("a signature");
        let (header, payload) = message.split_once('.').expect("a header");
        let with = |change: Value| key.sign(&claims(ISSUER, change));
        let headed = |header: Value| key.sign_with(&header, &claims(ISSUER, json!({})));
        let jwt = |more: (&str, Value)| {
            key.sign_with(&json!({"alg": "RS256", "typ": "JWT", "kid": "rs"}), &claims(ISSUER, json!({more.0: more.1})))
        };
        let refusal = |(kind, token, error)| Refusal { kind, token, error };
        [
            ("no JWT", "nonsense".to_owned(), AuthError::Malformed),
            ("too long", "A".repeat(MAX_TOKEN_BYTES + 1), AuthError::TooLong),
            ("a header that is no JSON", format!("bm9wZQ.{payload}.{signature}"), AuthError::Malformed),
            ("claims that are no JSON", format!("{header}.bm9wZQ.{signature}"), AuthError::Malformed),
            ("an algorithm that is not allowed", headed(json!({"alg": "HS256", "kid": "rs"})), AuthError::Algorithm),
            ("the key of another algorithm", headed(json!({"alg": "RS256", "kid": "es"})), AuthError::Algorithm),
            ("a key of its own", headed(json!({"alg": "RS256", "jwk": {}})), AuthError::EmbeddedKey("jwk")),
            ("an unknown key", headed(json!({"alg": "RS256", "kid": "unknown"})), AuthError::UnknownKey),
            ("a bad signature", forged(&good), AuthError::Signature),
            ("a signature that is no base64url", format!("{good}="), AuthError::Signature),
            ("another type", jwt(("events", json!({}))), AuthError::Type(STRICT_TYPE)),
            ("an ID token", jwt(("at_hash", json!("h"))), AuthError::IdToken),
            ("expired", with(json!({"exp": now() - 60})), AuthError::Expired),
            ("another audience", with(json!({"aud": "other"})), AuthError::Audience(AUDIENCE.into())),
            (
                "another issuer",
                key.sign(&claims("https://other.example/", json!({}))),
                AuthError::Issuer(ISSUER.into()),
            ),
            ("a claim that is missing", with(json!({"sub": null})), AuthError::Claim("sub")),
        ]
        .map(refusal)
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixture_tokens_are_accepted_or_rejected_as_named() {
        let fixture = Fixture::default();
        let verifier = fixture.verifier();
        for algorithm in ALGORITHMS {
            for token in fixture.tokens(algorithm, 2) {
                assert!(fixture.verdict(&verifier, &token).is_ok(), "{algorithm:?}");
                let SignedParts { message, signature } = SignedParts::of(&token);
                assert!(fixture.bare(algorithm).verify_sig(message.as_bytes(), &signature).is_ok(), "{algorithm:?}");
            }
        }
        for Large { kind, good, forged } in fixture.large(2) {
            assert!(good.iter().all(|token| fixture.verdict(&verifier, token).is_ok()), "{kind}");
            assert_eq!(fixture.verdict(&verifier, &forged).err(), Some(AuthError::Signature), "{kind}");
        }
        for Refusal { kind, token, error } in fixture.refusals() {
            assert_eq!(fixture.verdict(&verifier, &token).err(), Some(error), "{kind}");
        }
    }
}
