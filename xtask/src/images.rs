//! `cargo xtask images`: screenshots of every page in an ignored folder, and the few that the documentation shows in Git.

use std::fs;
use std::path::Path;

use crate::shell::{root, run, step};
use crate::{Result, browser, build};

/// Receives all screenshots. Git ignores it, like everything in `target`.
const SCREENSHOTS: &str = "target/screenshots";
/// Holds the images that the documentation shows.
pub const SHOWN: &str = "docs/images";
/// The images in [`SHOWN`] that no test takes. CONTRIBUTING.md says how to take them.
const TAKEN_BY_HAND: [&str; 2] = ["audit-dark.png", "audit-light.png"];

/// Takes all screenshots, and updates those that the documentation shows.
pub fn take() -> Result {
    build::release()?;
    let screenshots = root().join(SCREENSHOTS);
    if screenshots.exists() {
        fs::remove_dir_all(&screenshots).map_err(|error| format!("{SCREENSHOTS}: {error}"))?;
    }
    let sh = browser::end2end()?;
    let tests = browser::playwright(&sh, &["screenshots"])?.env("PORTCULLIS_IMAGES", &screenshots);
    step("Taking the screenshots", || run(tests))?;
    step("Updating the images of the documentation", || update(&screenshots, &root().join(SHOWN)))?;
    println!("    all screenshots are in {SCREENSHOTS}");
    Ok(())
}

/// Replaces each file in `shown` with the screenshot of the same name, and adds no others.
fn update(screenshots: &Path, shown: &Path) -> Result {
    let entries = fs::read_dir(shown).map_err(|error| format!("{}: {error}", shown.display()))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if TAKEN_BY_HAND.iter().any(|by_hand| name == *by_hand) {
            continue;
        }
        fs::copy(screenshots.join(&name), entry.path())
            .map_err(|error| format!("there is no new screenshot for {}: {error}", entry.path().display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str], content: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files {
            fs::write(folder.path().join(file), content).expect("a file in it");
        }
        folder
    }

    fn contents(folder: &Path) -> Vec<(String, String)> {
        let files = fs::read_dir(folder).expect("the folder").flatten();
        let mut contents: Vec<_> = files
            .map(|file| {
                (file.file_name().to_string_lossy().into_owned(), fs::read_to_string(file.path()).expect("text"))
            })
            .collect();
        contents.sort();
        contents
    }

    #[test]
    fn update_replaces_shown_images_and_adds_none() {
        let taken = folder(&["home-dark.png", "menu-dark.png"], "new");
        let shown = folder(&["home-dark.png", TAKEN_BY_HAND[0]], "old");
        assert_eq!(update(taken.path(), shown.path()), Ok(()));
        let expected = [(TAKEN_BY_HAND[0], "old"), ("home-dark.png", "new")];
        assert_eq!(contents(shown.path()), expected.map(|(name, content)| (name.to_owned(), content.to_owned())));
    }

    #[test]
    fn update_without_a_screenshot_names_the_image() {
        let (taken, shown) = (folder(&[], "new"), folder(&["renamed-dark.png"], "old"));
        let error = update(taken.path(), shown.path()).expect_err("no screenshot of that name");
        assert!(error.contains("renamed-dark.png"), "{error}");
    }

    #[test]
    fn screenshots_folder_is_ignored_by_git() {
        let ignored = fs::read_to_string(root().join(".gitignore")).expect(".gitignore");
        assert!(SCREENSHOTS.starts_with("target/") && ignored.lines().any(|line| line == "/target/"));
    }
}
