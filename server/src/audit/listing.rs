//! The table of all routes that `server audit` prints, compared with what the program serves.

use portcullis_server::registry::{self, RegistryError, Served};

use super::report::columns;
use super::routes::{self, Group, Route};
use crate::DEV_PROVIDER;

/// Returns the table of all routes: method and path, right, scopes, who may call them.
#[must_use]
pub fn table() -> String {
    let routes = routes::all();
    let mut text = String::new();
    for group in Group::ALL {
        let mut rows = vec![["", "RIGHT", "SCOPES", "WHO MAY CALL IT"].map(str::to_owned)];
        group.title().to_uppercase().clone_into(&mut rows[0][0]);
        for route in routes.iter().filter(|route| route.group == group) {
            let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            rows.push([route.name(), or_dash(route.right.unwrap_or_default()), or_dash(&route.scopes()), who(route)]);
        }
        text += &columns(&rows);
        text.push('\n');
    }
    text
}

/// Returns who may call `route`, with the matching accounts of the development provider.
fn who(route: &Route) -> String {
    let accounts = match route.guard {
        routes::Guard::Gate(access) => DEV_PROVIDER.map(|provider| provider.accounts_with(access)).unwrap_or_default(),
        routes::Guard::Refusal | routes::Guard::Open => Vec::new(),
    };
    match (accounts.as_slice(), route.purpose) {
        ([], None) => route.who(),
        ([], Some(purpose)) => format!("{} ({purpose})", route.who()),
        (accounts, _) => format!("{} (here: {})", route.who(), accounts.join(", ")),
    }
}

/// Returns the table, and an error if the program serves something else than the registry declares.
///
/// # Errors
/// [`RegistryError`] names the first difference.
pub fn checked(served: &Served) -> (String, Result<(), RegistryError>) {
    (table(), registry::check(crate::APP.registry, served))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_lists_right_scopes_and_callers_of_each_route() {
        let table = table();
        let line = |name: &str| {
            let of = table.lines().find(|line| line.starts_with(name));
            of.unwrap_or_else(|| panic!("{name} is missing:\n{table}")).to_owned()
        };
        for route in routes::all() {
            line(&route.name());
        }
        let item = line("GET /api/item/single/{id}");
        for words in ["ReadItems", "read:items", "whoever was granted read:items"] {
            assert!(item.contains(words), "{words}: {item}");
        }
        assert_eq!(item.contains("(here: Ada, Ben, Cy)"), DEV_PROVIDER.is_some(), "{item}");
        assert!(line("GET /healthz").contains("anyone (whether the process runs)"));
        assert!(line("GET /items ").contains("anyone: an empty frame"));
        assert!(line("POST /api/{*rest}").ends_with("nobody"));
    }

    #[test]
    fn checked_fails_for_an_undeclared_path() {
        let mut served = portcullis_server::router::served(&crate::APP);
        assert_eq!(checked(&served).1, Ok(()));
        served.open.insert("/leak".into());
        assert_eq!(checked(&served).1, Err(RegistryError::UndeclaredOpenPath("/leak".into())));
    }
}
