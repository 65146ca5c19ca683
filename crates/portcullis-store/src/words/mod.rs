//! Search and sort keys of names: the text without letter case and accents, and its tokens.
//!
//! Both stores keep these keys next to the documents. Any change requires a higher [`INDEX_VERSION`].
//!
//! | file | content |
//! |---|---|
//! | `class` | the class of a character in a search |
//! | `folded` | text without case and accents, and its keys |
//! | `tokens` | the searchable parts of a text |
//! | `search` | a parsed search |

mod class;
mod folded;
mod search;
mod tokens;

pub use folded::Folded;
pub use search::Search;

/// The version of the keys and tokens. A store with another version creates them again at the next start.
pub const INDEX_VERSION: u32 = 2;

#[cfg(test)]
mod tests {
    use portcullis::record::RecordId;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        Folded::of(text).tokens()
    }

    fn finds(search: &str, name: &str) -> bool {
        Search::of(search).finds(&Folded::of(name))
    }

    #[test]
    fn search_ignores_letter_case_and_accents() {
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
    fn search_word_must_start_a_word_of_the_name() {
        assert!(finds("br", "Brass compass") && finds("comp br", "Brass compass") && finds("", "Brass compass"));
        assert!(finds("carpenter s", "Carpenter's square"));
        for miss in ["rass", "brass compasses", "brass lamp", "brasscompass"] {
            assert!(!finds(miss, "Brass compass"), "{miss}");
        }
    }

    #[test]
    fn sort_key_orders_by_folded_name_and_then_id() {
        let key = |name: &str, id: u8| Folded::of(name).key(RecordId([id; 12]));
        let mut keys = [key("b", 0), key("\u{c4}b", 1), key("ab", 2), key("a", 3), key("a b", 4), key("", 5)];
        keys.sort_unstable();
        assert_eq!(keys.map(|key| Folded::of_key(&key).expect("a key").1.0[0]), [5, 3, 4, 1, 2, 0]);
    }

    #[test]
    fn sort_key_is_read_back() {
        let id = RecordId([9; 12]);
        let (text, read) = Folded::of_key(&Folded::of("Brass\u{1}compass").key(id)).expect("a key");
        assert_eq!((text.as_str(), read), ("brass compass", id));
        assert!(Folded::of_key("lamp").is_none());
    }

    #[test]
    fn prefixes_are_listed_once_each() {
        assert_eq!(Folded::of("La lamp").beginnings(), ["l", "la", "lam", "lamp"]);
        assert_eq!(Folded::of("...").beginnings(), ["."]);
        assert!(Folded::of(" ").beginnings().is_empty());
    }

    #[test]
    fn words_and_sort_keys_of_a_long_name_are_limited() {
        let long = "x".repeat(100_000);
        assert_eq!(words(&long), ["x".repeat(32)]);
        assert!(finds(&long, &long) && finds(&"x".repeat(40), &"x".repeat(33)));
        assert!(Folded::of(&"\u{fdfa} ".repeat(1_000)).key(RecordId([0; 12])).chars().count() <= 256 + 1 + 24);
    }

    #[test]
    fn search_finds_words_inside_names_without_blanks() {
        for (search, name) in [
            ("\u{30bf}\u{30ef}\u{30fc}", "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}"),
            ("\u{70e4}\u{9e2d}", "\u{5317}\u{4eac}\u{70e4}\u{9e2d}"),
            ("\u{bbfc}\u{ad6d}", "\u{b300}\u{d55c}\u{bbfc}\u{ad6d}"),
            ("\u{e17}\u{e23}\u{e32}\u{e22}", "\u{e19}\u{e49}\u{e33}\u{e15}\u{e32}\u{e25}\u{e17}\u{e23}\u{e32}\u{e22}"),
            // One character, the whole name, the parts in another order, and half-width kana.
            ("\u{4eac}", "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}"),
            ("\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}", "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}"),
            ("\u{30bf}\u{30ef}\u{30fc} \u{6771}\u{4eac}", "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}"),
            ("\u{ff80}\u{ff9c}\u{ff70}", "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}"),
            ("iphone \u{30b1}\u{30fc}\u{30b9}", "iPhone\u{7528}\u{30b1}\u{30fc}\u{30b9}"),
            // Lao, Khmer and Burmese.
            ("\u{ea5}\u{eb2}\u{ea7}", "\u{e9e}\u{eb2}\u{eaa}\u{eb2}\u{ea5}\u{eb2}\u{ea7}"),
            (
                "\u{1781}\u{17d2}\u{1798}\u{17c2}\u{179a}",
                "\u{1797}\u{17b6}\u{179f}\u{17b6}\u{1781}\u{17d2}\u{1798}\u{17c2}\u{179a}",
            ),
            ("\u{1005}\u{102c}", "\u{1019}\u{103c}\u{1014}\u{103a}\u{1019}\u{102c}\u{1005}\u{102c}"),
        ] {
            assert!(finds(search, name), "{search} in {name}");
        }
    }

    #[test]
    fn search_finds_runs_as_they_are_and_not_their_parts() {
        // It contains both pairs of the search.
        assert!(!finds("\u{6771}\u{4eac}\u{90fd}", "\u{4eac}\u{90fd}\u{6771}\u{4eac}"));
        assert!(!finds("\u{3042}\u{3042}\u{3042}", "\u{3042}\u{3042}"));
        assert!(!finds("\u{d55c}\u{bbfc}\u{b300}", "\u{b300}\u{d55c}\u{bbfc}\u{ad6d}"));
        assert!(finds("\u{6771}\u{4eac}\u{90fd}", "\u{6771}\u{4eac}\u{90fd}\u{5e81}"));
    }

    #[test]
    fn search_finds_korean_however_it_is_composed() {
        use unicode_normalization::UnicodeNormalization;
        let decomposed: String = "\u{b300}\u{d55c}\u{bbfc}\u{ad6d}".nfd().collect();
        assert_eq!(words(&decomposed), words("\u{b300}\u{d55c}\u{bbfc}\u{ad6d}"));
        assert!(finds("\u{bbfc}\u{ad6d}", &decomposed));
    }

    #[test]
    fn search_for_symbols_finds_the_names_with_them() {
        for (search, name) in [
            ("\u{1f389}", "Party \u{1f389}"),
            ("\u{1f389}", "\u{1f389}\u{1f38a}"),
            ("&", "R&D"),
            ("r&d", "R & D"),
            ("%", "100% wool"),
            ("100%", "100 % wool"),
            ("+", "C++"),
            ("!", "Yes!"),
            ("-", "Wi-Fi"),
            ("\u{2764}", "I \u{2764}\u{fe0f} NY"),
            ("\u{1f44d}", "\u{1f44d}\u{1f3fd}"),
            ("\u{1f1e9}\u{1f1ea}", "\u{1f1eb}\u{1f1f7}\u{1f1e9}\u{1f1ea}"),
            ("\u{2122}", "Lamp\u{2122}"),
            ("lamp, bright!", "Bright lamp"),
        ] {
            assert!(finds(search, name), "{search} in {name}");
        }
        for (search, name) in [
            ("\u{1f389}", "Party \u{1f38a}"),
            ("&", "R and D"),
            ("%", "100 wool"),
            ("!", "Brass compass"),
            (".*", "Brass compass"),
            ("lamp \u{1f389}", "Lamp"),
            // Denmark and Spain are not Germany, nor Kenya.
            ("\u{1f1e9}\u{1f1ea}", "\u{1f1e9}\u{1f1f0}\u{1f1ea}\u{1f1f8}"),
            ("\u{1f1f0}\u{1f1ea}", "\u{1f1e9}\u{1f1f0}\u{1f1ea}\u{1f1f8}"),
            // Invisible characters match nothing, rather than everything.
            ("\u{301}", "Cafe\u{301}"),
            ("\u{200b}", "Lamp"),
        ] {
            assert!(!finds(search, name), "{search:?} in {name}");
        }
    }

    #[test]
    fn search_finds_words_however_they_are_joined() {
        for (search, name) in [
            ("C++", "C++ primer"),
            ("c+", "C++ primer"),
            ("C", "C++ primer"),
            ("c++11", "C++11 and newer"),
            ("f#", "F# in depth"),
            ("wifi", "Wi-Fi router"),
            ("Wi-Fi", "WiFi router"),
            ("wi-fi", "Wi\u{2011}Fi router"),
            ("wi fi", "Wi-Fi router"),
            ("fi", "Wi-Fi router"),
            ("oneill", "O'Neill"),
            ("O'Neill", "ONeill"),
            ("O\u{2019}Neill", "O'Neill"),
            ("neill", "O\u{2019}Neill"),
            ("usa", "U.S.A."),
            ("nodejs", "Node.js"),
            ("motherinlaw", "Mother-in-law"),
            ("a-b-c-d-e-f", "a-b-c-d-e-f-g"),
            ("3.5", "3.5 mm"),
            (
                "\u{645}\u{6cc}\u{62e}\u{648}\u{627}\u{647}\u{645}",
                "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            ),
        ] {
            assert!(finds(search, name), "{search} in {name}");
        }
        for (search, name) in [("C++", "Cats + dogs"), ("c#", "C++"), ("wifi", "Wind fire"), ("3.5", "35 mm")] {
            assert!(!finds(search, name), "{search} in {name}");
        }
    }

    #[test]
    fn tokens_of_a_long_name_stay_few() {
        for name in ["a-".repeat(128), "\u{6771}\u{4eac}".repeat(128), "ab'cd.".repeat(64), "\u{1f389}&".repeat(128)] {
            let beginnings = Folded::of(&name).beginnings().len();
            assert!(beginnings <= 512, "{beginnings}");
        }
        let many: String = (0..256).filter_map(|n| char::from_u32(0x4e00 + n)).collect();
        assert_eq!(Folded::of(&many).beginnings().len(), 511);
    }
}
