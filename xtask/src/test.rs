//! `cargo xtask test`: runs all tests, and counts them by kind.

use xshell::{Cmd, cmd};

use crate::Result;
use crate::mongodb::{self, MongoDb};
use crate::shell::{shell, tee};
use crate::{browser, build, keycloak, tools};

/// The packages with tests. `frontend` would enable both sides of `app` in one build.
const PACKAGES: &str = "--workspace --exclude frontend --features app/ssr";

/// The stores of the contract suite, as the modules of its tests name them.
const STORES: [&str; 2] = ["embedded", "mongo"];

/// The name of the tests with a real Keycloak in the report.
const KEYCLOAK: &str = "browser, with Keycloak";

/// The outcome of one kind of tests.
struct Outcome {
    kind: String,
    passed: usize,
    failed: usize,
    /// Whether the tests are also counted in the outcome above.
    is_part: bool,
}

/// Runs everything, and continues after a failure, so that one run reports all failures.
pub fn run() -> Result {
    // Slow installations come first, so that a missing tool is reported before minutes of tests.
    tools::for_building()?;
    browser::chromium()?;
    let missing = keycloak::missing();
    let keycloak = missing.is_none().then(keycloak::prepare);
    let mongodb = MongoDb::start()?;

    let sh = shell()?;
    let mut outcomes = Vec::new();
    for (kind, line) in [
        ("unit", format!("{PACKAGES} --lib --bins")),
        ("unit, without the development provider", "-p server --no-default-features --lib --bins".to_owned()),
        ("doc", format!("{PACKAGES} --doc")),
        ("integration", format!("{PACKAGES} --test *")),
    ] {
        println!("==> Tests: {kind}");
        let arguments = line.split_whitespace();
        let tests = cmd!(sh, "cargo test {arguments...}");
        let (succeeded, lines) = tee(tests.env(mongodb::VARIABLE, &mongodb.uri))?;
        outcomes.push(outcome(kind, succeeded, lines.iter().filter_map(|line| cargo_counts(line))));
        if kind == "integration" {
            outcomes.extend(STORES.map(|store| store_contract(store, &lines)));
        }
    }

    build::release()?;
    let end2end = browser::end2end()?;
    outcomes.push(in_browser("browser", browser::playwright(&end2end, &[])?)?);
    match &keycloak {
        Some(Ok(keycloak)) => outcomes.push(in_browser(KEYCLOAK, keycloak::tests(&end2end, keycloak)?)?),
        Some(Err(why)) => {
            println!("Keycloak could not be prepared: {why}");
            outcomes.push(outcome(KEYCLOAK, false, std::iter::empty()));
        }
        None => {}
    }
    report(&outcomes, missing.as_deref())
}

/// `cargo xtask test keycloak`: the browser tests with a real Keycloak.
pub fn with_keycloak() -> Result {
    if let Some(why) = keycloak::missing() {
        return Err(format!(
            "{why}: install Java 17 or newer and Maven (on Debian: apt-get install default-jdk-headless maven)"
        ));
    }
    tools::for_building()?;
    browser::chromium()?;
    let keycloak = keycloak::prepare()?;
    build::release()?;
    let end2end = browser::end2end()?;
    report(&[in_browser(KEYCLOAK, keycloak::tests(&end2end, &keycloak)?)?], None)
}

fn in_browser(kind: &str, tests: Cmd<'_>) -> Result<Outcome> {
    println!("==> Tests: {kind}");
    let (succeeded, lines) = tee(tests)?;
    Ok(outcome(kind, succeeded, lines.iter().filter_map(|line| playwright_counts(line))))
}

fn outcome(kind: &str, succeeded: bool, counts: impl Iterator<Item = (usize, usize)>) -> Outcome {
    let (passed, failed) = counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    // A runner that failed without naming a test, or that ran none, counts as a failure.
    let unnamed = usize::from((!succeeded && failed == 0) || passed + failed == 0);
    Outcome { kind: kind.to_owned(), passed, failed: failed + unnamed, is_part: false }
}

/// Returns the outcome of the contract suite for `store`. If no test of it is among the `lines`, that is a failure: a
/// renamed suite must not silently drop out of the count.
fn store_contract(store: &str, lines: &[String]) -> Outcome {
    let counts = lines.iter().filter_map(|line| contract_count(line, store));
    Outcome { is_part: true, ..outcome(&format!("  of these, the store contract: {store}"), true, counts) }
}

/// `test store::list::mongo::a_name ... ok`.
fn contract_count(line: &str, store: &str) -> Option<(usize, usize)> {
    let (test, result) = line.strip_prefix("test store::")?.split_once(" ... ")?;
    if test.split("::").nth(1) != Some(store) {
        return None;
    }
    match result {
        "ok" => Some((1, 0)),
        "FAILED" => Some((0, 1)),
        _ => None,
    }
}

/// `test result: ok. 12 passed; 0 failed; ...`
fn cargo_counts(line: &str) -> Option<(usize, usize)> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut words = counts.split(['.', ';']).map(|part| part.trim().split(' ').next());
    Some((words.next()??.parse().ok()?, words.next()??.parse().ok()?))
}

/// `  47 passed (50.8s)`, `  2 failed`, `  1 flaky`.
fn playwright_counts(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_whitespace();
    let (count, what) = (words.next()?.parse().ok()?, words.next()?);
    match what {
        "passed" => Some((count, 0)),
        "failed" | "flaky" | "interrupted" => Some((0, count)),
        _ => None,
    }
}

/// Prints the outcomes, and the reason if the tests with Keycloak were `skipped`.
fn report(outcomes: &[Outcome], skipped: Option<&str>) -> Result {
    print!("{}", table(outcomes, skipped));
    if total(outcomes).1 == 0 { Ok(()) } else { Err("there are failures".into()) }
}

fn table(outcomes: &[Outcome], skipped: Option<&str>) -> String {
    let row = |kind: &str, passed: &str, failed: &str| format!("{kind:<40} {passed:>7} {failed:>7}\n");
    let mut table = format!("\n{}", row("tests", "passed", "failed"));
    for Outcome { kind, passed, failed, .. } in outcomes {
        table += &row(kind, &passed.to_string(), &failed.to_string());
    }
    if let Some(why) = skipped {
        table += &format!("{KEYCLOAK:<40} skipped: {why}\n");
    }
    let (passed, failed) = total(outcomes);
    table + &format!("{passed} passed, {failed} failed\n")
}

/// Returns the numbers of passed and failed tests, each counted once.
fn total(outcomes: &[Outcome]) -> (usize, usize) {
    let whole = || outcomes.iter().filter(|outcome| !outcome.is_part);
    let passed = whole().map(|outcome| outcome.passed).sum();
    let failed = whole().map(|outcome| outcome.failed).sum::<usize>();
    // A part can fail although the whole does not, if none of its tests ran.
    let is_empty = |outcome: &&Outcome| outcome.is_part && outcome.passed == 0;
    (passed, failed + outcomes.iter().filter(is_empty).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::root;

    #[test]
    fn counts_are_read_from_the_last_lines_of_a_runner() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(cargo_counts(cargo), Some((12, 3)));
        assert_eq!(cargo_counts("test store::mongo::x ... ok"), None);
        assert_eq!(playwright_counts("  47 passed (50.8s)"), Some((47, 0)));
        assert_eq!(playwright_counts("  2 failed"), Some((0, 2)));
        assert_eq!(playwright_counts("  ✓  1 tests/a.spec.ts:1:1 › passed (1s)"), None);
    }

    #[test]
    fn outcome_of_a_silent_failure_or_an_empty_run_is_failed() {
        assert_eq!(outcome("unit", false, [(3, 0)].into_iter()).failed, 1);
        assert_eq!(outcome("unit", true, std::iter::empty()).failed, 1);
        assert_eq!(outcome("unit", true, [(3, 0), (2, 0)].into_iter()).passed, 5);
    }
    const STORE_LINES: [&str; 5] = [
        "test store::list::mongo::list_in_each_order_has_every_item_once ... ok",
        "test store::writes::mongo::two_writers_meet ... FAILED",
        "test store::list::embedded::list_in_each_order_has_every_item_once ... ok",
        "test store::list::mongo::a_slow_one has been running for over 60 seconds",
        "test items::mongo::is_no_store ... ok",
    ];

    #[test]
    fn store_contract_counts_tests_of_that_store() {
        let lines = STORE_LINES.map(str::to_owned);
        let [embedded, mongo] = STORES.map(|store| store_contract(store, &lines));
        assert_eq!((embedded.passed, embedded.failed), (1, 0));
        assert_eq!((mongo.passed, mongo.failed), (1, 1));
    }

    #[test]
    fn store_contract_without_tests_fails_the_run() {
        let integration = || outcome("integration", true, [(9, 0)].into_iter());
        let none = store_contract("mongo", &["test mongo::list::renamed ... ok".to_owned()]);
        assert_eq!(total(&[integration(), none]), (9, 1));
        let some = store_contract("mongo", &STORE_LINES.map(str::to_owned)[..1]);
        assert_eq!(total(&[integration(), some]), (9, 0));
    }

    #[test]
    fn report_without_keycloak_says_skipped() {
        let outcomes = [outcome("browser", true, [(3, 0)].into_iter())];
        let shown = table(&outcomes, Some("Maven (mvn) was not found"));
        assert!(
            shown
                .lines()
                .any(|line| line.starts_with(KEYCLOAK) && line.ends_with("skipped: Maven (mvn) was not found"))
        );
        assert!(!table(&outcomes, None).contains("skipped"));
        assert!(shown.ends_with("3 passed, 0 failed\n"));
    }

    #[test]
    fn store_contract_names_match_the_suite() {
        let suite = std::fs::read_to_string(root().join("server/tests/it/store/mod.rs")).unwrap_or_default();
        for store in STORES {
            assert!(suite.contains(&format!("{store}: crate::store::")), "the suite names no module {store}");
        }
    }
}
