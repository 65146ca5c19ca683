//! Folding: text without letter case, accents, and invisible characters.

use portcullis::record::RecordId;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::tokens::{Kind, each};

/// The maximum length of a folded name in characters. Names of other programs may have any length.
const MAX_TEXT_CHARS: usize = 256;
/// Separates the text from the id in a key. It sorts before all characters of a folded text.
const SEPARATOR: char = '\u{1}';

/// Text without letter case, accents, control characters and surrounding spaces.
pub struct Folded(String);

impl Folded {
    /// Folds `text`: compatibility decomposition (UAX #15) without the marks, in lower case. Sequences without removed
    /// marks, such as Korean syllables, are composed again.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            match unify(c) {
                // A separate word, and not the end of the previous one.
                '\u{2122}' | '\u{2120}' => plain.push(c),
                c => decompose_compatible(c, |c| plain.push(c)),
            }
        }
        let is_base = |c: &char| canonical_combining_class(*c) == 0;
        let lower = plain.chars().filter(is_base).flat_map(char::to_lowercase).filter(is_base);
        let spelled = lower.flat_map(|c| spell(c).into_iter().flatten()).filter(|c| !is_ignored(*c));
        let kept = spelled.map(|c| if c.is_control() { ' ' } else { c }).nfc().take(MAX_TEXT_CHARS);
        Self(kept.collect::<String>().trim().to_owned())
    }

    /// Returns the key in the order by name, with the id of the record: unique, and never empty.
    #[must_use]
    pub fn key(&self, id: RecordId) -> String {
        format!("{}{SEPARATOR}{id}", self.0)
    }

    /// Returns the text and the id of a key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<(Self, RecordId)> {
        let (text, id) = key.rsplit_once(SEPARATOR)?;
        Some((Self(text.to_owned()), id.parse().ok()?))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the tokens of the text, without duplicates. A search finds a token by its beginning.
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

    /// Returns all beginnings of the tokens, without duplicates.
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

/// Returns the pairs of adjacent characters in `run`, and its last character alone.
pub fn pairs(run: &str) -> impl Iterator<Item = &str> {
    run.char_indices().map(|(at, _)| {
        let rest = &run[at..];
        rest.char_indices().nth(2).map_or(rest, |(end, _)| &rest[..end])
    })
}

/// Maps characters that users type for each other to a single one.
fn unify(c: char) -> char {
    match c {
        // Apostrophes: also the letters of Hawaiian and Ukrainian.
        '\u{60}' | '\u{b4}' | '\u{2018}' | '\u{2019}' | '\u{2bb}' | '\u{2bc}' | '\u{2032}' => '\'',
        // Hyphens and the dash of "Paris–Dakar".
        '\u{2010}' | '\u{2011}' | '\u{2013}' => '-',
        other => other,
    }
}

/// Returns whether `c` is invisible by itself: variation selectors, emoji joiners, marks that are not letters.
fn is_ignored(c: char) -> bool {
    // In Persian, the non-joiner separates words.
    if c.is_ascii() || c == '\u{200c}' {
        return false;
    }
    match c.general_category() {
        GeneralCategory::Format => true,
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => !c.is_alphanumeric(),
        _ => false,
    }
}

/// Maps letters that look like another one with a stroke, or like two in one, and that Unicode does not decompose.
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
