//! What an identity provider says of an error, as it may be shown: quoted, so that nobody takes it for words of this app,
//! and clipped, since anybody may have written it.

use std::fmt;

/// How much of an error's code is shown, in characters.
const MAX_CODE: usize = 40;
/// How much of its description is shown, in characters.
const MAX_DESCRIPTION: usize = 200;

/// An error of a provider (RFC 6749 §4.1.2.1 and §5.2). Shown as `"description" (code)`, or as much of it as there is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ProviderError {
    code: String,
    description: String,
}

impl ProviderError {
    /// The error `code` with its `description` for people, both as the provider sent them.
    #[must_use]
    pub fn new(code: &str, description: Option<&str>) -> Self {
        Self { code: clipped(code, MAX_CODE), description: clipped(description.unwrap_or_default(), MAX_DESCRIPTION) }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, description } = self;
        match (description.is_empty(), code.is_empty()) {
            (true, _) => write!(f, "\u{201c}{code}\u{201d}"),
            (false, true) => write!(f, "\u{201c}{description}\u{201d}"),
            (false, false) => write!(f, "\u{201c}{description}\u{201d} ({code})"),
        }
    }
}

/// At most `most` characters of `text`, without any that could end the quotation, hide or turn around what stands beside
/// it, and with single blanks.
fn clipped(text: &str, most: usize) -> String {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{201c}' | '\u{201d}' | '"' => '\'',
            c if is_odd(c) => ' ',
            c => c,
        })
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = plain.chars().take(most).collect();
    if shown.len() < plain.len() {
        shown.push('\u{2026}');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, description: Option<&str>) -> String {
        ProviderError::new(code, description).to_string()
    }

    #[test]
    fn provider_error_is_quoted_with_its_code() {
        assert_eq!(
            shown("invalid_request", Some("DPoP proof is missing")),
            "“DPoP proof is missing” (invalid_request)"
        );
        assert_eq!(shown("server_error", None), "“server_error”");
        assert_eq!(shown("server_error", Some(" \n ")), "“server_error”");
        assert_eq!(shown("", Some("Down")), "“Down”");
    }

    #[test]
    fn provider_error_is_clipped_and_cannot_leave_its_quotes() {
        let long = shown(&"c".repeat(1_000), Some(&"d ".repeat(1_000)));
        assert_eq!(long.chars().count(), 200 + 1 + 2 + 3 + 40 + 1, "{long}");
        assert!(long.contains("…” (ccc") && long.ends_with("c…)"), "{long}");
        assert_eq!(shown("e", Some("a” Call \"this\"\u{202e}\r\nnumber\u{0}")), "“a' Call 'this' number” (e)");
    }
}
