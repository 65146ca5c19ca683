//! A real Keycloak for the browser tests: downloaded with Maven, prepared once, and kept in .tools/keycloak.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use xshell::{Cmd, Shell, cmd};

use crate::Result;
use crate::browser;
use crate::shell::{find, read, root, run, shell, shell_in, step};

/// The variable with the path of the prepared Keycloak, for the tests in end2end/keycloak.
const VARIABLE: &str = "PORTCULLIS_KEYCLOAK";
const VERSION: &str = "26.5.6";
/// The Maven plugin that downloads and unpacks Keycloak.
const MAVEN_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
/// The oldest Java that this Keycloak runs on.
const MIN_JAVA: u32 = 17;

/// Returns the reason why Keycloak cannot be used on this machine, if there is one.
pub fn missing() -> Option<String> {
    if find("mvn").is_none() {
        return Some("Maven (mvn) was not found".into());
    }
    let version = shell().ok().and_then(|sh| read(sh.cmd(java()).arg("--version")));
    match version.as_deref().and_then(java_version) {
        None => Some("Java was not found".into()),
        Some(found) if found < MIN_JAVA => Some(format!("Java is {found}, and {MIN_JAVA} or newer is needed")),
        Some(_) => None,
    }
}

/// Returns the Java that Maven and Keycloak also use.
fn java() -> PathBuf {
    let home = env::var_os("JAVA_HOME").filter(|home| !home.is_empty());
    home.map_or_else(|| "java".into(), |home| Path::new(&home).join("bin/java"))
}

/// `openjdk 17.0.15 2025-04-15`.
fn java_version(output: &str) -> Option<u32> {
    let version = output.split_whitespace().nth(1)?;
    version.split(['.', '-', '+']).next()?.parse().ok()
}

/// Returns the folder of a prepared Keycloak, which starts fast. Downloads and prepares it the first time.
pub fn prepare() -> Result<PathBuf> {
    let all = root().join(".tools/keycloak");
    let prepared = all.join(format!("keycloak-{VERSION}"));
    if !prepared.is_dir() {
        // Renamed only when it is complete. Maven also writes its own files next to it, which are removed with the
        // folder.
        let unfinished = all.join("unfinished");
        let io = |error| format!("{}: {error}", unfinished.display());
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(io)?;
        }
        fs::create_dir_all(&unfinished).map_err(io)?;
        step(&format!("Fetching Keycloak {VERSION} into .tools/keycloak (165 MB)"), || {
            run(maven(&shell_in(&unfinished)?, &unfinished))
        })?;
        let unpacked = unfinished.join(format!("keycloak-{VERSION}"));
        step("Preparing Keycloak, once", || run(build(&shell()?, &unpacked)))?;
        fs::rename(&unpacked, &prepared).and_then(|()| fs::remove_dir_all(&unfinished)).map_err(io)?;
    }
    Ok(prepared)
}

/// Downloads and unpacks Keycloak into `folder`.
fn maven<'a>(sh: &'a Shell, folder: &Path) -> Cmd<'a> {
    cmd!(sh, "mvn --quiet --batch-mode {MAVEN_PLUGIN}:unpack")
        .arg(format!("-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"))
        .arg(format!("-DoutputDirectory={}", folder.display()))
}

/// Makes `keycloak` store its build options. Otherwise the first start would take a minute.
fn build<'a>(sh: &'a Shell, keycloak: &Path) -> Cmd<'a> {
    let script = keycloak.join("bin/kc.sh");
    cmd!(sh, "sh {script} build --db=dev-file")
}

/// Returns the command that runs the browser tests against `keycloak`, in a shell of [`browser::end2end`].
pub fn tests<'a>(sh: &'a Shell, keycloak: &Path) -> Result<Cmd<'a>> {
    Ok(browser::playwright(sh, &["--project=keycloak"])?.env(VARIABLE, keycloak))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn java_version_is_the_first_number() {
        assert_eq!(java_version("openjdk 17.0.15 2025-04-15\nOpenJDK Runtime Environment"), Some(17));
        assert_eq!(java_version("java 21 2023-09-19 LTS"), Some(21));
        assert_eq!(java_version("openjdk 25-ea 2025-09-16"), Some(25));
        assert_eq!(java_version("Unrecognized option: --version"), None);
        assert_eq!(java_version(""), None);
    }

    #[test]
    fn maven_fetches_the_pinned_version_without_a_host() {
        let sh = shell().expect("a shell");
        let maven = Command::from(maven(&sh, Path::new("folder")));
        let parameters: Vec<_> = maven.get_args().map(|part| part.to_string_lossy().into_owned()).collect();
        assert!(parameters.iter().any(|part| part.ends_with(&format!(":{VERSION}:zip"))), "{parameters:?}");
        assert!(!parameters.iter().any(|part| part.contains("://")), "{parameters:?}");
    }
}
