//! Tokens for curl and for the audit, from a running development provider: the same code flow that a browser takes.

use std::time::Duration;

use anyhow::{Context, bail};
use openidconnect::PkceCodeChallenge;
use portcullis::Scopes;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::CLIENT_ID;
use crate::DevProvider;
use crate::accounts::Account;
use crate::token::Flaw;

/// Where codes for the command line are sent; nothing is ever asked for there.
pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1/cli";

/// How long an answer of the provider may be, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;
/// How long one answer of the provider may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Signs in at the provider at `issuer` as `account` and gives the access token with `scopes`, or with all that
/// the account has.
///
/// # Errors
/// When there is no such account, it lacks a scope, or the provider does not answer.
pub(crate) async fn access_token(
    app: &DevProvider,
    issuer: &str,
    account: &str,
    scopes: Option<&str>,
) -> anyhow::Result<String> {
    let Some(account) = app.account(account) else {
        let names: Vec<_> = app.accounts.iter().map(|account| account.id).collect();
        // Not repeated: it may be a token that stands at the wrong place.
        bail!("there is no such account; the accounts are {}", names.join(", "));
    };
    let scopes = scopes.map_or_else(|| account.scopes.join(" "), str::to_owned);
    let granted = account.grant(&scopes);
    if let Some(lacking) = scopes.split_whitespace().find(|scope| !granted.iter().any(|has| has == *scope)) {
        bail!("{} has no scope {lacking:?}, but: {}", account.name, account.can());
    }
    Ok(sign_in(issuer, account, &scopes, None).await?.access_token)
}

/// What the provider gives for a code.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    id_token: Option<String>,
}

/// Samples for the audit, each with its name: a token of each account, one of the first account without each scope of
/// the registry, its ID token, one that has expired and one for another audience.
///
/// # Errors
/// When no development provider answers at `issuer`.
pub(crate) async fn samples(app: &DevProvider, issuer: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut samples = Vec::new();
    let (most, others) = app.accounts.split_first().context("there are no accounts")?;
    let first_name = most.first_name();
    let all = || format!("openid {}", most.scopes.join(" "));
    let answer = sign_in(issuer, most, &all(), None).await?;
    samples.push((first_name.to_owned(), answer.access_token));
    samples.push((format!("{first_name}'s ID token"), answer.id_token.context("the provider gave no ID token")?));
    for account in others {
        let answer = sign_in(issuer, account, &account.scopes.join(" "), None).await?;
        samples.push((account.first_name().to_owned(), answer.access_token));
    }
    for without in app.registry.scopes() {
        let others: Scopes = most.scopes.iter().copied().filter(|scope| *scope != without).collect();
        let answer = sign_in(issuer, most, &others.to_string(), None).await?;
        samples.push((format!("{first_name} without {without}"), answer.access_token));
    }
    for (name, flaw) in [("expired", Flaw::Expired), ("for another audience", Flaw::Audience)] {
        samples.push((name.to_owned(), sign_in(issuer, most, &all(), Some(flaw)).await?.access_token));
    }
    Ok(samples)
}

/// How many requests [`samples`] sends at the most: two for each sign-in.
#[must_use]
pub(crate) fn requests_for_samples(app: &DevProvider) -> usize {
    2 * (app.accounts.len() + app.registry.scopes().len() + 2)
}

/// Signs in at `issuer` as `account`, for `scopes`, to a token with `flaw` if one is wanted.
async fn sign_in(issuer: &str, account: &Account, scopes: &str, flaw: Option<Flaw>) -> anyhow::Result<Answer> {
    // The provider is on this machine: no proxy of the environment may come between.
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIME_LIMIT)
        .no_proxy()
        .build()?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = [
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", scopes),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("account", account.id),
    ];
    let answer = post(&http, &format!("{issuer}/authorize"), &request).await?;
    let location = answer.headers().get(http::header::LOCATION).and_then(|location| location.to_str().ok());
    let location = Url::parse(location.context("the provider gave no code")?)?;
    let code = location.query_pairs().find(|(name, _)| name == "code").context("the provider gave no code")?.1;
    let request = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", verifier.secret()),
        ("flaw", flaw.map_or("", Flaw::name)),
    ];
    let answer = post(&http, &format!("{issuer}/token"), &request).await?.error_for_status()?;
    Ok(serde_json::from_slice(&body(answer).await?)?)
}

/// The body of an answer, read no further than to its limit.
async fn body(mut answer: reqwest::Response) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            bail!("the provider's answer is longer than {LARGEST_ANSWER} bytes");
        }
    }
    Ok(body)
}

async fn post(http: &reqwest::Client, url: &str, form: &[(&str, &str)]) -> anyhow::Result<reqwest::Response> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http.post(url).header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    request.send().await.context("no development provider answers (is the server running?)")
}
