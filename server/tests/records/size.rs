//! The size of a second resource.

use std::fs;
use std::path::Path;

/// Cargo runs tests in the folder of their package.
const THIS: &str = "tests/records";

fn lines(path: &str) -> Vec<String> {
    let path = Path::new(THIS).join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn second_resource_takes_less_than_350_lines() {
    let own: usize =
        ["mod.rs", "note.rs", "api.rs", "pages.rs"].map(|file| lines(&format!("notes/{file}")).len()).iter().sum();
    let files = fs::read_dir(Path::new(THIS).join("notes")).expect("a folder").count();
    assert_eq!(files, 4, "every file is counted");
    assert!(own < 350, "{own} lines");
}

#[test]
fn second_resource_is_one_line_in_each_composition() {
    let composition = lines("composition.rs");
    let naming: Vec<_> = composition.iter().map(|line| line.trim()).filter(|line| line.contains("notes::")).collect();
    let resource = "AppResource::new(&notes::RESOURCE, &notes::ROUTES),";
    assert_eq!(naming, [resource, ".with(notes::REST)"]);
    // The app contains the same lines for its own resources.
    for (file, words) in [
        ("app/src/registry.rs", "AppResource::new(&crate::items::RESOURCE, &crate::items::ROUTES),"),
        ("server/src/records.rs", ".with_samples(items::REST, samples::items)"),
    ] {
        let text = fs::read_to_string(Path::new("..").join(file)).expect("a composition");
        assert_eq!(text.lines().filter(|line| line.trim() == words).count(), 1, "{file}");
    }
}

#[test]
fn readme_shows_the_form_of_notes() {
    let readme = fs::read_to_string("../README.md").expect("the README");
    let pages = lines("notes/pages.rs");
    let form: Vec<_> = pages.iter().skip_while(|line| !line.contains("const FORM")).collect();
    let end = form.iter().position(|line| line.trim() == "}];").expect("the end of the form");
    for line in &form[..=end] {
        assert!(readme.contains(line.trim()), "README.md lacks {line}");
    }
    let own = "AppResource::new(&crate::notes::RESOURCE, &crate::notes::ROUTES),";
    for line in ["pub mod notes;", own, ".with(app::notes::REST)"] {
        assert!(readme.contains(line), "README.md lacks {line}");
    }
}
