//! The accounts that a developer can sign in as.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use portcullis::Scopes;

use crate::Provider;

/// An account to sign in as.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The subject.
    pub id: &'static str,
    /// The full name.
    pub name: &'static str,
    /// The scopes of the account.
    pub scopes: &'static [&'static str],
    /// The CSS color of the picture.
    pub color: &'static str,
}

/// The scopes that every account has.
const ABOUT_THE_PERSON: &[&str] = &["openid", "profile", "email"];

impl Account {
    /// Returns the first name.
    #[must_use]
    pub fn first_name(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or(self.name)
    }

    /// Returns the scopes of `asked` that this account has.
    #[must_use]
    pub fn grant(&self, asked: &str) -> Scopes {
        let has = |scope: &&str| self.scopes.contains(scope) || ABOUT_THE_PERSON.contains(scope);
        asked.split(' ').filter(has).collect()
    }

    /// Returns the scopes of the account, for display.
    #[must_use]
    pub fn can(&self) -> String {
        if self.scopes.is_empty() { "no scope at all".into() } else { self.scopes.join(" ") }
    }

    /// Returns the e-mail address.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@example.com", self.id)
    }
}

/// Returns the picture of an account: its initial.
pub(crate) async fn picture(State(provider): State<Arc<Provider>>, Path(account): Path<String>) -> Response {
    let Some(account) = provider.account(&account) else { return StatusCode::NOT_FOUND.into_response() };
    let initial = account.name.chars().next().unwrap_or_default();
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect width="72" height="72" fill="{}"/><text x="36" y="48" font-family="sans-serif" font-size="34" fill="#fff" text-anchor="middle">{initial}</text></svg>"##,
        account.color
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}
