//! Gets tokens for curl and the audit from a running development provider, with the same code flow as a browser.

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

/// The redirect URI for the command line. Nothing listens there.
pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1/cli";

/// The maximum size of a response, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// The maximum duration of a request.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Signs in at `issuer` as `account` and returns an access token with `scopes`, or with all scopes of the account.
///
/// # Errors
/// If the account does not exist or lacks a scope, or if the provider does not respond.
pub(crate) async fn access_token(
    app: &DevProvider,
    issuer: &str,
    account: &str,
    scopes: Option<&str>,
) -> anyhow::Result<String> {
    let Some(account) = app.account(account) else {
        let names: Vec<_> = app.accounts.iter().map(|account| account.id).collect();
        // The given value may be a token by mistake, so the message does not repeat it.
        bail!("there is no such account; the accounts are {}", names.join(", "));
    };
    let scopes = scopes.map_or_else(|| account.scopes.join(" "), str::to_owned);
    let granted = account.grant(&scopes);
    if let Some(lacking) = scopes.split_whitespace().find(|scope| !granted.iter().any(|has| has == *scope)) {
        bail!("{} has no scope {lacking:?}, but: {}", account.name, account.can());
    }
    Ok(sign_in(issuer, account, &scopes, None).await?.access_token)
}

/// The response of the token endpoint.
#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    id_token: Option<String>,
}

/// Returns named sample tokens for the audit: one per account, one of the first account without each scope of the
/// registry, its ID token, an expired one and one for another audience.
///
/// # Errors
/// If no development provider responds at `issuer`.
pub(crate) async fn samples(app: &DevProvider, issuer: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut samples = Vec::new();
    let (most, others) = app.accounts.split_first().context("there are no accounts")?;
    let first_name = most.first_name();
    let all = || format!("openid {}", most.scopes.join(" "));
    let tokens = sign_in(issuer, most, &all(), None).await?;
    samples.push((first_name.to_owned(), tokens.access_token));
    samples.push((format!("{first_name}'s ID token"), tokens.id_token.context("the provider gave no ID token")?));
    for account in others {
        let tokens = sign_in(issuer, account, &account.scopes.join(" "), None).await?;
        samples.push((account.first_name().to_owned(), tokens.access_token));
    }
    for without in app.registry.scopes() {
        let others: Scopes = most.scopes.iter().copied().filter(|scope| *scope != without).collect();
        let tokens = sign_in(issuer, most, &others.to_string(), None).await?;
        samples.push((format!("{first_name} without {without}"), tokens.access_token));
    }
    for (name, flaw) in [("expired", Flaw::Expired), ("for another audience", Flaw::Audience)] {
        samples.push((name.to_owned(), sign_in(issuer, most, &all(), Some(flaw)).await?.access_token));
    }
    Ok(samples)
}

/// Returns the maximum number of requests that [`samples`] sends: two per sign-in.
#[must_use]
pub(crate) fn requests_for_samples(app: &DevProvider) -> usize {
    2 * (app.accounts.len() + app.registry.scopes().len() + 2)
}

/// Signs in at `issuer` as `account` with `scopes`. With a `flaw`, the access token has that flaw.
async fn sign_in(issuer: &str, account: &Account, scopes: &str, flaw: Option<Flaw>) -> anyhow::Result<TokenResponse> {
    // The provider is on this machine, so a proxy from the environment must not be used.
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
    let response = post(&http, &format!("{issuer}/authorize"), &request).await?;
    let location = response.headers().get(http::header::LOCATION).and_then(|location| location.to_str().ok());
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
    let response = post(&http, &format!("{issuer}/token"), &request).await?.error_for_status()?;
    Ok(serde_json::from_slice(&body(response).await?)?)
}

/// Reads the response body, up to the limit.
async fn body(mut response: reqwest::Response) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_RESPONSE_BYTES {
            bail!("the provider's answer is longer than {MAX_RESPONSE_BYTES} bytes");
        }
    }
    Ok(body)
}

async fn post(http: &reqwest::Client, url: &str, form: &[(&str, &str)]) -> anyhow::Result<reqwest::Response> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http.post(url).header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    request.send().await.context("no development provider answers (is the server running?)")
}
