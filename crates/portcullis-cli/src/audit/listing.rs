//! The table of all routes that `server audit` prints, compared with what the program serves.

use portcullis_server::registry::{self, RegistryError, Served};

use super::report::columns;
use super::routes::{self, Group, Route};
use crate::Program;

/// Returns the table of all routes of `program`: method and path, right, scopes, who may call them.
#[must_use]
pub fn table(program: &Program) -> String {
    let routes = routes::all(program.registry());
    let mut text = String::new();
    for group in Group::ALL {
        let mut rows = vec![["", "RIGHT", "SCOPES", "WHO MAY CALL IT"].map(str::to_owned)];
        group.title().to_uppercase().clone_into(&mut rows[0][0]);
        for route in routes.iter().filter(|route| route.group == group) {
            let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            rows.push([
                route.name(),
                or_dash(route.right.unwrap_or_default()),
                or_dash(&route.scopes()),
                who(program, route),
            ]);
        }
        text += &columns(&rows);
        text.push('\n');
    }
    text
}

/// Returns who may call `route`, with the matching accounts of the development provider.
fn who(program: &Program, route: &Route) -> String {
    let accounts = match route.guard {
        routes::Guard::Gate(access) => {
            program.dev_provider.map(|provider| provider.accounts_with(access)).unwrap_or_default()
        }
        routes::Guard::Refusal | routes::Guard::Open => Vec::new(),
    };
    match (accounts.as_slice(), route.purpose) {
        ([], None) => route.who(),
        ([], Some(purpose)) => format!("{} ({purpose})", route.who()),
        (accounts, _) => format!("{} (here: {})", route.who(), accounts.join(", ")),
    }
}

/// Returns the table, and an error if `program` serves something else than its registry declares.
///
/// # Errors
/// [`RegistryError`] names the first difference.
pub fn checked(program: &Program, served: &Served) -> (String, Result<(), RegistryError>) {
    (table(program), registry::check(program.registry(), served))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_program::PROGRAM;
    use portcullis::Surface;

    #[test]
    fn table_lists_right_scopes_and_callers_of_each_route() {
        let table = table(&PROGRAM);
        let line = |name: &str| {
            let of = table.lines().find(|line| line.starts_with(name));
            of.unwrap_or_else(|| panic!("{name} is missing:\n{table}")).to_owned()
        };
        for route in routes::all(PROGRAM.registry()) {
            line(&route.name());
        }
        let item = line("GET /api/notes/{id}");
        for words in ["ReadNotes", "read:notes", "users with read:notes"] {
            assert!(item.contains(words), "{words}: {item}");
        }
        assert!(item.contains("(here: Ada, Ben)"), "{item}");
        assert!(line("GET /healthz").contains("anyone (whether the process runs)"));
        assert!(line("GET /notes ").contains("anyone: an empty page (the client shows it to users with read:notes)"));
        assert!(line("POST /api/{*rest}").ends_with("no one"));
    }

    #[test]
    fn checked_fails_for_an_undeclared_path() {
        let registry = PROGRAM.registry();
        let declared = |surface| registry.endpoints().filter(move |one| one.surface == surface);
        let mut served = Served {
            rest: declared(Surface::Rest).copied().collect(),
            server_fns: declared(Surface::ServerFn).map(registry::name).collect(),
            pages: registry.pages().map(|page| page.path.to_owned()).collect(),
            open: registry.open_paths().iter().map(|open| open.path.to_owned()).collect(),
        };
        assert_eq!(checked(&PROGRAM, &served).1, Ok(()));
        served.open.insert("/leak".into());
        assert_eq!(checked(&PROGRAM, &served).1, Err(RegistryError::UndeclaredOpenPath("/leak".into())));
    }
}
