//! The report: the matrix of routes and attacks, and the verdict.

pub mod html;
pub mod json;
pub mod junit;
pub mod table;

use std::time::SystemTime;

use super::NotTried;
use super::attack::Family;
use super::outcome::Outcome;
use super::routes::Route;
use super::verdict::Cell;

/// The result of an audit. It contains no token, and nothing of a response but its status.
#[derive(Debug)]
pub struct Report {
    /// The origin of the audited deployment.
    pub target: String,
    /// When the audit started.
    pub at: SystemTime,
    /// The rows of the matrix.
    pub routes: Vec<Route>,
    /// The columns of the matrix: family and name of each attack.
    pub attacks: Vec<(Family, String)>,
    /// The cells of the matrix, row by row.
    pub cells: Vec<Vec<Cell>>,
    /// The number of requests that were sent.
    pub sent: usize,
    /// The kinds of attacks that could not be tried, and what it would take.
    pub not_tried: Vec<NotTried>,
}

impl Report {
    /// Returns whether nothing got past the gate and nothing was skipped.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.count(Outcome::Hole) == 0 && self.count(Outcome::Skipped) == 0
    }

    /// Returns the number of cells with this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.cells.iter().flatten().filter(|cell| cell.outcome == outcome).count()
    }

    /// Returns the number of routes with this outcome in some cell.
    #[must_use]
    pub fn routes_with(&self, outcome: Outcome) -> usize {
        self.cells.iter().filter(|row| row.iter().any(|cell| cell.outcome == outcome)).count()
    }

    /// Returns the cells with this outcome: route, name of the attack, cell.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = (&Route, &str, &Cell)> {
        let rows = self.routes.iter().zip(&self.cells);
        let cells =
            rows.flat_map(|(route, row)| row.iter().zip(&self.attacks).map(move |(cell, of)| (route, of, cell)));
        cells
            .filter(move |(_, _, cell)| cell.outcome == outcome)
            .map(|(route, (_, name), cell)| (route, name.as_str(), cell))
    }

    /// Returns the reasons for `outcome` in the cells of one route, each with its attacks.
    #[must_use]
    pub fn reasons<'a>(&'a self, cells: &'a [Cell], outcome: Outcome) -> Vec<(&'a str, Vec<&'a str>)> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for (cell, (_, attack)) in cells.iter().zip(&self.attacks).filter(|(cell, _)| cell.outcome == outcome) {
            match reasons.iter_mut().find(|(why, _)| *why == cell.why) {
                Some((_, attacks)) => attacks.push(attack),
                None => reasons.push((&cell.why, vec![attack])),
            }
        }
        reasons
    }

    /// Returns the families with attacks, each with its columns.
    #[must_use]
    pub fn families(&self) -> Vec<(Family, Vec<usize>)> {
        let of = |family| (0..self.attacks.len()).filter(move |index| self.attacks[*index].0 == family).collect();
        Family::ALL
            .into_iter()
            .map(|family| (family, of(family)))
            .filter(|(_, all): &(_, Vec<_>)| !all.is_empty())
            .collect()
    }

    /// Returns the verdict in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let (holes, skipped) = (self.count(Outcome::Hole), self.count(Outcome::Skipped));
        if holes > 0 {
            let open = self.routes_with(Outcome::Hole);
            return format!("{} found on {open} of {}.", number(holes, "hole"), number(self.routes.len(), "route"));
        }
        if skipped > 0 {
            let (routes, all) = (self.routes_with(Outcome::Skipped), self.routes.len());
            return format!("No holes found, but {routes} of {all} routes could not be tested completely.");
        }
        let mut verdict = "No holes found".to_owned();
        match self.not_tried.len() {
            0 => {}
            1 => verdict += ", but 1 kind of attack was not tried",
            kinds => verdict += &format!(", but {kinds} kinds of attack were not tried"),
        }
        match self.count(Outcome::Finding) {
            0 => verdict + ".",
            findings => format!("{verdict}; {}.", number(findings, "finding")),
        }
    }
}

/// Returns `1 thing`, `2 things`, `1,234 things`.
#[must_use]
pub fn number(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// Returns the name of `outcome`, in the plural if `count` is not one.
#[must_use]
pub fn plural(outcome: Outcome, count: usize) -> String {
    let is_counted = matches!(outcome, Outcome::Hole | Outcome::Finding);
    let plural = if is_counted && count != 1 { "s" } else { "" };
    format!("{}{plural}", outcome.title())
}

/// Returns `1,234,567`.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns `rows` as lines with aligned columns.
#[must_use]
pub fn columns<R: AsRef<[String]>>(rows: &[R]) -> String {
    let length = |text: &String| text.chars().count();
    let width = |column: usize| rows.iter().filter_map(|row| row.as_ref().get(column).map(length)).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let fields = row.as_ref().iter().enumerate().map(|(column, field)| format!("{field:<0$}", width(column)));
        text += fields.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::routes;
    use super::*;
    use crate::test_program::REGISTRY;

    /// Returns a small report with one cell for each of `outcomes`, and the rest refused.
    pub(in super::super) fn report(outcomes: &[Outcome]) -> Report {
        let routes: Vec<_> = routes::all(&REGISTRY).into_iter().take(2).collect();
        let attacks = vec![
            (Family::NoToken, "no header".to_owned()),
            (Family::Forged, "alg \"none\" <&>".to_owned()),
            (Family::Good, "token 1".to_owned()),
        ];
        let cell = |outcome| Cell { outcome, status: Some(401), why: "401, as <it> should be".to_owned() };
        let mut outcomes = outcomes.iter().copied().chain(std::iter::repeat(Outcome::Refused)).map(cell);
        let cells = routes.iter().map(|_| outcomes.by_ref().take(attacks.len()).collect()).collect();
        let not_tried = vec![NotTried { what: "a <sample>".to_owned(), how: "give it & see".to_owned() }];
        let target = "https://portcullis.example".to_owned();
        Report { target, at: SystemTime::UNIX_EPOCH, routes, attacks, cells, sent: 6, not_tried }
    }

    /// Text that tries to become markup of a page or of XML, with control characters.
    pub(in super::super) const HOSTILE: &str = "\u{1b}[31m\u{0}\u{8}]]>\"'/><testcase name=\"x\">&amp;<!--\u{1f}</style></title>\
        <script>'\" onload='x' title=\"y\"><a href='x'>\u{1b}[2J\n";

    /// Returns a report with [`HOSTILE`] in each text that comes from outside.
    pub(in super::super) fn hostile_report() -> Report {
        let mut report = report(&[Outcome::Hole, Outcome::Skipped, Outcome::Finding]);
        report.target = HOSTILE.to_owned();
        report.routes[0].path = HOSTILE.to_owned();
        report.attacks[0].1 = HOSTILE.to_owned();
        report.cells.iter_mut().flatten().for_each(|cell| cell.why = HOSTILE.to_owned());
        report.not_tried[0] = NotTried { what: HOSTILE.to_owned(), how: HOSTILE.to_owned() };
        report
    }

    #[test]
    fn verdict_fails_on_holes_and_skipped_cells() {
        let of = |outcomes: &[Outcome]| (report(outcomes).is_good(), report(outcomes).verdict());
        let sound = "No holes found, but 1 kind of attack was not tried";
        assert_eq!(of(&[]), (true, format!("{sound}.")));
        assert_eq!(of(&[Outcome::Finding]), (true, format!("{sound}; 1 finding.")));
        let mut whole = report(&[]);
        whole.not_tried.clear();
        assert_eq!(whole.verdict(), "No holes found.");
        let all = [Outcome::Hole, Outcome::Skipped, Outcome::Finding, Outcome::Hole];
        assert_eq!(of(&all), (false, "2 holes found on 2 of 2 routes.".into()));
        let skipped = "No holes found, but 1 of 2 routes could not be tested completely.".to_owned();
        assert_eq!(of(&[Outcome::Skipped]), (false, skipped));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((number(1, "route"), number(2, "route")), ("1 route".into(), "2 routes".into()));
    }
}
