//! A token for curl, from a running development provider: the same code flow that a browser takes.

use anyhow::{Context, bail};
use openidconnect::PkceCodeChallenge;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::CLIENT_ID;
use super::accounts::{ACCOUNTS, Account};

/// Where codes for the command line are sent; nothing is ever asked for there.
pub(super) const REDIRECT_URI: &str = "http://127.0.0.1/cli";

/// Signs in at the provider at `issuer` as `account` and gives the access token with `scopes`, or with all that
/// the account has.
///
/// # Errors
/// When there is no such account, it lacks a scope, or the provider does not answer.
pub async fn access_token(issuer: &str, account: &str, scopes: Option<&str>) -> anyhow::Result<String> {
    let Some(account) = Account::find(account) else {
        let names: Vec<_> = ACCOUNTS.iter().map(|account| account.id).collect();
        bail!("there is no account {account:?}; the accounts are {}", names.join(", "));
    };
    let scopes = scopes.map_or_else(|| account.scopes.join(" "), str::to_owned);
    let granted = account.grant(&scopes);
    if let Some(lacking) = scopes.split_whitespace().find(|scope| !granted.iter().any(|has| has == *scope)) {
        bail!("{} has no scope {lacking:?}, but: {}", account.name, account.can());
    }
    // The provider is on this machine: no proxy of the environment may come between.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = [
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", &scopes),
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
    ];
    #[derive(Deserialize)]
    struct Answer {
        access_token: String,
    }
    let answer = post(&http, &format!("{issuer}/token"), &request).await?.error_for_status()?;
    Ok(serde_json::from_slice::<Answer>(&answer.bytes().await?)?.access_token)
}

async fn post(http: &reqwest::Client, url: &str, form: &[(&str, &str)]) -> anyhow::Result<reqwest::Response> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http.post(url).header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    request.send().await.context("no development provider answers (is the server running?)")
}
