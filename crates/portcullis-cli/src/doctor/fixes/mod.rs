//! The fix for each problem in plain words: what applies everywhere, and where to change it at a known provider.

mod by_provider;
mod general;
mod problem;

use super::provider::ProviderKind;

pub use problem::Problem;

/// What a fix can name. Unknown values are empty.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// `AUTH_ISSUER`.
    pub issuer: String,
    /// The value that the provider or the token has instead.
    pub found: String,
    /// `AUTH_AUDIENCE`.
    pub audience: String,
    /// `AUTH_CLIENT_ID`.
    pub client: String,
    /// The origin of the site.
    pub origin: String,
    /// The scopes in question.
    pub scopes: String,
    /// The algorithms to allow.
    pub algorithms: String,
}

impl Problem {
    /// Returns what to do about it at `provider`.
    #[must_use]
    pub fn fix(self, provider: ProviderKind, facts: &Facts) -> String {
        let text = match (general::words(self), by_provider::words(self, provider)) {
            (general, "") => general.to_owned(),
            // Nobody administers the development provider, so the general text does not apply.
            (_, special) if provider == ProviderKind::Development => special.to_owned(),
            (general, special) => format!("{general} {special}"),
        };
        let or = |value: &str, unknown: &str| if value.is_empty() { unknown.to_owned() } else { value.to_owned() };
        [
            ("{issuer}", or(&facts.issuer, "the issuer")),
            ("{found}", or(&facts.found, "what the provider says")),
            ("{audience}", or(&facts.audience, "your AUTH_AUDIENCE")),
            ("{client}", or(&facts.client, "your AUTH_CLIENT_ID")),
            ("{origin}", or(&facts.origin, "the site's origin")),
            ("{scopes}", or(&facts.scopes, "the scopes")),
            ("{algorithms}", or(&facts.algorithms, "the provider's algorithm")),
        ]
        .into_iter()
        .fold(text, |text, (placeholder, value)| text.replace(placeholder, &value))
    }
}

#[cfg(test)]
mod tests;
