//! The documents that promise tests: each test that they name is there.

use std::collections::HashSet;
use std::path::Path;

/// Returns the repository's root. Cargo runs tests in the folder of their package.
fn root() -> &'static Path {
    Path::new("..")
}

/// The names of all test functions in `folder`, and of all files with browser tests.
fn tests_in(folder: &Path, found: &mut HashSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tests_in(&path, found);
        } else if let Some(name) =
            path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".spec.ts"))
        {
            found.insert(name.to_owned());
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).expect("a source");
            for test in source.split("#[test]").skip(1).chain(source.split("#[tokio::test").skip(1)) {
                let name = test.split_once("fn ").and_then(|(_, rest)| rest.split_once('('));
                found.extend(name.map(|(name, _)| name.to_owned()));
            }
        }
    }
}

#[test]
fn security_document_names_an_existing_test_for_each_rule() {
    let mut known = HashSet::new();
    for folder in ["app/src", "crates", "server/src", "server/tests", "end2end/tests"] {
        tests_in(&root().join(folder), &mut known);
    }
    let document = std::fs::read_to_string(root().join("docs/security.md")).expect("docs/security.md");
    let rows: Vec<&str> = document.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 50, "the table of rules holds {} rows", rows.len());
    for row in rows {
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "this rule names no test: {row}");
        for name in names {
            assert!(known.contains(name), "there is no test {name}, which this rule names: {row}");
        }
    }
}

#[test]
fn documents_say_that_late_writes_may_have_happened() {
    for file in ["README.md", "docs/operations.md"] {
        let text = std::fs::read_to_string(root().join(file)).expect(file);
        let paragraphs = text.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let says = |text: &String| {
            let facts =
                ["`deadline_exceeded`", "write may have happened", "`Idempotency-Key`", "without a key", "twice"];
            !text.starts_with('|') && facts.iter().all(|fact| text.contains(fact))
        };
        assert_eq!(paragraphs.filter(says).count(), 1, "{file} does not say what a late write may have done");
    }
}

#[test]
fn readme_says_what_is_unsupported_and_how_auth0_grants_rights() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let words: Vec<&str> = readme.split_whitespace().collect();
    let text = words.join(" ");
    for promise in [
        "Deployment under a path (`https://example.com/portcullis`) is not supported",
        "Sender-constrained tokens (DPoP, certificate-bound: those with a `cnf` claim) are refused",
        "Leave *Add Permissions in the Access Token* off.",
    ] {
        assert!(text.contains(promise), "README.md does not say: {promise}");
    }
}
