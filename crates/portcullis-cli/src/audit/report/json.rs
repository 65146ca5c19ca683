//! The report as JSON. Its structure is stable: members are added, never renamed or removed, within one `format`.
//!
//! - `format`: 1.
//! - `target`: the origin. `started_at`: seconds since 1970.
//! - `good`: whether nothing got through and nothing was skipped. `verdict`: the same in words.
//! - `requests`: how many attacks were sent.
//! - `counts`: how many results have each outcome: `hole`, `skipped`, `finding`, `refused`, `admitted`, `open`.
//! - `ways`: each with `name`, `group`, `method`, `path`, `right` (or null), `scopes`, `who`.
//! - `attacks`: each with `name` and `family`.
//! - `results`: each with `way` and `attack` (the names above), `outcome`, `status` (or null), `why`.
//! - `not_tried`: each with `what` and `how`.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use serde::Serialize;

use super::Report;
use crate::audit::NotTried;
use crate::audit::attack::Family;
use crate::audit::outcome::Outcome;
use crate::audit::routes::Group;

#[derive(Serialize)]
struct Document<'a> {
    format: u8,
    target: &'a str,
    started_at: u64,
    good: bool,
    verdict: String,
    requests: usize,
    counts: BTreeMap<String, usize>,
    #[serde(rename = "ways")]
    routes: Vec<RouteEntry<'a>>,
    attacks: Vec<AttackEntry<'a>>,
    results: Vec<ResultEntry<'a>>,
    not_tried: &'a [NotTried],
}

#[derive(Serialize)]
struct RouteEntry<'a> {
    name: String,
    group: Group,
    method: &'a str,
    path: &'a str,
    right: Option<&'a str>,
    scopes: Vec<String>,
    who: String,
}

#[derive(Serialize)]
struct AttackEntry<'a> {
    name: &'a str,
    family: Family,
}

#[derive(Serialize)]
struct ResultEntry<'a> {
    #[serde(rename = "way")]
    route: String,
    attack: &'a str,
    outcome: Outcome,
    status: Option<u16>,
    why: &'a str,
}

/// Returns the report as JSON, with a line end.
#[must_use]
pub fn write(report: &Report) -> String {
    let routes = report.routes.iter().map(|route| RouteEntry {
        name: route.name(),
        group: route.group,
        method: route.method,
        path: &route.path,
        right: route.right,
        scopes: route.scopes().split_whitespace().map(str::to_owned).collect(),
        who: route.who(),
    });
    let results = Outcome::ALL.into_iter().flat_map(|outcome| report.with(outcome));
    let document = Document {
        format: 1,
        target: &report.target,
        started_at: report.at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        good: report.is_good(),
        verdict: report.verdict(),
        requests: report.sent,
        counts: Outcome::ALL.iter().map(|outcome| (name(*outcome), report.count(*outcome))).collect(),
        routes: routes.collect(),
        attacks: report.attacks.iter().map(|(family, name)| AttackEntry { name, family: *family }).collect(),
        results: results
            .map(|(route, attack, cell)| ResultEntry {
                route: route.name(),
                attack,
                outcome: cell.outcome,
                status: cell.status,
                why: &cell.why,
            })
            .collect(),
        not_tried: &report.not_tried,
    };
    // Structures with strings for keys always serialize.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Returns the name of an outcome in JSON.
fn name(outcome: Outcome) -> String {
    serde_json::to_value(outcome).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn json_has_the_documented_structure() {
        let document: Value = serde_json::from_str(&write(&report(&[Outcome::Hole]))).expect("JSON");
        assert_eq!(document["format"], 1);
        assert_eq!((&document["good"], &document["requests"]), (&json!(false), &json!(6)));
        assert_eq!(
            document["counts"],
            json!({"hole": 1, "skipped": 0, "finding": 0, "refused": 5, "admitted": 0, "open": 0})
        );
        assert_eq!(document["ways"][0]["group"], "rest");
        assert_eq!(document["ways"][0]["scopes"], json!(["read:notes"]));
        assert_eq!(document["attacks"][1], json!({"name": "alg \"none\" <&>", "family": "forged"}));
        assert_eq!(document["results"].as_array().map(Vec::len), Some(6));
        assert_eq!(
            document["results"][0],
            json!({
                "way": document["ways"][0]["name"], "attack": "no header", "outcome": "hole", "status": 401,
                "why": "401, as <it> should be",
            })
        );
        assert_eq!(document["not_tried"], json!([{"what": "a <sample>", "how": "give it & see"}]));
    }
}
