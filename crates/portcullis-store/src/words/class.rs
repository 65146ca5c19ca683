//! The class of a character in a search.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

/// The class of a character in a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A letter or digit of a script with spaces between words.
    Letter,
    /// A character of a script without them.
    Unspaced,
    /// A symbol that belongs to the word before it, as in "C++" and "F#".
    Suffix,
    /// A character within a word that some users leave out, as in "Wi-Fi" and "O'Neill".
    Joiner,
    /// A character that users search for by itself, such as an emoji or "&".
    Symbol,
    /// A character that is ignored, unless the search consists of nothing else.
    Punctuation,
    /// Separates words, and cannot be searched for.
    Gap,
}

impl Class {
    /// Returns the class of `c`, a character of a folded text.
    pub fn of(c: char) -> Self {
        match c {
            'a'..='z' | '0'..='9' => return Self::Letter,
            ' ' => return Self::Gap,
            '+' | '#' | '*' => return Self::Suffix,
            // The last one is the zero width non-joiner of Persian.
            '-' | '\'' | '.' | '_' | '\u{200c}' => return Self::Joiner,
            '&' | '%' | '@' | '\u{a7}' | '\u{2030}' => return Self::Symbol,
            _ if is_unspaced(c) => return Self::Unspaced,
            _ if c.is_alphanumeric() => return Self::Letter,
            _ => {}
        }
        match c.general_category_group() {
            GeneralCategoryGroup::Punctuation => Self::Punctuation,
            GeneralCategoryGroup::Separator | GeneralCategoryGroup::Mark => Self::Gap,
            _ if c.is_control() => Self::Gap,
            // This includes characters that Unicode has assigned since. Most of them are emoji.
            _ => Self::Symbol,
        }
    }
}

/// Returns whether `c` belongs to a script without spaces between words (UAX #14, classes ID, SA and similar), or to
/// one with compound words, such as Korean.
fn is_unspaced(c: char) -> bool {
    // The length mark of kana and the sign for "closed" are of several scripts.
    if matches!(c, '\u{30fc}' | '\u{3006}') {
        return true;
    }
    c.is_alphanumeric()
        && matches!(
            c.script(),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Bopomofo
                | Script::Hangul
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
                | Script::Javanese
                | Script::Balinese
                | Script::Tai_Le
                | Script::New_Tai_Lue
                | Script::Tai_Tham
                | Script::Tai_Viet
                | Script::Yi
                | Script::Tangut
                | Script::Nushu
        )
}
