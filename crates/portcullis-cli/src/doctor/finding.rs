//! The findings of the doctor: what each check saw, and how to fix what is wrong.

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// Correct.
    Good,
    /// Possibly wrong, or unknown.
    Warning,
    /// Wrong: someone will be refused.
    Bad,
    /// Not checked, because an earlier check failed.
    Skipped,
}

/// What one check found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// The result.
    pub status: CheckStatus,
    /// What the check saw.
    pub seen: String,
    /// More details, one line each.
    pub notes: Vec<String>,
    /// What to do, if something is wrong.
    pub fix: Option<String>,
}

impl Finding {
    fn new(check: &'static str, status: CheckStatus, seen: impl Into<String>, fix: Option<String>) -> Self {
        Self { check, status, seen: seen.into(), notes: Vec::new(), fix }
    }

    /// Creates the finding of a check that passed.
    pub fn good(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, CheckStatus::Good, seen, None)
    }

    /// Creates the finding of a possible problem.
    pub fn warning(check: &'static str, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, CheckStatus::Warning, seen, Some(fix.into()))
    }

    /// Creates the finding of a problem.
    pub fn bad(check: &'static str, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, CheckStatus::Bad, seen, Some(fix.into()))
    }

    /// Creates the finding of a check that was not done.
    pub fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, CheckStatus::Skipped, why, None)
    }

    /// Adds a line to the details.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A group of findings.
#[derive(Debug)]
pub struct Section {
    /// The subject.
    pub title: String,
    /// The findings, in the order of the checks.
    pub findings: Vec<Finding>,
}

/// All findings of an examination.
#[derive(Debug, Default)]
pub struct Diagnosis {
    /// The findings, by subject.
    pub sections: Vec<Section>,
    /// What this examination cannot find out, and which command can.
    pub hint: Option<String>,
}

impl Diagnosis {
    /// Adds a section, unless `findings` is empty.
    pub fn add(&mut self, title: impl Into<String>, findings: Vec<Finding>) {
        if !findings.is_empty() {
            self.sections.push(Section { title: title.into(), findings });
        }
    }

    /// Returns all findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|section| &section.findings)
    }

    /// Returns the number of findings with this result.
    #[must_use]
    pub fn count(&self, status: CheckStatus) -> usize {
        self.findings().filter(|finding| finding.status == status).count()
    }

    /// Returns whether something is wrong.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.count(CheckStatus::Bad) > 0
    }
}

/// The number of characters of a value that are shown.
const MAX_VALUE_LENGTH: usize = 100;
/// The number of characters of a URL or an error message that are shown.
const MAX_MESSAGE_LENGTH: usize = 300;

/// Returns `text`, which comes from a token or a provider, in a form that is safe to print: short, printable ASCII.
#[must_use]
pub fn plain(text: &str) -> String {
    sanitized(text, MAX_VALUE_LENGTH)
}

/// Like [`plain`], with a higher limit, for URLs and messages.
#[must_use]
pub fn long(text: &str) -> String {
    sanitized(text, MAX_MESSAGE_LENGTH)
}

fn sanitized(text: &str, max: usize) -> String {
    let is_printable = |c: &char| c.is_ascii_graphic() || *c == ' ';
    let mut shown: String = text.chars().take(max).map(|c| if is_printable(&c) { c } else { '?' }).collect();
    if text.chars().nth(max).is_some() {
        shown += "...";
    }
    shown
}

/// Returns at most 50 `values` from a token or a provider, separated by spaces, or `none`.
pub fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let mut shown: Vec<String> = values.into_iter().take(51).map(plain).collect();
    if shown.len() > 50 {
        shown.truncate(50);
        shown.push("and more".into());
    }
    if shown.is_empty() { "none".into() } else { shown.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_returns_short_printable_ascii() {
        assert_eq!(plain("key-1 ~!"), "key-1 ~!");
        assert_eq!(plain("\u{1b}[2Ja\r\nb\u{7}\u{9b}31m\u{202e}c\u{0}é"), "?[2Ja??b??31m?c??");
        assert_eq!(plain(&"x".repeat(101)), format!("{}...", "x".repeat(100)));
        assert_eq!(long(&"x".repeat(300)).len(), 300);
        assert_eq!(list([]), "none");
        assert_eq!(list(["a\n", "b"]), "a? b");
        assert!(list(std::iter::repeat_n("a", 10_000)).ends_with(" a and more"));
    }
}
