//! The title of a record in lists and headings.

/// Returns `text` if it has a visible character, and `unnamed` otherwise: a link must have something to click.
#[must_use]
pub fn title<'a>(text: &'a str, unnamed: &'a str) -> &'a str {
    let is_visible = |c: char| !(c.is_whitespace() || c.is_control() || is_invisible(c));
    if text.chars().any(is_visible) { text } else { unnamed }
}

/// Returns whether `c` is invisible, such as the format characters of Unicode (general category Cf), and letters and
/// marks without a shape of their own, such as the fillers of Korean and the empty pattern of Braille.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_without_visible_text_is_not_blank() {
        for blank in [
            "",
            "  ",
            "\t\n",
            "\u{200b}",
            "\u{3164}\u{2800}",
            "\u{a0}\u{feff}",
            "\u{2062}\u{2063}",
            "\u{202e}",
            "\u{61c}",
            "\u{180e}",
            "\u{17b4}",
            "\u{e0041}",
            "\u{2066}\u{2069}",
            "\u{fff9}",
        ] {
            assert_eq!(title(blank, "Unnamed"), "Unnamed", "{blank:?}");
        }
        assert_eq!(title(" Lamp", "Unnamed"), " Lamp");
        assert_eq!(title("\u{1f389}", "Unnamed"), "\u{1f389}");
    }
}
