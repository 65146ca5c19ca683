//! What the doctor finds: for each check what was seen, and how a fault is put right.

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Good,
    /// Perhaps wrong, or not to be told from here.
    Warning,
    /// Wrong: somebody will be refused.
    Bad,
    /// Not looked at, since something before it is wrong.
    Skipped,
}

/// The outcome of one check.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What was checked, in a word or two.
    pub check: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What was seen.
    pub seen: String,
    /// More of what was seen, a line each.
    pub notes: Vec<String>,
    /// What to do, where something is to be done.
    pub fix: Option<String>,
}

impl Finding {
    fn new(check: &'static str, outcome: Outcome, seen: impl Into<String>, fix: Option<String>) -> Self {
        Self { check, outcome, seen: seen.into(), notes: Vec::new(), fix }
    }

    /// A check that came out well.
    pub fn good(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, Outcome::Good, seen, None)
    }

    /// A check that may be a fault.
    pub fn warning(check: &'static str, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, Outcome::Warning, seen, Some(fix.into()))
    }

    /// A fault.
    pub fn bad(check: &'static str, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, Outcome::Bad, seen, Some(fix.into()))
    }

    /// A check that was not made.
    pub fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, Outcome::Skipped, why, None)
    }

    /// This finding with one line more.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Findings that belong together.
#[derive(Debug)]
pub struct Section {
    /// What they are about.
    pub title: String,
    /// The findings, in the order of the checks.
    pub findings: Vec<Finding>,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Report {
    /// What was looked at.
    pub sections: Vec<Section>,
    /// What cannot be found out this way, and how it can.
    pub hint: Option<&'static str>,
}

impl Report {
    /// Adds `findings` about `title`, unless there are none.
    pub fn add(&mut self, title: impl Into<String>, findings: Vec<Finding>) {
        if !findings.is_empty() {
            self.sections.push(Section { title: title.into(), findings });
        }
    }

    /// Every finding.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|section| &section.findings)
    }

    /// How many findings came out as `outcome`.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings().filter(|finding| finding.outcome == outcome).count()
    }

    /// Whether something is wrong.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.count(Outcome::Bad) > 0
    }
}

/// How much of a value is shown, in characters.
const MOST_SHOWN: usize = 100;
/// How much of an address or of an error is shown.
const MOST_OF_AN_ADDRESS: usize = 300;

/// `text`, which comes from a token or from a provider, as it may go to a terminal: printable ASCII, and not much.
#[must_use]
pub fn plain(text: &str) -> String {
    shown(text, MOST_SHOWN)
}

/// As [`plain`], for what is longer by its nature.
#[must_use]
pub fn long(text: &str) -> String {
    shown(text, MOST_OF_AN_ADDRESS)
}

fn shown(text: &str, most: usize) -> String {
    let is_printable = |c: &char| c.is_ascii_graphic() || *c == ' ';
    let mut shown: String = text.chars().take(most).map(|c| if is_printable(&c) { c } else { '?' }).collect();
    if text.chars().nth(most).is_some() {
        shown += "...";
    }
    shown
}

/// The values of a list from outside, separated by spaces.
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
    fn nothing_but_printable_ascii_gets_through_and_not_much_of_it() {
        assert_eq!(plain("key-1 ~!"), "key-1 ~!");
        assert_eq!(plain("\u{1b}[2Ja\r\nb\u{7}\u{9b}31m\u{202e}c\u{0}é"), "?[2Ja??b??31m?c??");
        assert_eq!(plain(&"x".repeat(101)), format!("{}...", "x".repeat(100)));
        assert_eq!(long(&"x".repeat(300)).len(), 300);
        assert_eq!(list([]), "none");
        assert_eq!(list(["a\n", "b"]), "a? b");
        assert!(list(std::iter::repeat_n("a", 10_000)).ends_with(" a and more"));
    }
}
