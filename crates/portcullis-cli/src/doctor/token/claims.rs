//! Checks the claims of a token by the rules of the gate. After a rule that is not met, they are checked again as if it
//! were met, so that all problems are found.

use portcullis_server::config::TrustedIssuer;
use portcullis_verifier::AuthError;
use portcullis_verifier::claims::{Claims, ID_TOKEN_HASHES, Rules};
use portcullis_verifier::header::STRICT_TYPE;
use portcullis_verifier::json::{Object, Value};
use portcullis_verifier::verifier::now;

use super::checks::TokenChecks;
use super::times::{self, relation};
use crate::doctor::finding::{list, plain};
use crate::doctor::fixes::Problem;
use crate::doctor::provider::ProviderKind;

/// The checks, in the order in which [`Claims::check`] makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Kind,
    NotBefore,
    Expiry,
    Issued,
    Audience,
    Claims,
    Sender,
}

impl Stage {
    const ALL: [Self; 7] =
        [Self::Kind, Self::NotBefore, Self::Expiry, Self::Issued, Self::Audience, Self::Claims, Self::Sender];

    fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::NotBefore => "not before",
            Self::Expiry => "expiry",
            Self::Issued => "issued at",
            Self::Audience => "audience",
            Self::Claims => "claims",
            Self::Sender => "sender",
        }
    }
}

/// The audiences of Microsoft Graph.
const GRAPH: [&str; 3] =
    ["00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com", "https://graph.microsoft.com/"];

impl TokenChecks<'_> {
    /// Checks the claims by the rules for `trusted`. `is_its_own` says whether the token names this issuer.
    pub(super) fn claims(
        &mut self,
        payload: &Object<'_>,
        trusted: &TrustedIssuer,
        is_its_own: bool,
        says_access_token: bool,
    ) {
        let claims = Claims(payload);
        let now = now();
        let mut rules = self.auth.rules(trusted);
        if !is_its_own && let Some(issuer) = payload.get("iss").and_then(Value::as_text) {
            // The other issuer is reported already.
            rules.issuer = issuer.into();
        }
        let (errors, stopped) = errors(&claims, rules, now, says_access_token);
        self.facts.audience = trusted.audiences.expected().to_string();
        for stage in Stage::ALL {
            let name = stage.name();
            match errors.iter().find(|(at, _)| *at == stage) {
                Some((_, AuthError::Issuer(_) | AuthError::Claim("iss"))) => self.skip(name, "the issuer is wrong"),
                Some((_, error)) => {
                    let seen = seen(stage, &claims, now, self.auth.strict, Some(error));
                    self.fail(name, seen, error.clone(), problem(stage, error));
                    if stage == Stage::Audience {
                        self.explain_audience(&claims, trusted);
                    }
                }
                None if stopped.is_some_and(|at| stage > at) => self.skip(name, "an earlier claim cannot be read"),
                None => self.pass(name, seen(stage, &claims, now, self.auth.strict, None)),
            }
        }
    }

    /// Adds what a wrong audience shows of its cause.
    fn explain_audience(&mut self, claims: &Claims<'_>, trusted: &TrustedIssuer) {
        let ours: Vec<String> = trusted.audiences.names().map(str::to_owned).collect();
        let has = |is: &dyn Fn(&str) -> bool| claims.audiences().any(is);
        let client = self.auth.client_id.as_deref();
        if has(&|one| GRAPH.contains(&one)) {
            self.note("this is Microsoft Graph: the sign-in requested no scope of your own API");
        }
        if has(&|one| one == "account") && self.provider == ProviderKind::Keycloak {
            self.note("Keycloak adds account by default: the client has no audience mapper");
        }
        if has(&|one| one.ends_with("/userinfo")) {
            self.note("this is the provider's userinfo endpoint: the sign-in requested no API");
        }
        if claims.0.get("aud").is_none() {
            self.note("it has no aud: if the provider issues none, like Cognito, AUTH_AUDIENCE=client_id=ID accepts the tokens of one client");
        }
        if has(&|one| client == Some(one)) {
            self.note("this is AUTH_CLIENT_ID, which is the audience of ID tokens");
        }
        let is_near =
            |one: &str, ours: &str| one.trim_end_matches('/').eq_ignore_ascii_case(ours.trim_end_matches('/'));
        if has(&|one| ours.iter().any(|ours| is_near(one, ours))) {
            self.note("it differs from AUTH_AUDIENCE only in the slash at its end or in upper and lower case");
        }
        if has(&|one| ours.iter().any(|ours| ours.strip_prefix("api://") == Some(one))) {
            self.note("in tokens of version 2 it is only the client ID: set AUTH_AUDIENCE to that, without api://");
        }
    }
}

/// Returns every error of the claims with its stage, and the stage after which nothing more could be checked.
fn errors(
    claims: &Claims<'_>,
    mut rules: Rules,
    mut now: f64,
    mut typed: bool,
) -> (Vec<(Stage, AuthError)>, Option<Stage>) {
    let number = |name: &str| claims.0.get(name).and_then(Value::as_number);
    let mut errors: Vec<(Stage, AuthError)> = Vec::new();
    while let Err(error) = claims.check(&rules, now, typed) {
        let stage = stage(claims, &error);
        if errors.iter().any(|(at, _)| *at == stage) {
            return (errors, Some(stage));
        }
        match &error {
            AuthError::IdToken | AuthError::Type(_) => typed = true,
            AuthError::NotActive => now = number("nbf").unwrap_or(now),
            AuthError::Expired => now = number("exp").unwrap_or(now) - 1.0,
            AuthError::Audience(_) if claims.audiences().next().is_some() => {
                rules.audiences = claims.audiences().next().unwrap_or_default().into();
            }
            // The verifier stops here, so the rest is unknown.
            _ => {
                errors.push((stage, error));
                return (errors, Some(stage));
            }
        }
        errors.push((stage, error));
    }
    (errors, None)
}

/// Returns the check that failed with `error`.
fn stage(claims: &Claims<'_>, error: &AuthError) -> Stage {
    match error {
        AuthError::IdToken | AuthError::Type(_) => Stage::Kind,
        AuthError::NotActive | AuthError::Claim("nbf") => Stage::NotBefore,
        AuthError::Expired | AuthError::Claim("exp") => Stage::Expiry,
        AuthError::Claim("iat") if claims.0.get("iat").is_some() => Stage::Issued,
        AuthError::Audience(_) | AuthError::Claim("token_use") => Stage::Audience,
        AuthError::SenderConstrained => Stage::Sender,
        _ => Stage::Claims,
    }
}

fn problem(stage: Stage, error: &AuthError) -> Problem {
    match (stage, error) {
        (Stage::Kind, AuthError::IdToken) => Problem::IdToken,
        (Stage::Kind, _) => Problem::OtherToken,
        (_, AuthError::NotActive) => Problem::NotActive,
        (_, AuthError::SenderConstrained) => Problem::SenderConstrained,
        (_, AuthError::Expired) => Problem::Expired,
        (Stage::Audience, _) => Problem::Audience,
        (_, AuthError::Claim("client_id")) => Problem::ClientIdClaim,
        _ => Problem::Claim,
    }
}

/// Returns what the token has for a check that passed, or failed with `error`.
fn seen(stage: Stage, claims: &Claims<'_>, now: f64, strict: bool, error: Option<&AuthError>) -> String {
    let has = |name: &&str| claims.0.get(name).is_some();
    let time = |name: &str, words: times::Words| match claims.0.get(name).map(Value::as_number) {
        None => format!("no {name}"),
        Some(None) => format!("{name} is not a number"),
        Some(Some(at)) => relation(at, now, words),
    };
    match (stage, error) {
        (Stage::Kind, None) => "nothing marks it as an ID token or another type of token".into(),
        (Stage::Kind, Some(AuthError::Type(STRICT_TYPE))) => {
            "its header does not say at+jwt, which AUTH_STRICT and the development provider require".into()
        }
        (Stage::Kind, Some(_)) => {
            let marks = ID_TOKEN_HASHES.into_iter().chain(["nonce", "events", "token_use"]).filter(has);
            let typ = claims.0.get("typ").and_then(Value::as_text);
            let typ = typ.map(|typ| format!("; its claim typ is {}", plain(typ))).unwrap_or_default();
            format!("not an access token, because of the claims {}{typ}", list(marks))
        }
        (Stage::NotBefore, _) => time("nbf", times::ACTIVE),
        (Stage::Expiry, _) => time("exp", times::EXPIRES),
        (Stage::Issued, _) => time("iat", times::ISSUED),
        (Stage::Audience, _) if claims.0.get("aud").is_none() => {
            let texts = |name: &str| list(claims.texts(name));
            format!("no aud; client_id {}, token_use {}", texts("client_id"), texts("token_use"))
        }
        (Stage::Audience, _) => format!("aud {}", list(claims.audiences())),
        (Stage::Claims, Some(AuthError::Claim(name))) if has(name) => format!("{name} has the wrong type"),
        (Stage::Claims, Some(AuthError::Claim(name))) => format!("{name} is missing"),
        (Stage::Claims, _) if strict => "it has every claim of RFC 9068".into(),
        (Stage::Sender, Some(_)) => "it is bound to a key of its sender (cnf)".into(),
        (Stage::Sender, None) => "any sender can use it, as a bearer token".into(),
        (Stage::Claims, _) => "it has all required claims".into(),
    }
}
