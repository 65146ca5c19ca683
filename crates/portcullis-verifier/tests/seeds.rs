//! The seeds of the fuzz targets, held to the properties that the targets hold everything to.

use std::path::Path;

use portcullis_verifier::test_support::properties;

/// Runs `holds` on every seed of `target`.
fn all(target: &str, holds: fn(&[u8])) {
    // Cargo runs tests in the folder of their package.
    let folder = Path::new("seeds").join(target);
    let mut seeds = 0;
    for entry in std::fs::read_dir(folder).expect("the seeds") {
        let path = entry.expect("an entry").path();
        let seed = std::fs::read(&path).expect("a seed");
        println!("{}", path.display());
        holds(&seed);
        // What is left of it when it breaks off.
        (0..seed.len()).step_by(7).for_each(|end| holds(&seed[..end]));
        seeds += 1;
    }
    assert!(seeds > 0, "there are seeds of {target}");
}

#[test]
fn bearer_header_seeds_hold() {
    all("bearer_header", properties::bearer::holds);
}

#[test]
fn token_seeds_hold() {
    all("token", properties::token::holds);
}

#[test]
fn json_seeds_hold() {
    all("json", properties::json::holds);
}

#[test]
fn jwks_seeds_hold() {
    all("jwks", properties::jwks::holds);
}
