//! The report as JUnit XML: a suite for each way, a test case for each attack on it. Holes fail, what was skipped is
//! an error, and findings stand in the output of a case that passes, as they do not fail the audit. What could not be
//! tried at all stands in a suite of its own, as skipped.

use super::Report;
use super::html::escape;
use crate::audit::NotTried;
use crate::audit::verdict::{Cell, Outcome};

/// The report as XML.
#[must_use]
pub fn write(report: &Report) -> String {
    let (holes, skipped) = (report.count(Outcome::Hole), report.count(Outcome::Skipped));
    let tests = report.ways.len() * report.attacks.len();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"portcullis audit of {}\" tests=\"{tests}\" failures=\"{holes}\" errors=\"{skipped}\">\n",
        escape(&report.target)
    );
    for (way, cells) in report.ways.iter().zip(&report.cells) {
        let count = |outcome| cells.iter().filter(|cell| cell.outcome == outcome).count();
        let name = escape(&way.name());
        xml += &format!(
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
            cells.len(),
            count(Outcome::Hole),
            count(Outcome::Skipped)
        );
        for ((family, attack), cell) in report.attacks.iter().zip(cells) {
            let attack = escape(&format!("{}: {attack}", family.title()));
            xml += &format!("    <testcase classname=\"{name}\" name=\"{attack}\"{}\n", outcome(cell));
        }
        xml += "  </testsuite>\n";
    }
    if !report.not_tried.is_empty() {
        let number = report.not_tried.len();
        xml += &format!("  <testsuite name=\"not tried\" tests=\"{number}\" skipped=\"{number}\">\n");
        for NotTried { what, how } in &report.not_tried {
            let (what, how) = (escape(what), escape(how));
            xml += &format!(
                "    <testcase classname=\"not tried\" name=\"{what}\"><skipped message=\"{how}\"/></testcase>\n"
            );
        }
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

/// The rest of a test case, from the end of its attributes.
fn outcome(cell: &Cell) -> String {
    let why = escape(&cell.why);
    match cell.outcome {
        Outcome::Refused | Outcome::Admitted | Outcome::Open => "/>".to_owned(),
        Outcome::Hole => format!("><failure type=\"hole\" message=\"{why}\"/></testcase>"),
        Outcome::Skipped => format!("><error type=\"skipped\" message=\"{why}\"/></testcase>"),
        Outcome::Finding => format!("><system-out>finding: {why}</system-out></testcase>"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;

    #[test]
    fn there_is_a_case_for_each_way_and_attack_and_holes_fail() {
        let xml = write(&report(&[Outcome::Hole, Outcome::Skipped, Outcome::Finding]));
        assert_eq!(xml.matches("<testcase ").count(), 6 + 1);
        assert!(xml.contains(r#"<skipped message="give it &amp; see"/>"#), "{xml}");
        assert!(xml.contains(r#"tests="6" failures="1" errors="1">"#), "{xml}");
        assert!(xml.contains(r#"<failure type="hole" message="401, as &lt;it&gt; must be"/>"#), "{xml}");
        assert!(xml.contains(r#"name="Forged: alg &quot;none&quot; &lt;&amp;&gt;""#), "{xml}");
    }
}
