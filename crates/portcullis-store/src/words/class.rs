//! What a character is for a search.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

/// What a character is for a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A letter or digit of a script that puts blanks between words.
    Letter,
    /// A character of a script that does not.
    Unspaced,
    /// A symbol that belongs to the word before it, as in "C++" and "F#".
    Suffix,
    /// What stands within a word for some and is left out by others, as in "Wi-Fi" and "O'Neill".
    Joiner,
    /// A character that people search for by itself, as an emoji or "&".
    Symbol,
    /// A character that people leave out, unless they search for nothing else.
    Punctuation,
    /// Parts words, and cannot be searched for.
    Gap,
}

impl Class {
    /// The class of `c`, of a text that is folded.
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
            // With what Unicode has assigned since: most of that is emoji.
            _ => Self::Symbol,
        }
    }
}

/// Whether `c` is of a script whose words stand together without blanks (UAX #14, classes ID, SA and the like), or whose
/// words are made of others, as in Korean.
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
