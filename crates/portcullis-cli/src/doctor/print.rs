//! The findings on a terminal: a symbol and a word for each check, and the fix indented below.

use anstyle::{AnsiColor, Style};

use super::finding::{CheckStatus, Diagnosis};

/// The maximum length of a line that can be wrapped.
const WIDTH: usize = 110;
/// The indentation of notes and fixes.
const INDENT: usize = 11;

/// Returns the findings as text, with colors if `has_color`.
#[must_use]
pub fn text(diagnosis: &Diagnosis, has_color: bool) -> String {
    let mut text = String::new();
    for section in &diagnosis.sections {
        text += &format!("{}\n", clean(&section.title));
        for finding in &section.findings {
            text += &format!("{} {}: {}\n", mark(finding.status, has_color), finding.check, clean(&finding.seen));
            for note in &finding.notes {
                text += &wrapped(&clean(note));
            }
            if let Some(fix) = &finding.fix {
                text += &wrapped(&format!("fix: {}", clean(fix)));
            }
        }
        text.push('\n');
    }
    let (bad, warnings) = (diagnosis.count(CheckStatus::Bad), diagnosis.count(CheckStatus::Warning));
    text += &match (bad, warnings) {
        (0, 0) => "Nothing is wrong.\n".to_owned(),
        (bad, warnings) => format!("{bad} wrong, {warnings} to look at.\n"),
    };
    if let Some(hint) = &diagnosis.hint {
        text += hint;
        text.push('\n');
    }
    text
}

fn mark(status: CheckStatus, has_color: bool) -> String {
    let (symbol, word, style) = match status {
        CheckStatus::Good => ("✓", "good", AnsiColor::Green.on_default()),
        CheckStatus::Warning => ("!", "warning", AnsiColor::Yellow.on_default()),
        CheckStatus::Bad => ("✗", "bad", AnsiColor::Red.on_default()),
        CheckStatus::Skipped => ("-", "skipped", Style::new().dimmed()),
    };
    let style = if has_color { style } else { Style::new() };
    format!("{style}{symbol} {word:<7}{style:#}")
}

/// Replaces characters that could move the cursor of a terminal or reverse its text. The last of several defenses.
fn clean(text: &str) -> String {
    let is_harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if is_harmless(&c) { c } else { '?' }).collect()
}

/// Returns `text` in indented lines of at most [`WIDTH`]. A longer word is not broken, so that it can be copied.
fn wrapped(text: &str) -> String {
    let indent = " ".repeat(INDENT);
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && INDENT + line.len() + 1 + word.len() > WIDTH {
            lines += &format!("{indent}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + &format!("{indent}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Finding;

    fn diagnosis() -> Diagnosis {
        let mut diagnosis = Diagnosis::default();
        let bad = Finding::bad("issuer", "a\u{1b}[2J\r\nb\u{202e}", "do\nthis").note("mind\u{9b}that");
        diagnosis.add("Issuer", vec![Finding::good("keys", "2 usable"), bad, Finding::skipped("clock", "not asked")]);
        diagnosis.hint = Some("A hint.".into());
        diagnosis
    }

    #[test]
    fn text_has_one_line_for_each_check_with_its_fix_below() {
        let expected = "Issuer\n✓ good    keys: 2 usable\n✗ bad     issuer: a?[2J??b?\n           mind?that\n           fix: do?this\n- skipped clock: not asked\n\n1 wrong, 0 to look at.\nA hint.\n";
        assert_eq!(text(&diagnosis(), false), expected);
    }

    #[test]
    fn text_contains_no_escapes_but_its_own() {
        let colored = text(&diagnosis(), true);
        assert!(colored.contains("\u{1b}[32m✓ good"), "{colored:?}");
        assert_eq!(colored.matches('\u{1b}').count(), 6, "{colored:?}");
        assert!(!text(&diagnosis(), false).contains('\u{1b}'));
    }

    #[test]
    fn wrapped_breaks_between_words_only() {
        let value = "x".repeat(150);
        let all = wrapped(&format!("{} {value}", "word ".repeat(40).trim_end()));
        assert!(
            all.lines().all(|line| line.starts_with("           ") && (line.len() <= WIDTH || line.contains(&value)))
        );
        assert_eq!(all.split_whitespace().count(), 41);
    }
}
