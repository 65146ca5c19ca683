//! The report on a terminal: a symbol and a word for each check, and the fix indented below.

use anstyle::{AnsiColor, Style};

use super::finding::{Outcome, Report};

/// How wide lines are at the most, where they can be broken.
const WIDTH: usize = 110;
/// How far notes and fixes are indented.
const INDENT: usize = 11;

/// Returns the report as text, with colors if `has_color`.
#[must_use]
pub fn text(report: &Report, has_color: bool) -> String {
    let mut text = String::new();
    for section in &report.sections {
        text += &format!("{}\n", clean(&section.title));
        for finding in &section.findings {
            text += &format!("{} {}: {}\n", mark(finding.outcome, has_color), finding.check, clean(&finding.seen));
            for note in &finding.notes {
                text += &wrapped(&clean(note));
            }
            if let Some(fix) = &finding.fix {
                text += &wrapped(&format!("fix: {}", clean(fix)));
            }
        }
        text.push('\n');
    }
    let (bad, warnings) = (report.count(Outcome::Bad), report.count(Outcome::Warning));
    text += &match (bad, warnings) {
        (0, 0) => "Nothing is wrong.\n".to_owned(),
        (bad, warnings) => format!("{bad} wrong, {warnings} to look at.\n"),
    };
    if let Some(hint) = report.hint {
        text += hint;
        text.push('\n');
    }
    text
}

fn mark(outcome: Outcome, has_color: bool) -> String {
    let (symbol, word, style) = match outcome {
        Outcome::Good => ("✓", "good", AnsiColor::Green.on_default()),
        Outcome::Warning => ("!", "warning", AnsiColor::Yellow.on_default()),
        Outcome::Bad => ("✗", "bad", AnsiColor::Red.on_default()),
        Outcome::Skipped => ("-", "skipped", Style::new().dimmed()),
    };
    let style = if has_color { style } else { Style::new() };
    format!("{style}{symbol} {word:<7}{style:#}")
}

/// Takes out whatever could move a terminal's cursor or turn its text around: the last of several defences.
fn clean(text: &str) -> String {
    let may_stay = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if may_stay(&c) { c } else { '?' }).collect()
}

/// `text` in lines of [`WIDTH`], each indented; a word that is longer stays whole, so that it can be copied.
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

    fn report() -> Report {
        let mut report = Report::default();
        let bad = Finding::bad("issuer", "a\u{1b}[2J\r\nb\u{202e}", "do\nthis").note("mind\u{9b}that");
        report.add("Issuer", vec![Finding::good("keys", "2 usable"), bad, Finding::skipped("clock", "not asked")]);
        report.hint = Some("A hint.");
        report
    }

    #[test]
    fn each_check_is_one_line_with_its_fix_below() {
        let expected = "Issuer\n✓ good    keys: 2 usable\n✗ bad     issuer: a?[2J??b?\n           mind?that\n           fix: do?this\n- skipped clock: not asked\n\n1 wrong, 0 to look at.\nA hint.\n";
        assert_eq!(text(&report(), false), expected);
    }

    #[test]
    fn colors_are_ours_alone() {
        let colored = text(&report(), true);
        assert!(colored.contains("\u{1b}[32m✓ good"), "{colored:?}");
        assert_eq!(colored.matches('\u{1b}').count(), 6, "{colored:?}");
        assert!(!text(&report(), false).contains('\u{1b}'));
    }

    #[test]
    fn long_fixes_are_broken_between_words_and_values_stay_whole() {
        let value = "x".repeat(150);
        let all = wrapped(&format!("{} {value}", "word ".repeat(40).trim_end()));
        assert!(
            all.lines().all(|line| line.starts_with("           ") && (line.len() <= WIDTH || line.contains(&value)))
        );
        assert_eq!(all.split_whitespace().count(), 41);
    }
}
