//! The accounts of the development provider: one for each way of being let in.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use portcullis::Scopes;

/// Somebody to sign in as.
#[derive(Debug)]
pub struct Account {
    /// The subject.
    pub id: &'static str,
    /// The full name.
    pub name: &'static str,
    /// What they may do with items.
    pub scopes: &'static [&'static str],
    /// The colour of their picture.
    colour: &'static str,
}

/// Everybody there is.
pub const ACCOUNTS: &[Account] = &[
    Account {
        id: "ada",
        name: "Ada Lovelace",
        scopes: &["read:items", "write:items", "delete:items", "admin:items"],
        colour: "#7c3aed",
    },
    Account { id: "ben", name: "Ben Franklin", scopes: &["read:items"], colour: "#0e7490" },
    Account { id: "cy", name: "Cy Field", scopes: &["read:items", "write:items", "delete:items"], colour: "#15803d" },
    Account { id: "eve", name: "Eve Moneypenny", scopes: &[], colour: "#be185d" },
];

/// What every account may ask for: to be known.
const ABOUT_THE_PERSON: &[&str] = &["openid", "profile", "email"];

impl Account {
    /// The account by `id`.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        ACCOUNTS.iter().find(|account| account.id == id)
    }

    /// The name that friends use.
    #[must_use]
    pub fn first_name(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or(self.name)
    }

    /// Of the scopes `asked` for, those that this account has.
    #[must_use]
    pub fn grant(&self, asked: &str) -> Scopes {
        let has = |scope: &&str| self.scopes.contains(scope) || ABOUT_THE_PERSON.contains(scope);
        asked.split(' ').filter(has).collect()
    }

    /// What the account may do, in words.
    #[must_use]
    pub fn can(&self) -> String {
        if self.scopes.is_empty() { "no scope at all".into() } else { self.scopes.join(" ") }
    }

    /// The e-mail address.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@example.com", self.id)
    }
}

/// The picture of an account: its initial.
pub(super) async fn picture(Path(account): Path<String>) -> Response {
    let Some(account) = Account::find(&account) else { return StatusCode::NOT_FOUND.into_response() };
    let initial = &account.name[..1];
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect width="72" height="72" fill="{}"/><text x="36" y="48" font-family="sans-serif" font-size="34" fill="#fff" text-anchor="middle">{initial}</text></svg>"##,
        account.colour
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}
