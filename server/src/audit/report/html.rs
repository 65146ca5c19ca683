//! The report as one page: the verdict, what is wrong, and the whole matrix as a picture. It loads nothing.

use super::{Report, grouped, number, plural};
use crate::audit::verdict::{Cell, Outcome};
use crate::audit::ways::{Group, Way};

/// How many attacks are named for one way above the matrix, which shows all of them.
const MOST_NAMED: usize = 12;

/// `text` as it may stand in HTML and XML, in attributes too.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            // XML has no other characters below the space (XML 1.0 §2.2).
            c if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The report as a page.
#[must_use]
pub fn write(report: &Report) -> String {
    let state = match () {
        () if report.count(Outcome::Hole) > 0 => "hole",
        () if report.count(Outcome::Skipped) > 0 => "skipped",
        () => "refused",
    };
    let symbol = if state == "refused" { '✓' } else { '✗' };
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>Audit of {target}: {verdict}</title>\n\
         <style>{css}</style>\n</head>\n<body>\n<header class=\"{state}\">\n<p class=\"eyebrow\">Portcullis audit</p>\n\
         <h1><span class=\"seal\" aria-hidden=\"true\">{symbol}</span>{verdict}</h1>\n\
         <p class=\"lead\">{requests} with {attacks} against {ways} into <code>{target}</code>, on {at}.</p>\n</header>\n\
         <main>\n",
        target = escape(&report.target),
        verdict = escape(&report.verdict()),
        css = include_str!("page.css"),
        requests = number(report.sent, "request"),
        attacks = number(report.attacks.len(), "attack"),
        ways = number(report.ways.len(), "way"),
        at = httpdate::fmt_http_date(report.at),
    );
    page += &tiles(report);
    for (outcome, title) in [
        (Outcome::Hole, "What got through"),
        (Outcome::Skipped, "What could not be tried"),
        (Outcome::Finding, "Findings: refused, but not as it should be"),
    ] {
        page += &listed(report, outcome, title);
    }
    page += &matrix(report);
    page += &not_tried(report);
    page + "</main>\n</body>\n</html>\n"
}

/// How many fields came to what.
fn tiles(report: &Report) -> String {
    let mut html = "<ul class=\"tiles\">\n".to_owned();
    for outcome in Outcome::ALL {
        let count = report.count(outcome);
        let quiet = if count == 0 { " none" } else { "" };
        let (class, symbol) = (class(outcome), outcome.symbol());
        let (count, title) = (grouped(count), plural(outcome, count));
        html += &format!(
            "<li class=\"{class}{quiet}\"><span class=\"key\" aria-hidden=\"true\">{symbol}</span><b>{count}</b> \
             <span>{title}</span></li>\n"
        );
    }
    html + "</ul>\n"
}

/// The class of the style sheet.
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

/// The ways that have `outcome`, each with the attacks that it came of.
fn listed(report: &Report, outcome: Outcome, title: &str) -> String {
    let mut items = String::new();
    for (way, cells) in report.ways.iter().zip(&report.cells) {
        let reasons = report.reasons(cells, outcome);
        let all: usize = reasons.iter().map(|(_, attacks)| attacks.len()).sum();
        if all == 0 {
            continue;
        }
        items += &format!("<li><code>{}</code> <b>{all} of {}</b>", escape(&way.name()), cells.len());
        for (why, attacks) in reasons {
            let named = escape(&attacks[..attacks.len().min(MOST_NAMED)].join("; "));
            let more = match attacks.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!("; and {more} more, below"),
            };
            items += &format!("<p><strong>{}:</strong> {named}{more}.</p>", escape(why));
        }
        items += "</li>\n";
    }
    if items.is_empty() {
        return String::new();
    }
    format!("<section class=\"list {}\">\n<h2>{title}</h2>\n<ul>\n{items}</ul>\n</section>\n", class(outcome))
}

/// The picture: a row for each way, a column for each attack.
fn matrix(report: &Report) -> String {
    let families = report.families();
    let mut html = "<section class=\"matrix\">\n<h2>Every way, by every attack</h2>\n<div class=\"scroll\">\n<table>\n\
                    <thead><tr><td></td>"
        .to_owned();
    for (family, columns) in &families {
        html += &format!("<th class=\"family\"><span>{}</span></th>", escape(family.title()));
        for column in columns {
            html += &format!("<th scope=\"col\"><span>{}</span></th>", escape(&report.attacks[*column].1));
        }
    }
    html += "</tr></thead>\n";
    let width = 1 + families.len() + report.attacks.len();
    for group in Group::ALL {
        let mut rows = String::new();
        for (way, cells) in report.ways.iter().zip(&report.cells).filter(|(way, _)| way.group == group) {
            rows += &format!("<tr>{}", row_head(way));
            for (_, columns) in &families {
                rows += "<td class=\"gap\"></td>";
                for column in columns {
                    rows += &field(&cells[*column], &way.name(), &report.attacks[*column].1);
                }
            }
            rows += "</tr>\n";
        }
        if !rows.is_empty() {
            let title = group.title();
            html += &format!(
                "<tbody>\n<tr class=\"group\"><th colspan=\"{width}\"><span>{title}</span></th></tr>\n{rows}</tbody>\n"
            );
        }
    }
    let legend = Outcome::ALL.iter().rev().map(|outcome| {
        let (class, symbol, title) = (class(*outcome), outcome.symbol(), outcome.title());
        format!("<li><span class=\"key {class}\" aria-hidden=\"true\">{symbol}</span>{title}</li>")
    });
    html + &format!("</table>\n</div>\n<ul class=\"legend\">{}</ul>\n</section>\n", legend.collect::<String>())
}

fn row_head(way: &Way) -> String {
    let scopes = way.scopes();
    let scopes = if scopes.is_empty() { String::new() } else { format!("<small>{}</small>", escape(&scopes)) };
    format!(
        "<th scope=\"row\" title=\"{}\"><code><i>{}</i> {}</code>{scopes}</th>",
        escape(&format!("Who may call it: {}", way.who())),
        escape(way.method),
        escape(&way.path)
    )
}

fn field(cell: &Cell, way: &str, attack: &str) -> String {
    let told = escape(&format!("{way} · {attack}: {} ({})", cell.outcome.title(), cell.why));
    format!("<td class=\"{}\" title=\"{told}\">{}</td>", class(cell.outcome), cell.outcome.symbol())
}

fn not_tried(report: &Report) -> String {
    if report.not_tried.is_empty() {
        return String::new();
    }
    let item =
        |it: &crate::audit::NotTried| format!("<li><b>{}</b><p>{}.</p></li>\n", escape(&it.what), escape(&it.how));
    let items: String = report.not_tried.iter().map(item).collect();
    format!("<section class=\"list\">\n<h2>What was not tried</h2>\n<ul>\n{items}</ul>\n</section>\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("<a href='x' & \"y\">\u{1}\n"), "&lt;a href=&#39;x&#39; &amp; &quot;y&quot;&gt;\u{fffd}\n");
    }

    #[test]
    fn the_page_is_well_formed_and_loads_nothing() {
        let page = write(&report(&[Outcome::Hole, Outcome::Skipped, Outcome::Finding, Outcome::Open]));
        let xml = page.strip_prefix("<!DOCTYPE html>\n").expect("a document type");
        let document = roxmltree::Document::parse(xml).expect("well-formed");
        let elements = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        for loads in ["script", "link", "img", "iframe", "object", "embed", "base", "form", "a"] {
            assert_eq!(elements(loads), 0, "{loads}");
        }
        for words in ["url(", "@import", "src="] {
            assert!(!page.contains(words), "{words}");
        }
        let fields = document.descendants().filter(|node| node.has_tag_name("td") && node.has_attribute("title"));
        assert_eq!(fields.count(), 6);
        assert!(page.contains("alg &quot;none&quot; &lt;&amp;&gt;") && page.contains("What was not tried"), "{page}");
    }

    #[test]
    fn what_got_through_comes_before_everything_else() {
        let page = write(&report(&[Outcome::Hole]));
        assert!(
            page.contains("<h1><span class=\"seal\" aria-hidden=\"true\">✗</span>1 of 2 ways stands open"),
            "{page}"
        );
        assert!(page.find("What got through") < page.find("class=\"matrix\""));
        assert!(!write(&report(&[])).contains("What got through"));
    }
}
