//! An error that an identity provider reports, as a page may show it. It is quoted, so that it does not look like
//! this app's own words, and clipped, since anyone may have written it.

use std::fmt;

/// The longest error code that is shown, in characters.
const MAX_CODE_CHARS: usize = 40;
/// The longest description that is shown, in characters.
const MAX_DESCRIPTION_CHARS: usize = 200;

/// An error of a provider (RFC 6749 §4.1.2.1 and §5.2). It is displayed as `"description" (code)`; a missing part
/// is left out.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ProviderError {
    code: String,
    description: String,
}

impl ProviderError {
    /// Creates an error from its `code` and its `description` for people, both as the provider sent them.
    #[must_use]
    pub fn new(code: &str, description: Option<&str>) -> Self {
        Self {
            code: clip(code, MAX_CODE_CHARS),
            description: clip(description.unwrap_or_default(), MAX_DESCRIPTION_CHARS),
        }
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

/// Returns at most `max_chars` characters of `text`, with single spaces, and without characters that could end the
/// quotation or hide or reorder the text around it.
fn clip(text: &str, max_chars: usize) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{201c}' | '\u{201d}' | '"' => '\'',
            c if is_unsafe(c) => ' ',
            c => c,
        })
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = plain.chars().take(max_chars).collect();
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
