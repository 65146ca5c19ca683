//! The documents name tests and files that exist.

use std::collections::HashSet;
use std::path::Path;

/// Returns the repository's root. Cargo runs tests in the folder of their package.
fn root() -> &'static Path {
    Path::new("..")
}

/// Adds the names of all test functions in `folder`, and of all files with browser tests.
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
    assert!(rows.len() > 50, "the table of rules has {} rows", rows.len());
    for row in rows {
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test in this row: {row}");
        for name in names {
            assert!(known.contains(name), "no test {name}, named in this row: {row}");
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
        assert_eq!(paragraphs.filter(says).count(), 1, "{file} does not say that a late write may have happened");
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

/// Returns the words in backticks in `text`.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn architecture_names_existing_files() {
    let document = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (mut folder, mut rows) = ("", 0);
    for line in document.lines() {
        if line.starts_with('#') {
            folder = quoted(line).next().unwrap_or_default();
        }
        for path in quoted(line).filter(|text| text.contains('/') && !text.contains(['*', '<', ' '])) {
            let is_path = ["crates/", "app/", "server/", "end2end/", "docs/"].iter().any(|top| path.starts_with(top));
            assert!(!is_path || root().join(path).exists(), "{path} does not exist: {line}");
        }
        let Some(row) = line.strip_prefix("| `") else { continue };
        for path in quoted(&format!("`{}", row.split('|').next().unwrap_or_default())) {
            let parts = [folder, "src", path].iter().fold(root().to_owned(), |whole, part| whole.join(part));
            assert!(parts.exists() || root().join(path).exists(), "{folder} has no {path}");
            rows += 1;
        }
    }
    assert!(rows > 80, "the code map names {rows} files");
    for word in document.split_whitespace().filter(|word| word.ends_with(".rs,") || word.ends_with(".rs:")) {
        let name = word.trim_matches(|c: char| !c.is_alphanumeric());
        let file = name.rsplit('/').next().unwrap_or_default();
        assert!(has_file(root(), file), "no file {file}");
    }
}

/// Returns whether a file called `name` is in the sources below `folder`.
fn has_file(folder: &Path, name: &str) -> bool {
    ["app", "crates", "server"].iter().any(|top| has_file_in(&folder.join(top), name))
}

fn has_file_in(folder: &Path, name: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        entry.file_name() == name || (path.is_dir() && has_file_in(&path, name))
    })
}
