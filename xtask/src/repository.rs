//! Tests of files that no compiler reads: workflows, Dependabot, the changelog, images and text files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::images;
use crate::shell::root;

const CI: &str = ".github/workflows/ci.yml";

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns all files whose names end with one of `endings`, except for those that Git ignores.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let is_ignored = ["target", ".tools", "data", "node_modules", ".git", "test-results", "playwright-report"]
                .contains(&name.as_str());
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() && !is_ignored {
                collect(&path, endings, found);
            } else if kind.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root(), endings, &mut found);
    assert!(!found.is_empty(), "no files end with {endings:?}");
    found
}

fn workflows() -> Vec<(PathBuf, String)> {
    let folder = root().join(".github/workflows");
    let paths = files(&[".yml"]).into_iter().filter(|path| path.starts_with(&folder));
    paths.map(|path| (path.clone(), fs::read_to_string(path).expect("a workflow"))).collect()
}

/// Returns the section of `job` in the workflow `CI`.
fn job(name: &str) -> String {
    let text = read(CI);
    let start = text.find(&format!("\n  {name}:\n")).unwrap_or_else(|| panic!("no job {name}"));
    let body = text[start..].lines().skip(2).take_while(|line| line.is_empty() || line.starts_with("    "));
    body.collect::<Vec<_>>().join("\n")
}

/// Returns the value of `key` on its line, without quotes.
fn value<'t>(text: &'t str, key: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(key));
    line.unwrap_or_else(|| panic!("no {key}")).trim_matches(|c| c == ' ' || c == '"' || c == ',')
}

#[test]
fn workflows_pin_actions_by_commit() {
    for (path, text) in workflows() {
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let (action, version) = line.split_once(" # v").unwrap_or_else(|| panic!("{path:?}: no version: {line}"));
            let commit = action.split_once('@').map_or("", |(_, commit)| commit);
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && version.split('.').count() == 3, "{path:?}: {line}");
        }
    }
}

#[test]
fn workflows_limit_permissions_time_and_runs() {
    for (path, text) in workflows() {
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{path:?}");
        assert!(!text.contains(": write") && !text.contains("write-all"), "{path:?}");
        assert!(text.contains("\nconcurrency:\n  group: "), "{path:?}");
        assert_eq!(text.matches("runs-on: ").count(), text.matches("timeout-minutes: ").count(), "{path:?}");
        let checkouts = text.matches("uses: actions/checkout@").count();
        assert_eq!(checkouts, text.matches("persist-credentials: false").count(), "{path:?}");
    }
}

#[test]
fn workflows_set_no_rustflags() {
    assert!(read(".cargo/config.toml").contains("erase_components"));
    for (path, text) in workflows() {
        for line in text.lines().filter(|line| !line.trim().starts_with('#')) {
            assert!(!line.contains("RUSTFLAGS") && !line.contains("rustflags"), "{path:?}: {line}");
        }
    }
}

#[test]
fn jobs_that_deny_warnings_pin_their_compiler() {
    let pinned = ["check", "docs"].map(|name| value(&job(name), "RUSTUP_TOOLCHAIN:").to_owned());
    assert_eq!(pinned[0], pinned[1]);
    let parts: Vec<_> = pinned[0].split('.').filter(|part| part.parse::<u32>().is_ok()).collect();
    assert_eq!(parts.len(), 3, "{} is not an exact version", pinned[0]);
    for (name, command) in [("check", "cargo xtask check lints"), ("docs", "cargo xtask check docs")] {
        assert!(job(name).contains(&format!("run: {command}")), "{name}");
    }
    assert!(!job("test").contains("warnings") && !job("msrv").contains("warnings"));
}

#[test]
fn msrv_job_uses_the_rust_version() {
    assert_eq!(value(&job("msrv"), "RUSTUP_TOOLCHAIN:"), value(&read("Cargo.toml"), "rust-version ="));
}

#[test]
fn contributing_names_the_versions_of_ci() {
    let contributing = read("CONTRIBUTING.md");
    let (lints, msrv) = (job("check"), job("msrv"));
    let (lints, msrv) = (value(&lints, "RUSTUP_TOOLCHAIN:"), value(&msrv, "RUSTUP_TOOLCHAIN:"));
    let node = value(&read("xtask/src/tools.rs"), "return Err(\"npm was not found: install Node").to_owned();
    let node = node.split(' ').next().unwrap_or_default();
    for needed in [
        format!("cargo +{lints} xtask check"),
        format!("the oldest Rust that works | {msrv} |"),
        format!("the oldest Node that works | {node} |"),
    ] {
        assert!(contributing.contains(&needed), "{needed}");
    }
    for job in [job("check"), job("test")] {
        assert_eq!(value(&job, "node-version:"), node);
    }
}

#[test]
fn sources_deny_no_warnings() {
    let this = Path::new(file!()).file_name();
    for path in files(&[".rs"]).into_iter().filter(|path| path.file_name() != this) {
        let text = fs::read_to_string(&path).expect("a source file");
        assert!(!text.contains("deny(warnings)"), "{path:?} breaks the build with a newer compiler");
    }
    let lints = read("Cargo.toml");
    let lints = lints.lines().skip_while(|line| !line.starts_with("[workspace.lints"));
    let lints = lints.take_while(|line| !line.starts_with("[profile"));
    assert!(lints.clone().count() > 2 && lints.clone().all(|line| !line.contains("\"deny\"")));
}

#[test]
fn sources_compile_in_no_path_of_the_checkout() {
    // The checkout may be moved or copied with its target folder, and cargo has nothing to rebuild then.
    let variables = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_BIN_EXE_", "CARGO_TARGET_TMPDIR", "OUT_DIR"];
    for path in files(&[".rs"]) {
        let text = fs::read_to_string(&path).expect("a source file");
        for variable in variables {
            assert!(!text.contains(&format!("env!(\"{variable}")), "{path:?} compiles in {variable}");
        }
    }
}

#[test]
fn dependabot_updates_every_lock_file() {
    let dependabot = read(".github/dependabot.yml");
    for path in files(&["Cargo.lock", "package-lock.json"]) {
        let folder = path.parent().and_then(|folder| folder.strip_prefix(root()).ok()).expect("a folder inside");
        let folder = format!("/{}", folder.display());
        let named = [format!("\"{folder}\""), format!("directory: {folder}\n")];
        assert!(named.iter().any(|name| dependabot.contains(name)), "{folder} gets no updates");
    }
    let ecosystems = dependabot.split("- package-ecosystem: ").skip(1);
    let names: Vec<_> = ecosystems.clone().filter_map(|ecosystem| ecosystem.lines().next()).collect();
    assert_eq!(names, ["cargo", "npm", "github-actions"]);
    for ecosystem in ecosystems {
        assert!(ecosystem.contains("interval: weekly") && ecosystem.contains("groups:"), "{ecosystem}");
    }
}

#[test]
fn typescript_is_pinned() {
    let (package, lock) = (read("end2end/package.json"), read("end2end/package-lock.json"));
    let version = value(&package, "\"typescript\": ");
    assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
    let (_, entry) = lock.split_once("\"node_modules/typescript\": {").expect("locked");
    assert_eq!(value(entry, "\"version\": "), version);
}

#[test]
fn templates_point_to_private_reports_and_checks() {
    assert!(read(".github/ISSUE_TEMPLATE/bug_report.yml").contains("SECURITY.md"));
    let template = read(".github/pull_request_template.md");
    for needed in ["cargo xtask check", "cargo xtask test", "CHANGELOG.md"] {
        assert!(template.contains(needed), "{needed}");
    }
}

#[test]
fn documentation_shows_all_of_at_most_12_images() {
    let pages: String = files(&[".md"]).iter().map(|path| fs::read_to_string(path).expect("a page")).collect();
    let shown = fs::read_dir(root().join(images::SHOWN)).expect("the images").flatten();
    let names: Vec<_> = shown.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.len() <= 12, "{} images in {}", names.len(), images::SHOWN);
    for name in &names {
        assert!(pages.contains(&format!("\"{}/{name}\"", images::SHOWN)), "no page shows {name}");
    }
    for part in pages.split(&format!("\"{}/", images::SHOWN)).skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        assert!(names.iter().any(|image| image == name), "{name} is missing");
    }
}

#[test]
fn changelog_follows_keep_a_changelog() {
    const KINDS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    let changelog = read("CHANGELOG.md");
    let versions: Vec<_> = changelog.split("\n## ").skip(1).collect();
    assert!(versions[0].starts_with("[Unreleased]\n"));
    for version in versions {
        let title = version.lines().next().unwrap_or_default();
        let date = title.split_once("] - ").map(|(_, date)| date.split('-').map(str::len).collect::<Vec<_>>());
        assert!(title == "[Unreleased]" || date == Some(vec![4, 2, 2]), "{title}");
        let kinds: Vec<_> = version.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let expected: Vec<_> = KINDS.into_iter().filter(|kind| kinds.contains(kind)).collect();
        assert_eq!(kinds, expected, "{title}");
    }
}

#[test]
fn text_files_follow_editorconfig() {
    for path in files(&[".rs", ".toml", ".ts", ".js", ".css", ".md", ".json", ".yml", ".svg"]) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        assert!(text.ends_with('\n'), "{path:?} does not end with a line break");
        for (number, line) in text.split_terminator('\n').enumerate() {
            let is_clean = line.trim_end() == line && !line.trim_start_matches(' ').starts_with('\t');
            assert!(is_clean, "{path:?}, line {}", number + 1);
        }
    }
}
