//! The searchable parts of a folded text.

use super::class::Class;

/// The maximum length of a token in characters.
const MAX_TOKEN_CHARS: usize = 32;
/// The maximum number of parts of a word in one token. "Wi-Fi" has two.
pub const JOINED: usize = 4;

/// The kind of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A word from one of its parts on, with the index of that part: "wifi" and "fi" of "Wi-Fi".
    Word(usize),
    /// A run of characters of a script without spaces, of any length.
    Unspaced,
    /// A symbol that can be searched for.
    Symbol,
    /// A character that is searched for only if there is nothing else.
    Minor,
}

/// Calls `found` with every token of the folded `text`.
pub fn each(text: &str, found: &mut impl FnMut(Kind, &str)) {
    let mut word = Word::default();
    let mut chars = text.char_indices().peekable();
    let mut is_digit = false;
    while let Some((at, c)) = chars.next() {
        let class = Class::of(c);
        let own = &text[at..at + c.len_utf8()];
        let was_digit = std::mem::replace(&mut is_digit, c.is_numeric());
        let next = chars.peek().map(|(_, next)| *next);
        match class {
            Class::Letter => word.letter(c, found),
            Class::Suffix if word.takes_suffix() => {
                word.suffix(c);
                found(Kind::Minor, own);
            }
            Class::Joiner if word.is_open() && next.is_some_and(|next| joins(was_digit, next)) => {
                word.part();
                found(Kind::Minor, own);
            }
            Class::Unspaced => {
                word.end(found);
                let mut end = at + c.len_utf8();
                while let Some((at, c)) = chars.next_if(|(_, c)| Class::of(*c) == Class::Unspaced) {
                    end = at + c.len_utf8();
                }
                found(Kind::Unspaced, &text[at..end]);
            }
            // A flag consists of two letters.
            Class::Symbol if is_flag_letter(c) && next.is_some_and(is_flag_letter) => {
                word.end(found);
                let end = chars.next().map_or(at, |(at, c)| at + c.len_utf8());
                found(Kind::Symbol, &text[at..end]);
            }
            Class::Symbol | Class::Suffix => {
                word.end(found);
                found(Kind::Symbol, own);
            }
            Class::Punctuation | Class::Joiner => {
                word.end(found);
                found(Kind::Minor, own);
            }
            Class::Gap => word.end(found),
        }
    }
    word.end(found);
}

/// Returns whether the character between a digit or letter and `next` joins them: "3.5" is two numbers.
fn joins(was_digit: bool, next: char) -> bool {
    Class::of(next) == Class::Letter && !(was_digit && next.is_numeric())
}

fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// A word that is being read: the text of its parts, and the start of each.
#[derive(Default)]
struct Word {
    text: String,
    parts: Vec<usize>,
    is_parted: bool,
    has_suffix: bool,
}

impl Word {
    fn is_open(&self) -> bool {
        !self.text.is_empty() && !self.has_suffix
    }

    fn takes_suffix(&self) -> bool {
        !self.text.is_empty() && !self.is_parted
    }

    fn letter(&mut self, c: char, found: &mut impl FnMut(Kind, &str)) {
        if self.has_suffix {
            self.end(found);
        }
        if self.text.is_empty() || self.is_parted {
            self.parts.push(self.text.len());
            self.is_parted = false;
        }
        self.text.push(c);
    }

    fn suffix(&mut self, c: char) {
        self.text.push(c);
        self.has_suffix = true;
    }

    fn part(&mut self) {
        self.is_parted = true;
    }

    /// Emits the word from each of its parts on, and clears it.
    fn end(&mut self, found: &mut impl FnMut(Kind, &str)) {
        for (n, from) in self.parts.iter().enumerate() {
            let until = self.parts.get(n + JOINED).copied().unwrap_or(self.text.len());
            let token = &self.text[*from..until];
            let token = token.char_indices().nth(MAX_TOKEN_CHARS).map_or(token, |(end, _)| &token[..end]);
            found(Kind::Word(n), token);
        }
        self.text.clear();
        self.parts.clear();
        (self.is_parted, self.has_suffix) = (false, false);
    }
}
