//! What a name is found and sorted by: its text without letter case and accents, and the words in it.
//!
//! Both stores keep what is made here beside the items. Whoever changes it raises [`EDITION`].

use app::items::ItemId;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Which way of making keys and words this is: what a store keeps of another one is made anew.
pub const EDITION: u32 = 1;
/// How much of a name counts, in characters after folding: names of other programs may be of any length.
const LONGEST_TEXT: usize = 256;
/// How much of a word counts, in characters.
const LONGEST_WORD: usize = 32;
/// Parts the text from the id in a key; lower than whatever a folded text holds.
const SEPARATOR: char = '\u{1}';

/// A text without letter case, accents, control characters and the blanks around it.
pub struct Folded(String);

impl Folded {
    /// Folds `text`: compatibility decomposition (UAX #15) without the marks, in lower case.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let is_base = |c: &char| canonical_combining_class(*c) == 0;
        let plain = text.nfkd().filter(is_base).flat_map(char::to_lowercase).filter(is_base);
        let spelled = plain.flat_map(|c| spell(c).into_iter().flatten());
        let kept: String = spelled.map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_TEXT).collect();
        Self(kept.trim().to_owned())
    }

    /// Its place in the order by name, with the id of what is called so: unique, and never empty.
    #[must_use]
    pub fn key(&self, id: ItemId) -> String {
        format!("{}{SEPARATOR}{id}", self.0)
    }

    /// The text and the id of a key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<(Self, ItemId)> {
        let (text, id) = key.rsplit_once(SEPARATOR)?;
        Some((Self(text.to_owned()), id.parse().ok()?))
    }

    /// Its words: runs of letters and digits, each as far as it counts.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.0.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| word.char_indices().nth(LONGEST_WORD).map_or(word, |(end, _)| &word[..end]))
    }

    /// All beginnings of its words, once each.
    #[must_use]
    pub fn beginnings(&self) -> Vec<&str> {
        let ends = |word: &'_ str| word.char_indices().map(|(at, c)| at + c.len_utf8()).collect::<Vec<_>>();
        let of_word = |word| ends(word).into_iter().map(move |end| &word[..end]);
        let mut all: Vec<&str> = self.words().flat_map(of_word).collect();
        all.sort_unstable();
        all.dedup();
        all
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

/// What is searched for: words of which each must be the beginning of some word of a name.
pub struct Search(Vec<String>);

impl Search {
    /// The words of `text`, the longest first, as it is likely to be the rarest.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut words: Vec<String> = Folded::of(text).words().map(str::to_owned).collect();
        words.sort_unstable_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        words.dedup();
        Self(words)
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether `name` has them all; every name has none.
    #[must_use]
    pub fn finds(&self, name: &Folded) -> bool {
        self.0.iter().all(|wanted| name.words().any(|word| word.starts_with(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Folded::of(text).words().map(str::to_owned).collect()
    }

    fn finds(search: &str, name: &str) -> bool {
        Search::of(search).finds(&Folded::of(name))
    }

    #[test]
    fn letter_case_and_accents_do_not_matter() {
        for (one, other) in [
            ("CAF\u{c9}", "cafe"),
            ("cafe\u{301}", "caf\u{e9}"),
            ("STRASSE", "stra\u{df}e"),
            ("\u{141}\u{f3}d\u{17a}", "lodz"),
            ("Sm\u{f8}rrebr\u{f8}d", "smorrebrod"),
            ("\u{130}stanbul", "istanbul"),
            ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3bf}\u{3c2}"),
            ("\u{fb01}ne", "fine"),
            ("\u{42d}\u{43b}\u{435}\u{43a}", "\u{44d}\u{43b}\u{435}\u{43a}"),
        ] {
            assert_eq!(words(one), words(other), "{one} {other}");
            assert!(finds(one, other) && finds(other, one), "{one} {other}");
        }
    }

    #[test]
    fn every_word_must_be_the_beginning_of_one() {
        assert!(finds("br", "Brass compass") && finds("comp br", "Brass compass") && finds("", "Brass compass"));
        assert!(finds("carpenter s", "Carpenter's square") && finds("!", "Brass compass"));
        for miss in ["rass", "brass compasses", "brass lamp", "brasscompass"] {
            assert!(!finds(miss, "Brass compass"), "{miss}");
        }
    }

    #[test]
    fn names_are_sorted_by_what_is_left_of_them_and_then_by_id() {
        let key = |name: &str, id: u8| Folded::of(name).key(ItemId([id; 12]));
        let mut keys = [key("b", 0), key("\u{c4}b", 1), key("ab", 2), key("a", 3), key("a b", 4), key("", 5)];
        keys.sort_unstable();
        assert_eq!(keys.map(|key| Folded::of_key(&key).expect("a key").1.0[0]), [5, 3, 4, 1, 2, 0]);
    }

    #[test]
    fn a_key_is_read_back() {
        let id = ItemId([9; 12]);
        let (text, read) = Folded::of_key(&Folded::of("Brass\u{1}compass").key(id)).expect("a key");
        assert_eq!((text.0.as_str(), read), ("brass compass", id));
        assert!(Folded::of_key("lamp").is_none());
    }

    #[test]
    fn beginnings_are_given_once_each() {
        assert_eq!(Folded::of("La lamp").beginnings(), ["l", "la", "lam", "lamp"]);
        assert!(Folded::of("...").beginnings().is_empty());
    }

    #[test]
    fn only_so_much_of_a_name_counts() {
        let long = "x".repeat(100_000);
        assert_eq!(words(&long), ["x".repeat(32)]);
        assert!(finds(&long, &long) && finds(&"x".repeat(40), &"x".repeat(33)));
        assert!(Folded::of(&"\u{fdfa} ".repeat(1_000)).key(ItemId([0; 12])).chars().count() <= 256 + 1 + 24);
    }
}
