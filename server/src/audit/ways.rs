//! Every way into the server, from the registry alone: what is declared, and samples of what is not.

use app::registry::REGISTRY;
use portcullis::{Access, DeclaredEndpoint, Method, Surface};

/// The methods by which what is undeclared is asked for: those of the registry.
const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Put, Method::Delete];

/// An id that names nothing: the store makes ids from the time, and this one is of the year 1970.
const NOTHING: &str = "000000000000000000000000";

/// What sort of way it is; reports are in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// A REST endpoint under `/api`.
    Rest,
    /// A server function under `/rpc`.
    ServerFn,
    /// A page.
    Page,
    /// A path that is open on purpose.
    Operational,
    /// What nobody declared: it must be refused.
    Undeclared,
}

impl Group {
    /// Every group, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Rest, Self::ServerFn, Self::Page, Self::Operational, Self::Undeclared];

    /// What the group is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rest => "REST endpoints",
            Self::ServerFn => "Server functions",
            Self::Page => "Pages",
            Self::Operational => "Static and operational paths",
            Self::Undeclared => "Undeclared",
        }
    }
}

/// What stands before a way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// The gate, with the access that the right asks for.
    Gate(Access),
    /// The gate, and nothing behind it.
    Refusal,
    /// Nothing: it is open by declaration.
    Open,
}

/// One way into the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// What sort it is.
    pub group: Group,
    /// The method.
    pub method: &'static str,
    /// The path as it is declared, with `{name}` for its parameters.
    pub path: String,
    /// The name of the right that it takes, where it takes one.
    pub right: Option<&'static str>,
    /// What stands before it.
    pub guard: Guard,
    /// Of a page: who is shown it by the client, which is no protection.
    pub shown_to: Option<Access>,
    /// What it is for, where the registry says so.
    pub purpose: Option<&'static str>,
}

impl Way {
    fn undeclared(method: &'static str, path: &str) -> Self {
        let (group, path, guard) = (Group::Undeclared, path.to_owned(), Guard::Refusal);
        Self { group, method, path, right: None, guard, shown_to: None, purpose: None }
    }

    fn open(group: Group, path: &str) -> Self {
        let (path, guard) = (path.to_owned(), Guard::Open);
        Self { group, method: "GET", path, right: None, guard, shown_to: None, purpose: None }
    }

    /// `METHOD PATH`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path to ask for: its parameters filled with what names nothing.
    #[must_use]
    pub fn address(&self) -> String {
        let fill = |segment: &str| if segment.starts_with('{') { NOTHING.to_owned() } else { segment.to_owned() };
        self.path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }

    /// The scopes that it takes, separated by spaces; empty where it takes none.
    #[must_use]
    pub fn scopes(&self) -> String {
        let access = match self.guard {
            Guard::Gate(access) => access,
            Guard::Refusal | Guard::Open => Access::Public,
        };
        access.scopes().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Who may call it, in words.
    #[must_use]
    pub fn who(&self) -> String {
        let granted = |access: Access| match access {
            Access::Public => "anyone".to_owned(),
            Access::SignedIn => "whoever is signed in".to_owned(),
            Access::Scopes(_) => format!("whoever was granted {}", list(access)),
        };
        match (self.guard, self.shown_to) {
            (Guard::Gate(access), _) => granted(access),
            (Guard::Refusal, _) => "nobody".to_owned(),
            (Guard::Open, Some(access)) if access != Access::Public => {
                format!("anyone: an empty frame (the client fills it for {})", granted(access))
            }
            (Guard::Open, _) => "anyone".to_owned(),
        }
    }
}

fn list(access: Access) -> String {
    access.scopes().iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// Every way in. The undeclared ones are the roots of both surfaces, and, by each method of the registry, a path of each
/// surface that does not exist, and the declared paths where they are not declared by it.
#[must_use]
pub fn all() -> Vec<Way> {
    let mut ways: Vec<Way> = REGISTRY.endpoints().map(of_endpoint).collect();
    // Stable: within a group the order is that of the registry.
    ways.sort_by_key(|way| way.group);
    for page in REGISTRY.pages() {
        ways.push(Way { shown_to: Some(page.access), ..Way::open(Group::Page, page.path) });
    }
    for open in REGISTRY.open_paths() {
        ways.push(Way { purpose: Some(open.purpose), ..Way::open(Group::Operational, open.path) });
    }
    for root in ["/api", "/rpc"] {
        ways.push(Way::undeclared("GET", root));
        ways.push(Way::undeclared("GET", &format!("{root}/")));
        for method in METHODS {
            ways.push(Way::undeclared(method.as_str(), &format!("{root}/{{*rest}}")));
        }
    }
    for method in METHODS.map(Method::as_str) {
        for DeclaredEndpoint { path, .. } in REGISTRY.endpoints() {
            let is_known = |way: &Way| way.path == *path && way.method == method;
            if !ways.iter().any(is_known) {
                ways.push(Way::undeclared(method, path));
            }
        }
    }
    ways
}

fn of_endpoint(endpoint: &DeclaredEndpoint) -> Way {
    Way {
        group: match endpoint.surface {
            Surface::Rest => Group::Rest,
            Surface::ServerFn => Group::ServerFn,
        },
        method: endpoint.method.as_str(),
        path: endpoint.path.to_owned(),
        right: Some(endpoint.right.name),
        guard: Guard::Gate(endpoint.right.access),
        shown_to: None,
        purpose: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(group: Group) -> Vec<String> {
        all().iter().filter(|way| way.group == group).map(Way::name).collect()
    }

    #[test]
    fn everything_in_the_registry_is_a_way() {
        for endpoint in REGISTRY.endpoints() {
            let name = crate::registry::name(endpoint);
            let way = all().into_iter().find(|way| way.name() == name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(way.guard, Guard::Gate(endpoint.right.access), "{name}");
        }
        let gets = |paths: Vec<&str>| paths.iter().map(|path| format!("GET {path}")).collect::<Vec<_>>();
        assert_eq!(names(Group::Page), gets(REGISTRY.pages().map(|page| page.path).collect()));
        assert_eq!(names(Group::Operational), gets(REGISTRY.open_paths().iter().map(|open| open.path).collect()));
    }

    #[test]
    fn the_undeclared_ways_hold_nothing_that_is_declared() {
        let undeclared = names(Group::Undeclared);
        for name in [
            "GET /api",
            "GET /rpc/",
            "GET /api/{*rest}",
            "POST /rpc/{*rest}",
            "DELETE /rpc/{*rest}",
            "GET /rpc/items/get",
            "DELETE /rpc/items/get",
            "PUT /api/items",
            "PUT /api/item/single/{id}",
        ] {
            assert!(undeclared.iter().any(|known| known == name), "{name} is missing");
        }
        // Whatever is there can be asked for by every method.
        for endpoint in REGISTRY.endpoints() {
            let of_path = all().iter().filter(|way| way.path == endpoint.path).count();
            assert_eq!(of_path, METHODS.len(), "{}", endpoint.path);
        }
        let mut all: Vec<_> = all().iter().map(Way::name).collect();
        let number = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), number, "a way stands twice");
    }

    #[test]
    fn parameters_are_filled_with_what_names_nothing() {
        let of = |path: &str| Way::undeclared("GET", path).address();
        assert_eq!(of("/api/item/single/{id}"), "/api/item/single/000000000000000000000000");
        assert_eq!(of("/{*file}"), "/000000000000000000000000");
        assert_eq!(of("/api/"), "/api/");
    }
}
