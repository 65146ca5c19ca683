//! The pages of the development provider, and its internal error.

use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};
use leptos::prelude::*;

use crate::accounts::Account;
use crate::request::Request;

/// An internal error of the provider.
pub(crate) struct InternalError(String);

impl<E: std::error::Error> From<E> for InternalError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for InternalError {
    fn into_response(self) -> Response {
        tracing::error!(error = self.0, "development provider");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

const STYLE: &str = include_str!("page.css");

fn document(title: &'static str, content: impl IntoView) -> Html<String> {
    let view = view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="data:,"/>
                <title inner_html=title></title>
                <style inner_html=STYLE></style>
            </head>
            <body><main>{content}</main></body>
        </html>
    };
    Html(view.to_html())
}

/// Returns the page to choose an account. Its forms contain the parameters of `request`.
pub(crate) fn choose_account(request: &Request, accounts: &'static [Account]) -> impl IntoResponse + use<> {
    let fields = [
        ("client_id", request.client_id.clone()),
        ("redirect_uri", request.redirect_uri.clone()),
        ("response_type", request.response_type.clone()),
        ("scope", Some(request.scope.clone())),
        ("state", request.state.clone()),
        ("nonce", request.nonce.clone()),
        ("code_challenge", request.code_challenge.clone()),
        ("code_challenge_method", request.code_challenge_method.clone()),
    ];
    let hidden = fields
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value/> }));
    let accounts = accounts.iter().map(|account| {
        view! {
            <li>
                <button type="submit" name="account" value=account.id>
                    <img src=format!("/pictures/{}", account.id) alt="" width="40" height="40"/>
                    <span><strong>{account.name}</strong> <small>{account.can()}</small></span>
                </button>
            </li>
        }
    });
    let content = view! {
        <p class="label">"Development provider"</p>
        <h1>"Choose an account"</h1>
        <p>"Portcullis wants to know who you are. There are no passwords here: this provider is for development and "
            "listens on this machine only."</p>
        <form method="post" action="/authorize">
            {hidden.collect_view()}
            <ul>{accounts.collect_view()}</ul>
            <button type="submit" class="deny">"Deny access"</button>
        </form>
    };
    // The URL of this page contains the state of a sign-in, so it must not be sent as a referrer or be stored.
    (
        [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")],
        document("Choose an account", content),
    )
}

/// Returns a page with the reason why a request is rejected.
pub(crate) fn refusal(status: StatusCode, why: &'static str) -> impl IntoResponse {
    let content = view! {
        <p class="label">"Development provider"</p>
        <h1>"This request is not in order"</h1>
        <p>{why}</p>
    };
    (status, document("Not in order", content))
}

/// Returns the page after sign-out, if there is no redirect.
pub(crate) fn signed_out() -> impl IntoResponse {
    let content = view! {
        <p class="label">"Development provider"</p>
        <h1>"You are signed out"</h1>
        <p>"You can close this page."</p>
    };
    document("Signed out", content)
}
