//! The authorization endpoint (RFC 6749 §3.1): a page to choose an account, and a redirect with a code.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use url::Url;

use crate::accounts::Account;
use crate::grants::{CodeGrant, Grant};
use crate::request::Request;
use crate::{CLIENT_ID, Provider, page};

/// The form of the page: the choice of the user, and the authorization request.
#[derive(Deserialize)]
pub(crate) struct ChoiceForm {
    /// The account, or `None` if the user denied the request.
    account: Option<String>,
    #[serde(flatten)]
    request: Request,
}

/// Checks the authorization request and shows the page.
pub(crate) async fn ask(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Query(request): Query<Request>,
) -> Response {
    match check(&provider, &request) {
        Err(refusal) => *refusal,
        // No page is allowed: either the user is signed in, or the request fails (OpenID Connect Core §3.1.2.1).
        Ok(checked) if request.prompt.as_deref() == Some("none") => match provider.signed_in(&headers) {
            Some(account) => checked.with_code(&provider, &request, account),
            None => checked.back(&provider, &[("error", "login_required")]),
        },
        Ok(_) => page::choose_account(&request, provider.app.accounts).into_response(),
    }
}

/// Redirects to the client with a code or an error.
pub(crate) async fn answer(State(provider): State<Arc<Provider>>, Form(form): Form<ChoiceForm>) -> Response {
    let checked = match check(&provider, &form.request) {
        Ok(checked) => checked,
        Err(refusal) => return *refusal,
    };
    let account = match form.account.as_deref().map(|id| provider.account(id)) {
        None => return checked.back(&provider, &[("error", "access_denied")]),
        Some(None) => return page::refusal(StatusCode::BAD_REQUEST, "There is no such account.").into_response(),
        Some(Some(account)) => account,
    };
    let mut response = checked.with_code(&provider, &form.request, account);
    if let Some(cookie) = provider.begin_session(account) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A valid authorization request.
struct Checked<'r> {
    redirect_uri: &'r str,
    redirect: Url,
    state: Option<&'r str>,
    challenge: String,
}

impl Checked<'_> {
    /// Redirects to the client with a code for the scopes that `account` grants.
    fn with_code(&self, provider: &Provider, request: &Request, account: &'static Account) -> Response {
        let scopes = account.grant(&request.scope);
        let code = provider.grants.new_code(CodeGrant {
            grant: Grant { account, scopes, nonce: request.nonce.clone() },
            redirect_uri: self.redirect_uri.to_string(),
            challenge: self.challenge.clone(),
        });
        self.back(provider, &[("code", &code)])
    }

    /// Redirects to the client with `parameters`, its state and our issuer (RFC 9207 §2).
    fn back(&self, provider: &Provider, parameters: &[(&str, &str)]) -> Response {
        let mut address = self.redirect.clone();
        let state = self.state.map(|state| ("state", state));
        let all = parameters.iter().copied().chain(state).chain([("iss", provider.issuer.as_str())]);
        address.query_pairs_mut().extend_pairs(all);
        Redirect::to(address.as_str()).into_response()
    }
}

/// Checks a request. With an unknown client or redirect URI it must not redirect, so it shows an error page.
fn check<'r>(provider: &Provider, request: &'r Request) -> Result<Checked<'r>, Box<Response>> {
    let refuse = |why: &'static str| Box::new(page::refusal(StatusCode::BAD_REQUEST, why).into_response());
    if request.client_id.as_deref() != Some(CLIENT_ID) {
        return Err(refuse("The client is not known."));
    }
    let known = request.redirect_uri.as_deref().filter(|uri| provider.is_redirect_uri(uri));
    let redirect_uri = known.ok_or_else(|| refuse("The redirect URI is not registered."))?;
    let redirect = Url::parse(redirect_uri).map_err(|_| refuse("The redirect URI is not registered."))?;
    let challenge = request.code_challenge.clone().unwrap_or_default();
    let checked = Checked { redirect_uri, redirect, state: request.state.as_deref(), challenge };
    if request.response_type.as_deref() != Some("code") {
        return Err(Box::new(checked.back(provider, &[("error", "unsupported_response_type")])));
    }
    if checked.challenge.is_empty() || request.code_challenge_method.as_deref() != Some("S256") {
        let description = "a code_challenge with method S256 is needed";
        let parameters = [("error", "invalid_request"), ("error_description", description)];
        return Err(Box::new(checked.back(provider, &parameters)));
    }
    Ok(checked)
}
