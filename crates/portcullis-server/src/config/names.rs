//! The names of the variables. A misspelled name must be an error: without `AUTH_ISSUER`, anyone could sign in.

use super::variable::ConfigError;

/// All variables that begin with one of [`PREFIXES`].
pub(super) const NAMES: [&str; 17] = [
    "AUTH_ALGORITHMS",
    "AUTH_AUDIENCE",
    "AUTH_AUDIENCE_PARAMETER",
    "AUTH_CLIENT_ID",
    "AUTH_INTERNAL_HTTP",
    "AUTH_INTERNAL_URL",
    "AUTH_ISSUER",
    "AUTH_LEEWAY_SECONDS",
    "AUTH_RIGHTS_CLAIMS",
    "AUTH_ROLE_SCOPES",
    "AUTH_SCOPES",
    "AUTH_STORAGE_PREFIX",
    "AUTH_STRICT",
    "AUTH_TOKEN_STORE",
    "AUTH_URI",
    "DEV_PROVIDER_ADDR",
    "DEV_PROVIDER_TOKEN_SECONDS",
];

/// The prefixes that only Portcullis uses.
const PREFIXES: [&str; 2] = ["AUTH_", "DEV_PROVIDER_"];

/// The variables that are allowed without `AUTH_ISSUER`.
const WITHOUT_ISSUER: [&str; 2] = ["AUTH_STORAGE_PREFIX", "AUTH_TOKEN_STORE"];

/// The maximum number of wrong letters for a suggestion.
const MAX_SUGGESTION_DISTANCE: usize = 3;

/// Returns the variables that need `AUTH_ISSUER`.
pub(super) fn of_the_issuer() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().filter(|name| name.starts_with("AUTH_") && *name != "AUTH_ISSUER").filter(is_of_the_issuer)
}

fn is_of_the_issuer(name: &&'static str) -> bool {
    !WITHOUT_ISSUER.contains(name)
}

/// Rejects an unknown name with one of our prefixes. The error never contains its value.
pub(super) fn check(names: impl IntoIterator<Item = String>) -> Result<(), ConfigError> {
    let is_unknown = |name: &String| {
        let upper = name.to_ascii_uppercase();
        PREFIXES.iter().any(|prefix| upper.starts_with(prefix))
            && !NAMES.contains(&name.as_str())
            && !is_service_link(name)
    };
    match names.into_iter().filter(is_unknown).min() {
        Some(name) => Err(ConfigError::unknown(&name, suggestion(&name))),
        None => Ok(()),
    }
}

/// Returns whether Kubernetes sets `name` for a Service in the namespace, for example one named `auth`. Operators
/// cannot unset such a variable.
fn is_service_link(name: &str) -> bool {
    let is_of_port = |rest: &str| rest.is_empty() || rest.starts_with('_');
    name.ends_with("_SERVICE_HOST")
        || name.split_once("_SERVICE_PORT").is_some_and(|(_, rest)| is_of_port(rest))
        || name.split_once("_PORT").is_some_and(|(_, rest)| {
            rest.is_empty() || rest.strip_prefix('_').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}

fn suggestion(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let nearest = NAMES.into_iter().map(|known| (strsim::osa_distance(&upper, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= MAX_SUGGESTION_DISTANCE => format!("did you mean {known}?"),
        _ => format!("unset it. Known settings: {}", NAMES.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> Option<String> {
        check([name.to_owned(), "PATH".to_owned()]).err().map(|error| error.to_string())
    }

    #[test]
    fn unknown_variable_is_refused_with_a_suggestion() {
        for (slip, meant) in [
            ("AUTH_ISSUR", "AUTH_ISSUER"),
            ("AUTH_ISUSER", "AUTH_ISSUER"),
            ("auth_issuer", "AUTH_ISSUER"),
            ("AUTH_AUDIENCES", "AUTH_AUDIENCE"),
            ("AUTH_CLIENTID", "AUTH_CLIENT_ID"),
            ("AUTH_LEEWAY", "AUTH_LEEWAY_SECONDS"),
            ("DEV_PROVIDER_ADRR", "DEV_PROVIDER_ADDR"),
        ] {
            let line = line(slip).expect(slip);
            assert!(line.starts_with(&format!("{slip} is ")), "{line}");
            assert!(line.contains(meant), "{line}");
        }
        assert_eq!(line("AUTH_ISSUR").as_deref(), Some("AUTH_ISSUR is not a known setting: did you mean AUTH_ISSUER?"));
        let far = line("AUTH_CERTIFICATE_OF_THE_QUEEN").expect("unknown");
        assert!(far.contains("AUTH_ISSUER, AUTH_LEEWAY_SECONDS"), "{far}");
    }

    #[test]
    fn variables_known_or_of_other_programs_are_accepted() {
        for name in NAMES.into_iter().chain(["HOME", "AUTHOR", "OAUTH_ISSUER", "SSH_AUTH_SOCK", "XAUTH_ISSUR"]) {
            assert_eq!(line(name), None, "{name}");
        }
    }

    #[test]
    fn variables_of_kubernetes_service_links_are_accepted() {
        for name in [
            "AUTH_SERVICE_HOST",
            "AUTH_SERVICE_PORT",
            "AUTH_SERVICE_PORT_HTTP",
            "AUTH_PORT",
            "AUTH_PORT_8080_TCP",
            "AUTH_PORT_8080_TCP_ADDR",
            "AUTH_SERVER_PORT_53_UDP_PROTO",
        ] {
            assert_eq!(line(name), None, "{name}");
        }
        for slip in ["AUTH_PORTAL", "AUTH_SERVICE_PORTS", "AUTH_SERVICE"] {
            assert!(line(slip).is_some(), "{slip}");
        }
    }

    #[test]
    fn variables_that_the_sources_read_are_known() {
        let sources =
            [include_str!("mod.rs"), include_str!("auth.rs"), include_str!("issuers.rs"), include_str!("claims.rs")];
        let mut read = 0;
        for word in sources.iter().flat_map(|source| source.split('"')) {
            let is_name = PREFIXES.iter().any(|prefix| word.starts_with(prefix))
                && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            if is_name {
                read += 1;
                assert!(NAMES.contains(&word), "{word} is read, but not known");
            }
        }
        assert!(read >= NAMES.len(), "{read} names were found");
    }

    #[test]
    fn variables_are_all_in_the_readme_and_the_example() {
        let (readme, example) = (include_str!("../../../../README.md"), include_str!("../../../../.env.example"));
        for name in NAMES {
            assert!(readme.contains(&format!("| `{name}` |")), "README.md, Configuration, lacks {name}");
            assert!(example.contains(&format!("#{name}=")), ".env.example lacks {name}");
        }
    }
}
