//! The report as JUnit XML: a suite for each route, a test case for each attack on it. Holes are failures, skipped attacks
//! are errors, and findings are the output of a case that passes, because they do not fail the audit. A suite of its own
//! lists what could not be tried, as skipped.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use crate::audit::NotTried;
use crate::audit::outcome::Outcome;
use crate::audit::verdict::Cell;

/// Returns the report as XML.
#[must_use]
pub fn write(report: &Report) -> String {
    let mut document = Document::new(format!("portcullis audit of {}", report.target));
    for (route, cells) in report.routes.iter().zip(&report.cells) {
        let mut suite = TestSuite::new(route.name());
        for ((family, attack), cell) in report.attacks.iter().zip(cells) {
            suite.add_test_case(case(&route.name(), &format!("{}: {attack}", family.title()), cell));
        }
        document.add_test_suite(suite);
    }
    if !report.not_tried.is_empty() {
        // Not by `add_test_suite`: the totals count the attacks that could be sent.
        document.test_suites.push(not_tried(&report.not_tried));
    }
    // It writes to memory, and text is made fit for XML when it becomes an `XmlString`: this does not fail.
    document.to_string().unwrap_or_default()
}

fn case(route: &str, attack: &str, cell: &Cell) -> TestCase {
    let failed = |kind, name: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(name).set_message(&cell.why);
        status
    };
    let status = match cell.outcome {
        Outcome::Refused | Outcome::Admitted | Outcome::Open | Outcome::Finding => TestCaseStatus::success(),
        Outcome::Hole => failed(NonSuccessKind::Failure, "hole"),
        Outcome::Skipped => failed(NonSuccessKind::Error, "skipped"),
    };
    let mut case = TestCase::new(attack, status);
    case.set_classname(route);
    if cell.outcome == Outcome::Finding {
        case.set_system_out(format!("finding: {}", cell.why));
    }
    case
}

fn not_tried(kinds: &[NotTried]) -> TestSuite {
    let mut suite = TestSuite::new("not tried");
    for NotTried { what, how } in kinds {
        let mut status = TestCaseStatus::skipped();
        status.set_message(how);
        let mut case = TestCase::new(what, status);
        case.set_classname("not tried");
        suite.add_test_case(case);
    }
    suite
}

#[cfg(test)]
mod tests {
    use super::super::tests::{hostile_report, report};
    use super::*;
    use roxmltree::{Document, Node};

    fn attributes<'a>(node: Node<'a, '_>, names: &[&str]) -> Vec<Option<&'a str>> {
        names.iter().map(|name| node.attribute(*name)).collect()
    }

    #[test]
    fn junit_has_a_case_for_each_attack_and_holes_fail() {
        let report = report(&[Outcome::Hole, Outcome::Skipped, Outcome::Finding]);
        let xml = write(&report);
        let document = Document::parse(&xml).expect("XML");
        let all = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).collect::<Vec<_>>();
        let counts = ["tests", "failures", "errors"];
        assert_eq!(attributes(document.root_element(), &counts), [Some("6"), Some("1"), Some("1")]);
        let suites: Vec<_> = all("testsuite").into_iter().map(|suite| attributes(suite, &counts)).collect();
        let of = |tests, failures, errors| vec![Some(tests), Some(failures), Some(errors)];
        assert_eq!(suites, [of("3", "1", "1"), of("3", "0", "0"), of("1", "0", "0")]);

        let cases = all("testcase");
        assert_eq!(cases.len(), 6 + 1);
        let route = report.routes[0].name();
        assert_eq!(attributes(cases[0], &["classname", "name"]), [Some(route.as_str()), Some("No token: no header")]);
        assert_eq!(cases[1].attribute("name"), Some("Forged: alg \"none\" <&>"));
        let why = "401, as <it> should be";
        let within = |case: usize, name: &str| cases[case].children().find(|node| node.has_tag_name(name));
        let failure = within(0, "failure").expect("a failure");
        assert_eq!(attributes(failure, &["type", "message"]), [Some("hole"), Some(why)]);
        let error = within(1, "error").expect("an error");
        assert_eq!(attributes(error, &["type", "message"]), [Some("skipped"), Some(why)]);
        let output = within(2, "system-out").and_then(|node| node.text());
        assert_eq!(output, Some("finding: 401, as <it> should be"));
        assert_eq!(cases[3].children().count(), 0, "refused");
        let not_tried = within(6, "skipped").expect("a skipped case");
        assert_eq!(not_tried.attribute("message"), Some("give it & see"));
        assert_eq!(attributes(cases[6], &["classname", "name"]), [Some("not tried"), Some("a <sample>")]);
        for (name, number) in [("failure", 1), ("error", 1), ("system-out", 1), ("skipped", 1)] {
            assert_eq!(all(name).len(), number, "{name}");
        }
    }

    #[test]
    fn junit_hostile_text_stays_text() {
        let xml = write(&hostile_report());
        assert!(!xml.contains(|c: char| c.is_control() && c != '\n'), "{xml:?}");
        let document = Document::parse(&xml).expect("XML");
        assert_eq!(document.descendants().filter(|node| node.has_tag_name("testcase")).count(), 6 + 1);
        let shown =
            "]]>\"'/><testcase name=\"x\">&amp;<!--</style></title><script>'\" onload='x' title=\"y\"><a href='x'>";
        let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("a failure");
        assert!(failure.attribute("message").is_some_and(|message| message.trim_end() == shown), "{xml}");
    }
}
