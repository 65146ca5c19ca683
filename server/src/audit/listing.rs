//! The printed table of every way in, held against what the program serves.

use super::report::columns;
use super::ways::{self, Group, Way};
use crate::dev_provider;
use crate::registry::{self, RegistryError, Served};

/// The table of every way in: method and path, right, scopes, who may call it.
#[must_use]
pub fn table() -> String {
    let ways = ways::all();
    let mut text = String::new();
    for group in Group::ALL {
        let mut rows = vec![["", "RIGHT", "SCOPES", "WHO MAY CALL IT"].map(str::to_owned)];
        group.title().to_uppercase().clone_into(&mut rows[0][0]);
        for way in ways.iter().filter(|way| way.group == group) {
            let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            rows.push([way.name(), or_dash(way.right.unwrap_or_default()), or_dash(&way.scopes()), who(way)]);
        }
        text += &columns(&rows);
        text.push('\n');
    }
    text
}

/// Who may call `way`, with the accounts of the development provider among them.
fn who(way: &Way) -> String {
    let accounts = match way.guard {
        ways::Guard::Gate(access) => dev_provider::who_has(access),
        ways::Guard::Refusal | ways::Guard::Open => Vec::new(),
    };
    match (accounts.as_slice(), way.purpose) {
        ([], None) => way.who(),
        ([], Some(purpose)) => format!("{} ({purpose})", way.who()),
        (accounts, _) => format!("{} (here: {})", way.who(), accounts.join(", ")),
    }
}

/// The table, and whether what the program serves is what the table says.
///
/// # Errors
/// The first thing that is served and not declared, or declared and not served.
pub fn checked(served: &Served) -> (String, Result<(), RegistryError>) {
    (table(), registry::check(served))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_stands_there_with_its_method_right_scopes_and_callers() {
        let table = table();
        let line = |name: &str| {
            let of = table.lines().find(|line| line.starts_with(name));
            of.unwrap_or_else(|| panic!("{name} is missing:\n{table}")).to_owned()
        };
        for way in ways::all() {
            line(&way.name());
        }
        let item = line("GET /api/item/single/{id}");
        for words in ["ReadItems", "read:items", "whoever was granted read:items"] {
            assert!(item.contains(words), "{words}: {item}");
        }
        assert_eq!(item.contains("(here: Ada, Ben, Cy)"), dev_provider::IS_BUILT_IN, "{item}");
        assert!(line("GET /healthz").contains("anyone (whether the process runs)"));
        assert!(line("GET /items ").contains("anyone: an empty frame"));
        assert!(line("POST /api/{*rest}").ends_with("nobody"));
    }

    #[test]
    fn what_the_registry_does_not_hold_makes_it_fail() {
        let mut served = crate::router::served();
        assert_eq!(checked(&served).1, Ok(()));
        served.open.insert("/leak".into());
        assert_eq!(checked(&served).1, Err(RegistryError::UndeclaredOpenPath("/leak".into())));
    }
}
