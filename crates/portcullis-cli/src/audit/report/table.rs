//! The report for a terminal: a matrix of routes and families of attacks, then every bad outcome.

use super::{Report, columns, grouped, number, plural};
use crate::audit::outcome::Outcome;
use crate::audit::routes::Group;

/// The number of attacks that are named for one route and reason. The other formats name all.
const MAX_NAMED_ATTACKS: usize = 12;

/// Returns the report as text.
#[must_use]
pub fn write(report: &Report) -> String {
    let mut text = format!("Audit of {}\n\n", report.target);
    text += &matrix(report);
    for (outcome, title) in [(Outcome::Hole, "HOLES"), (Outcome::Skipped, "SKIPPED"), (Outcome::Finding, "FINDINGS")] {
        text += &details(report, outcome, title);
    }
    if !report.not_tried.is_empty() {
        text += "NOT TRIED\n";
        for not_tried in &report.not_tried {
            text += &format!("  {}: {}\n", not_tried.what, not_tried.how);
        }
        text.push('\n');
    }
    let counts = Outcome::ALL.iter().filter(|outcome| report.count(**outcome) > 0);
    let counts: Vec<_> = counts
        .map(|outcome| format!("{} {}", grouped(report.count(*outcome)), plural(*outcome, report.count(*outcome))))
        .collect();
    text += &format!(
        "{} on {}: {}\n",
        number(report.sent, "request"),
        number(report.routes.len(), "route"),
        counts.join(", ")
    );
    text + &report.verdict() + "\n"
}

/// Returns the matrix: one line for each route, one column for each family. A cell has the worst outcome of its attacks.
fn matrix(report: &Report) -> String {
    let families = report.families();
    let heads = families.iter().map(|(family, columns)| format!("{} {}", family.short(), columns.len()));
    let mut rows: Vec<Vec<String>> = vec![std::iter::once(String::new()).chain(heads).collect()];
    for group in Group::ALL {
        let of_group: Vec<_> =
            report.routes.iter().zip(&report.cells).filter(|(route, _)| route.group == group).collect();
        if !of_group.is_empty() {
            rows.push(vec![group.title().to_uppercase()]);
        }
        for (route, cells) in of_group {
            let fields = families.iter().map(|(_, columns)| cell(columns.iter().map(|column| cells[*column].outcome)));
            rows.push(std::iter::once(route.name()).chain(fields).collect());
        }
    }
    let legend: Vec<_> = Outcome::ALL.iter().rev().map(|it| format!("{} {}", it.symbol(), it.title())).collect();
    format!("{}\n{}\n\n", columns(&rows), legend.join("   "))
}

/// Returns the worst bad outcome of one family with its number, otherwise the symbols of all outcomes.
fn cell(outcomes: impl Iterator<Item = Outcome> + Clone) -> String {
    let count = |outcome| outcomes.clone().filter(|it| *it == outcome).count();
    let bad = [Outcome::Hole, Outcome::Skipped, Outcome::Finding].into_iter().find(|outcome| count(*outcome) > 0);
    match bad {
        Some(bad) => format!("{} {}", bad.symbol(), count(bad)),
        None => Outcome::ALL.iter().filter(|outcome| count(**outcome) > 0).map(|outcome| outcome.symbol()).collect(),
    }
}

/// Returns the routes with `outcome`, each with the reasons and some of the attacks.
fn details(report: &Report, outcome: Outcome, title: &str) -> String {
    let mut text = String::new();
    for (route, cells) in report.routes.iter().zip(&report.cells) {
        let reasons = report.reasons(cells, outcome);
        let all: usize = reasons.iter().map(|(_, attacks)| attacks.len()).sum();
        if all > 0 {
            text += &format!("  {}: {all} of {}\n", route.name(), number(cells.len(), "attack"));
        }
        for (why, attacks) in reasons {
            let more = match attacks.len().saturating_sub(MAX_NAMED_ATTACKS) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let named = attacks[..attacks.len().min(MAX_NAMED_ATTACKS)].join(", ");
            text += &format!("    {why}:\n      {named}{more}\n");
        }
    }
    if text.is_empty() { text } else { format!("{title}\n{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;

    #[test]
    fn table_has_the_worst_outcome_and_its_details() {
        let text = write(&report(&[Outcome::Refused, Outcome::Hole, Outcome::Admitted, Outcome::Skipped]));
        for words in ["HOLES\n", "SKIPPED\n", "NOT TRIED\n", "a <sample>: give it & see", "6 requests on 2 routes: "] {
            assert!(text.contains(words), "{words}:\n{text}");
        }
        assert!(!text.contains("FINDINGS"), "{text}");
        assert!(text.ends_with("1 hole found on 1 of 2 routes.\n"), "{text}");
        let row = |line: &str| line.split_whitespace().skip(2).collect::<Vec<_>>().join(" ");
        assert_eq!(text.lines().nth(4).map(row).as_deref(), Some("✓ ✗ 1 →"), "{text}");
    }
}
