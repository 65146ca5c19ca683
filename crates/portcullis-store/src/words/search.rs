//! A parsed search.

use super::folded::{Folded, pairs};
use super::tokens::{JOINED, Kind, each};

/// A parsed search: words, each of which must be the beginning of a token of the name, and runs that the name must
/// contain.
pub struct Search {
    words: Vec<String>,
    /// The words that remain to be checked when the runs are compared.
    beginnings: Vec<String>,
    runs: Vec<String>,
}

impl Search {
    /// Parses `text`. Its punctuation counts only if there is nothing else. A search with no searchable character
    /// matches nothing.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = Folded::of(text);
        let (mut beginnings, mut runs, mut minor) = (Vec::new(), Vec::new(), Vec::new());
        each(folded.as_str(), &mut |kind, token| match kind {
            Kind::Word(part) if part % JOINED != 0 => {}
            Kind::Word(_) | Kind::Symbol => beginnings.push(token.to_owned()),
            Kind::Unspaced => runs.push(token.to_owned()),
            Kind::Minor => minor.push(token.to_owned()),
        });
        if beginnings.is_empty() && runs.is_empty() {
            beginnings = minor;
        }
        if beginnings.is_empty() && runs.is_empty() && !text.trim().is_empty() {
            beginnings.push(text.trim().to_owned());
        }
        let whole = |run: &String| run.chars().nth(1).is_none();
        let of_run = |run: &'_ String| {
            // The last character alone would only require a pair that begins with it.
            let pairs = pairs(run).filter(|pair| pair.chars().nth(1).is_some() || whole(run));
            pairs.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut words: Vec<String> = runs.iter().flat_map(of_run).chain(beginnings.iter().cloned()).collect();
        // The longest word comes first, as it is probably the rarest.
        words.sort_unstable_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        words.dedup();
        Self { words, beginnings, runs }
    }

    /// Returns the words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Returns the runs that a name may lack although it has all words: those with more than one pair. They consist
    /// only of letters.
    pub fn long_runs(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().map(String::as_str).filter(|run| run.chars().nth(2).is_some())
    }

    /// Returns whether `name` matches all words and runs. An empty search matches every name.
    #[must_use]
    pub fn finds(&self, name: &Folded) -> bool {
        if !self.runs.iter().all(|run| name.as_str().contains(run.as_str())) {
            return false;
        }
        self.beginnings.iter().all(|wanted| {
            let mut is_there = false;
            each(name.as_str(), &mut |kind, token| {
                is_there |= kind != Kind::Unspaced && token.starts_with(wanted.as_str());
            });
            is_there
        })
    }
}
