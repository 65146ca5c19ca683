//! The report: the matrix of ways and attacks, and what it comes to.

pub mod html;
pub mod json;
pub mod junit;
pub mod table;

use std::time::SystemTime;

use super::NotTried;
use super::attack::Family;
use super::verdict::{Cell, Outcome};
use super::ways::Way;

/// What came of an audit. It holds no token, and nothing of an answer but its status.
#[derive(Debug)]
pub struct Report {
    /// The origin that was attacked.
    pub target: String,
    /// When it began.
    pub at: SystemTime,
    /// The rows of the matrix.
    pub ways: Vec<Way>,
    /// Its columns: family and name of each attack.
    pub attacks: Vec<(Family, String)>,
    /// Its fields, row by row.
    pub cells: Vec<Vec<Cell>>,
    /// How many attacks were sent.
    pub sent: usize,
    /// What could not be tried, and how it can be.
    pub not_tried: Vec<NotTried>,
}

impl Report {
    /// Whether nothing got through and nothing was skipped.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.count(Outcome::Hole) == 0 && self.count(Outcome::Skipped) == 0
    }

    /// How many fields have this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.cells.iter().flatten().filter(|cell| cell.outcome == outcome).count()
    }

    /// How many ways have this outcome in some field.
    #[must_use]
    pub fn ways_with(&self, outcome: Outcome) -> usize {
        self.cells.iter().filter(|row| row.iter().any(|cell| cell.outcome == outcome)).count()
    }

    /// The fields with this outcome: way, name of the attack, field.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = (&Way, &str, &Cell)> {
        let rows = self.ways.iter().zip(&self.cells);
        let fields = rows.flat_map(|(way, row)| row.iter().zip(&self.attacks).map(move |(cell, of)| (way, of, cell)));
        fields
            .filter(move |(_, _, cell)| cell.outcome == outcome)
            .map(|(way, (_, name), cell)| (way, name.as_str(), cell))
    }

    /// Why fields of one way came to `outcome`, each reason with the attacks that it is true of.
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

    /// The families that there are attacks of, in their order, each with the columns that are its own.
    #[must_use]
    pub fn families(&self) -> Vec<(Family, Vec<usize>)> {
        let of = |family| (0..self.attacks.len()).filter(move |place| self.attacks[*place].0 == family).collect();
        Family::ALL
            .into_iter()
            .map(|family| (family, of(family)))
            .filter(|(_, all): &(_, Vec<_>)| !all.is_empty())
            .collect()
    }

    /// The verdict in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let (holes, skipped) = (self.count(Outcome::Hole), self.count(Outcome::Skipped));
        if holes > 0 {
            let open = self.ways_with(Outcome::Hole);
            let stand = if open == 1 { "stands" } else { "stand" };
            let attacks = number(holes, "attack");
            return format!("{open} of {} ways {stand} open: {attacks} got through.", self.ways.len());
        }
        if skipped > 0 {
            let (ways, all) = (self.ways_with(Outcome::Skipped), self.ways.len());
            return format!("Nothing got through, but {ways} of {all} ways could not be tried in full.");
        }
        let mut verdict = "No way stands open".to_owned();
        match self.not_tried.len() {
            0 => {}
            1 => verdict += " to what was tried; 1 kind of attack could not be",
            kinds => verdict += &format!(" to what was tried; {kinds} kinds of attack could not be"),
        }
        match self.count(Outcome::Finding) {
            0 => verdict + ".",
            findings => format!("{verdict}, with {}.", number(findings, "finding")),
        }
    }
}

/// `1 thing`, `2 things`, `1,234 things`.
#[must_use]
pub fn number(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// What `count` fields with `outcome` are called.
#[must_use]
pub fn plural(outcome: Outcome, count: usize) -> String {
    let is_counted = matches!(outcome, Outcome::Hole | Outcome::Finding);
    let plural = if is_counted && count != 1 { "s" } else { "" };
    format!("{}{plural}", outcome.title())
}

/// `1,234,567`.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `rows` as lines whose columns stand one below the other.
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
    use super::super::ways;
    use super::*;

    /// A small report with one field of each outcome in `outcomes`, the rest refused.
    pub(in super::super) fn report(outcomes: &[Outcome]) -> Report {
        let ways: Vec<_> = ways::all().into_iter().take(2).collect();
        let attacks = vec![
            (Family::NoToken, "no header".to_owned()),
            (Family::Forged, "alg \"none\" <&>".to_owned()),
            (Family::Good, "token 1".to_owned()),
        ];
        let cell = |outcome| Cell { outcome, status: Some(401), why: "401, as <it> must be".to_owned() };
        let mut outcomes = outcomes.iter().copied().chain(std::iter::repeat(Outcome::Refused)).map(cell);
        let cells = ways.iter().map(|_| outcomes.by_ref().take(attacks.len()).collect()).collect();
        let not_tried = vec![NotTried { what: "a <sample>".to_owned(), how: "give it & see".to_owned() }];
        let target = "https://portcullis.example".to_owned();
        Report { target, at: SystemTime::UNIX_EPOCH, ways, attacks, cells, sent: 6, not_tried }
    }

    #[test]
    fn a_hole_or_a_skipped_field_fails_and_a_finding_is_named() {
        let of = |outcomes: &[Outcome]| (report(outcomes).is_good(), report(outcomes).verdict());
        let sound = "No way stands open to what was tried; 1 kind of attack could not be";
        assert_eq!(of(&[]), (true, format!("{sound}.")));
        assert_eq!(of(&[Outcome::Finding]), (true, format!("{sound}, with 1 finding.")));
        let mut whole = report(&[]);
        whole.not_tried.clear();
        assert_eq!(whole.verdict(), "No way stands open.");
        let all = [Outcome::Hole, Outcome::Skipped, Outcome::Finding, Outcome::Hole];
        assert_eq!(of(&all), (false, "2 of 2 ways stand open: 2 attacks got through.".into()));
        let skipped = "Nothing got through, but 1 of 2 ways could not be tried in full.".to_owned();
        assert_eq!(of(&[Outcome::Skipped]), (false, skipped));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((number(1, "way"), number(2, "way")), ("1 way".into(), "2 ways".into()));
    }
}
