//! Folding: a text without letter case, accents, and what cannot be seen.

use portcullis::record::RecordId;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::tokens::{Kind, each};

/// How much of a name counts, in characters after folding: names of other programs may be of any length.
const LONGEST_TEXT: usize = 256;
/// Parts the text from the id in a key; lower than whatever a folded text holds.
const SEPARATOR: char = '\u{1}';

/// A text without letter case, accents, control characters and the blanks around it.
pub struct Folded(String);

impl Folded {
    /// Folds `text`: compatibility decomposition (UAX #15) without the marks, in lower case, and composed again where
    /// no mark is left out, as the syllables of Korean.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            match unify(c) {
                // A word of its own, and not the end of the one before.
                '\u{2122}' | '\u{2120}' => plain.push(c),
                c => decompose_compatible(c, |c| plain.push(c)),
            }
        }
        let is_base = |c: &char| canonical_combining_class(*c) == 0;
        let lower = plain.chars().filter(is_base).flat_map(char::to_lowercase).filter(is_base);
        let spelled = lower.flat_map(|c| spell(c).into_iter().flatten()).filter(|c| !is_ignored(*c));
        let kept = spelled.map(|c| if c.is_control() { ' ' } else { c }).nfc().take(LONGEST_TEXT);
        Self(kept.collect::<String>().trim().to_owned())
    }

    /// Its place in the order by name, with the id of what is called so: unique, and never empty.
    #[must_use]
    pub fn key(&self, id: RecordId) -> String {
        format!("{}{SEPARATOR}{id}", self.0)
    }

    /// The text and the id of a key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<(Self, RecordId)> {
        let (text, id) = key.rsplit_once(SEPARATOR)?;
        Some((Self(text.to_owned()), id.parse().ok()?))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it to be found by, once each: a search finds it by the beginning of a token.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        let mut all = Vec::new();
        each(&self.0, &mut |kind, token| match kind {
            Kind::Unspaced => all.extend(pairs(token).map(str::to_owned)),
            _ => all.push(token.to_owned()),
        });
        all.sort_unstable();
        all.dedup();
        all
    }

    /// All beginnings of its tokens, once each.
    #[must_use]
    pub fn beginnings(&self) -> Vec<String> {
        let tokens = self.tokens();
        let of_token = |token: &'_ String| {
            let ends = token.char_indices().map(|(at, c)| at + c.len_utf8());
            ends.map(|end| token[..end].to_owned()).collect::<Vec<_>>()
        };
        let mut all: Vec<String> = tokens.iter().flat_map(of_token).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The pairs of neighbors in `run`, and its last character alone.
pub fn pairs(run: &str) -> impl Iterator<Item = &str> {
    run.char_indices().map(|(at, _)| {
        let rest = &run[at..];
        rest.char_indices().nth(2).map_or(rest, |(end, _)| &rest[..end])
    })
}

/// One character for those that people type for the same.
fn unify(c: char) -> char {
    match c {
        // Apostrophes: also the letters of Hawaiian and Ukrainian.
        '\u{60}' | '\u{b4}' | '\u{2018}' | '\u{2019}' | '\u{2bb}' | '\u{2bc}' | '\u{2032}' => '\'',
        // Hyphens and the dash of "Paris–Dakar".
        '\u{2010}' | '\u{2011}' | '\u{2013}' => '-',
        other => other,
    }
}

/// Whether `c` cannot be seen by itself: variation selectors, joiners of emoji, marks that are no letters.
fn is_ignored(c: char) -> bool {
    // The non-joiner parts words in Persian.
    if c.is_ascii() || c == '\u{200c}' {
        return false;
    }
    match c.general_category() {
        GeneralCategory::Format => true,
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => !c.is_alphanumeric(),
        _ => false,
    }
}

/// The letters that look like another one with a stroke, or like two in one, and that Unicode does not decompose.
fn spell(c: char) -> [Option<char>; 2] {
    let (first, second) = match c {
        '\u{df}' => ('s', Some('s')),
        '\u{e6}' => ('a', Some('e')),
        '\u{153}' => ('o', Some('e')),
        '\u{fe}' => ('t', Some('h')),
        '\u{f8}' => ('o', None),
        '\u{142}' => ('l', None),
        '\u{111}' | '\u{f0}' => ('d', None),
        '\u{127}' => ('h', None),
        '\u{131}' => ('i', None),
        // A sigma at the end of a word.
        '\u{3c2}' => ('\u{3c3}', None),
        other => (other, None),
    };
    [Some(first), second]
}
