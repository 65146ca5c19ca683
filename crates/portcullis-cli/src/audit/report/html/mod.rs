//! The report as one page: the verdict, what is wrong, and the whole matrix as a picture. It loads nothing.

mod matrix;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Report, grouped, number, plural};
use crate::audit::outcome::Outcome;

/// The number of attacks that are named for one route and reason above the matrix, which shows all of them.
const MAX_NAMED_ATTACKS: usize = 12;

/// Returns the report as a page.
#[must_use]
pub fn write(report: &Report) -> String {
    let (class, symbol) = match () {
        () if report.count(Outcome::Hole) > 0 => ("hole", '✗'),
        () if report.count(Outcome::Skipped) > 0 => ("skipped", '✗'),
        () => ("refused", '✓'),
    };
    let page = html! {
        (DOCTYPE) "\n"
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Audit of " (report.target) ": " (report.verdict()) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                header class=(class) {
                    p class="eyebrow" { "Portcullis audit" }
                    h1 { span class="seal" aria-hidden="true" { (symbol) } (report.verdict()) }
                    p class="lead" {
                        (number(report.sent, "request")) " with " (number(report.attacks.len(), "attack")) " on "
                        (number(report.routes.len(), "route")) " of " code { (report.target) } ", on "
                        (httpdate::fmt_http_date(report.at)) "."
                    }
                }
                main {
                    (tiles(report))
                    (reasons(report, Outcome::Hole, "Holes: requests that got past the gate"))
                    (reasons(report, Outcome::Skipped, "Skipped: could not be tested"))
                    (reasons(report, Outcome::Finding, "Findings: refused, but with a wrong response"))
                    (matrix::matrix(report))
                    (not_tried(report))
                }
            }
        }
        "\n"
    };
    // Templates escape markup, but not the characters that neither HTML nor XML has a place for (XML 1.0 §2.2).
    page.into_string().replace(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r'), "\u{fffd}")
}

/// Returns the number of cells with each outcome.
fn tiles(report: &Report) -> Markup {
    html! {
        ul class="tiles" {
            @for outcome in Outcome::ALL {
                @let count = report.count(outcome);
                li class={ (class(outcome)) @if count == 0 { " none" } } {
                    span class="key" aria-hidden="true" { (outcome.symbol()) } b { (grouped(count)) } " "
                    span { (plural(outcome, count)) }
                }
            }
        }
    }
}

/// Returns the class in the style sheet.
fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused => "refused",
        Outcome::Admitted => "admitted",
        Outcome::Open => "open",
        Outcome::Hole => "hole",
        Outcome::Finding => "finding",
        Outcome::Skipped => "skipped",
    }
}

/// Returns the routes with `outcome`, each with the reasons and the attacks.
fn reasons(report: &Report, outcome: Outcome, title: &str) -> Markup {
    let rows =
        report.routes.iter().zip(&report.cells).map(|(route, cells)| (route, cells, report.reasons(cells, outcome)));
    let rows: Vec<_> = rows.filter(|(_, _, reasons)| !reasons.is_empty()).collect();
    html! {
        @if !rows.is_empty() {
            section class={ "list " (class(outcome)) } {
                h2 { (title) }
                ul {
                    @for (route, cells, reasons) in rows {
                        @let count: usize = reasons.iter().map(|(_, attacks)| attacks.len()).sum();
                        li {
                            code { (route.name()) } " " b { (count) " of " (cells.len()) }
                            @for (why, attacks) in reasons {
                                @let named = &attacks[..attacks.len().min(MAX_NAMED_ATTACKS)];
                                p {
                                    strong { (why) ":" } " " (named.join("; "))
                                    @if attacks.len() > named.len() {
                                        "; and " (attacks.len() - named.len()) " more, below"
                                    }
                                    "."
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn not_tried(report: &Report) -> Markup {
    html! {
        @if !report.not_tried.is_empty() {
            section class="list" {
                h2 { "Not tried" }
                ul {
                    @for kind in &report.not_tried {
                        li { b { (kind.what) } p { (kind.how) "." } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{HOSTILE, hostile_report, report};
    use super::*;

    /// The page as XML. `meta` is its only element without an end.
    fn xml(page: &str) -> String {
        let mut parts = page.strip_prefix("<!DOCTYPE html>\n").expect("a document type").split("<meta ");
        let first = parts.next().expect("a beginning").to_owned();
        parts.fold(first, |xml, part| xml + "<meta " + &part.replacen('>', "/>", 1))
    }

    fn assert_loads_nothing(page: &str) {
        let xml = xml(page);
        let document = roxmltree::Document::parse(&xml).expect("well-formed");
        let elements = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        for loads in ["script", "link", "img", "iframe", "object", "embed", "base", "form", "a"] {
            assert_eq!(elements(loads), 0, "{loads}");
        }
        for words in ["url(", "@import", "src="] {
            assert!(!page.contains(words), "{words}");
        }
        let fields = document.descendants().filter(|node| node.has_tag_name("td") && node.has_attribute("title"));
        assert_eq!(fields.count(), 6);
    }

    #[test]
    fn page_is_well_formed_and_loads_nothing() {
        let page = write(&report(&[Outcome::Hole, Outcome::Skipped, Outcome::Finding, Outcome::Open]));
        assert_loads_nothing(&page);
        assert!(page.contains("alg &quot;none&quot; &lt;&amp;&gt;") && page.contains("Not tried"), "{page}");
    }

    #[test]
    fn page_hostile_text_stays_text() {
        let page = write(&hostile_report());
        assert_loads_nothing(&page);
        assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "{page:?}");
        let xml = xml(&page);
        let document = roxmltree::Document::parse(&xml).expect("well-formed");
        let shown = HOSTILE.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}");
        let title = document.descendants().find(|node| node.has_tag_name("title")).and_then(|title| title.text());
        assert!(title.is_some_and(|title| title.contains(&shown)), "{title:?}");
        let named = document.descendants().filter(|node| node.has_attribute("onload") || node.has_attribute("href"));
        assert_eq!(named.count(), 0);
    }

    #[test]
    fn page_shows_holes_first() {
        let page = write(&report(&[Outcome::Hole]));
        assert!(
            page.contains("<h1><span class=\"seal\" aria-hidden=\"true\">✗</span>1 hole found on 1 of 2 routes"),
            "{page}"
        );
        assert!(page.find("<h2>Holes: ") < page.find("class=\"matrix\""));
        assert!(!write(&report(&[])).contains("<h2>Holes: "));
    }
}
