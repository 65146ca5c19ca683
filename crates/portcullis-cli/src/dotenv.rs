//! The variables of `.env` in the current folder.

use std::path::PathBuf;

use anyhow::{Context, bail};

const MALFORMED: &str =
    ".env cannot be read: expected lines of NAME=value, with quotes around a value that contains spaces";

/// Adds the variables of `.env` in the current folder to the environment, and returns the path of the file if there is
/// one. A file in a parent folder may belong to another program.
///
/// # Errors
/// If the file cannot be read or is malformed. The error never quotes a line, because it may contain a secret.
pub fn read() -> anyhow::Result<Option<PathBuf>> {
    let path = std::env::current_dir().context("the current folder cannot be read")?.join(".env");
    let lines: Result<Vec<(String, String)>, _> = dotenvy::from_path_iter(&path).and_then(Iterator::collect);
    match lines {
        // The environment accepts no NUL byte: setting one would end the program and print it.
        Ok(lines) if lines.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) => bail!(MALFORMED),
        Ok(_) => dotenvy::from_path(&path).map(|()| Some(path)).context(".env cannot be read"),
        Err(dotenvy::Error::LineParse(..)) => bail!(MALFORMED),
        Err(error) if !error.not_found() => Err(error).context(".env cannot be read"),
        Err(_) => Ok(None),
    }
}
