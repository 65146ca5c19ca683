//! The routes of the server: those that the registry declares, and a sample of undeclared ones.

use portcullis::{Access, DeclaredEndpoint, Method, Registry, Surface};

/// The methods to try on undeclared routes: those of the registry.
const REGISTRY_METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Put, Method::Delete];

/// An id that no record has: ids contain the time of their creation, and this one is of the year 1970.
const UNUSED_ID: &str = "000000000000000000000000";

/// The groups of routes, in the order of reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// A REST endpoint under `/api`.
    Rest,
    /// A server function under `/rpc`.
    ServerFn,
    /// A page.
    Page,
    /// A static file or an operational path, open by declaration.
    Operational,
    /// Not declared, so every request must be rejected.
    Undeclared,
}

impl Group {
    /// All groups, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Rest, Self::ServerFn, Self::Page, Self::Operational, Self::Undeclared];

    /// Returns the name for reports.
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

/// What protects a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// The gate, with the access that the right requires.
    Gate(Access),
    /// The gate, without a handler behind it.
    Refusal,
    /// Nothing: the route is open by declaration.
    Open,
}

/// One route.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The group.
    pub group: Group,
    /// The HTTP method.
    pub method: &'static str,
    /// The path as declared, with `{name}` for each parameter.
    pub path: String,
    /// The name of the right that it requires, if any.
    pub right: Option<&'static str>,
    /// What protects it.
    pub guard: Guard,
    /// Of a page: who the client shows it to. This protects nothing.
    pub shown_to: Option<Access>,
    /// The purpose, if the registry has one.
    pub purpose: Option<&'static str>,
}

impl Route {
    fn undeclared(method: &'static str, path: &str) -> Self {
        let (group, path, guard) = (Group::Undeclared, path.to_owned(), Guard::Refusal);
        Self { group, method, path, right: None, guard, shown_to: None, purpose: None }
    }

    fn open(group: Group, path: &str) -> Self {
        let (path, guard) = (path.to_owned(), Guard::Open);
        Self { group, method: "GET", path, right: None, guard, shown_to: None, purpose: None }
    }

    /// Returns `METHOD PATH`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns the path to request, with an unused id for each parameter.
    #[must_use]
    pub fn request_path(&self) -> String {
        let fill = |segment: &str| if segment.starts_with('{') { UNUSED_ID.to_owned() } else { segment.to_owned() };
        self.path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }

    /// Returns the scopes that it requires, separated by spaces.
    #[must_use]
    pub fn scopes(&self) -> String {
        let access = match self.guard {
            Guard::Gate(access) => access,
            Guard::Refusal | Guard::Open => Access::Public,
        };
        access.scopes().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Returns who may call it, in words.
    #[must_use]
    pub fn who(&self) -> String {
        let granted = |access: Access| match access {
            Access::Public => "anyone".to_owned(),
            Access::SignedIn => "signed-in users".to_owned(),
            Access::Scopes(_) => format!("users with {}", list(access)),
        };
        match (self.guard, self.shown_to) {
            (Guard::Gate(access), _) => granted(access),
            (Guard::Refusal, _) => "no one".to_owned(),
            (Guard::Open, Some(access)) if access != Access::Public => {
                format!("anyone: an empty page (the client shows it to {})", granted(access))
            }
            (Guard::Open, _) => "anyone".to_owned(),
        }
    }
}

fn list(access: Access) -> String {
    access.scopes().iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// Returns all routes of the app with `registry`. The undeclared ones are the roots of both surfaces, a path in each that
/// does not exist, and every declared path with each method that it is not declared for.
#[must_use]
pub fn all(registry: &Registry) -> Vec<Route> {
    let mut routes: Vec<Route> = registry.endpoints().map(of_endpoint).collect();
    // A stable sort keeps the order of the registry within a group.
    routes.sort_by_key(|route| route.group);
    for page in registry.pages() {
        routes.push(Route { shown_to: Some(page.access), ..Route::open(Group::Page, page.path) });
    }
    for open in registry.open_paths() {
        routes.push(Route { purpose: Some(open.purpose), ..Route::open(Group::Operational, open.path) });
    }
    for root in ["/api", "/rpc"] {
        routes.push(Route::undeclared("GET", root));
        routes.push(Route::undeclared("GET", &format!("{root}/")));
        for method in REGISTRY_METHODS {
            routes.push(Route::undeclared(method.as_str(), &format!("{root}/{{*rest}}")));
        }
    }
    for method in REGISTRY_METHODS.map(Method::as_str) {
        for DeclaredEndpoint { path, .. } in registry.endpoints() {
            let is_known = |route: &Route| route.path == *path && route.method == method;
            if !routes.iter().any(is_known) {
                routes.push(Route::undeclared(method, path));
            }
        }
    }
    routes
}

fn of_endpoint(endpoint: &DeclaredEndpoint) -> Route {
    Route {
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
    use crate::test_program::REGISTRY;

    fn names(group: Group) -> Vec<String> {
        all(&REGISTRY).iter().filter(|route| route.group == group).map(Route::name).collect()
    }

    #[test]
    fn routes_contain_the_registry() {
        for endpoint in REGISTRY.endpoints() {
            let name = portcullis_server::registry::name(endpoint);
            let route =
                all(&REGISTRY).into_iter().find(|route| route.name() == name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(route.guard, Guard::Gate(endpoint.right.access), "{name}");
        }
        let gets = |paths: Vec<&str>| paths.iter().map(|path| format!("GET {path}")).collect::<Vec<_>>();
        assert_eq!(names(Group::Page), gets(REGISTRY.pages().map(|page| page.path).collect()));
        assert_eq!(names(Group::Operational), gets(REGISTRY.open_paths().iter().map(|open| open.path).collect()));
    }

    #[test]
    fn undeclared_routes_are_not_in_the_registry() {
        let undeclared = names(Group::Undeclared);
        for name in [
            "GET /api",
            "GET /rpc/",
            "GET /api/{*rest}",
            "POST /rpc/{*rest}",
            "DELETE /rpc/{*rest}",
            "GET /rpc/notes/get",
            "DELETE /rpc/notes/get",
            "PUT /api/notes",
            "PUT /api/notes/{id}",
        ] {
            assert!(undeclared.iter().any(|known| known == name), "{name} is missing");
        }
        // Every path is tried with every method.
        for endpoint in REGISTRY.endpoints() {
            let of_path = all(&REGISTRY).iter().filter(|route| route.path == endpoint.path).count();
            assert_eq!(of_path, REGISTRY_METHODS.len(), "{}", endpoint.path);
        }
        let mut all: Vec<_> = all(&REGISTRY).iter().map(Route::name).collect();
        let number = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), number, "a route is listed twice");
    }

    #[test]
    fn request_path_has_an_unused_id_for_each_parameter() {
        let of = |path: &str| Route::undeclared("GET", path).request_path();
        assert_eq!(of("/api/notes/{id}"), "/api/notes/000000000000000000000000");
        assert_eq!(of("/{*file}"), "/000000000000000000000000");
        assert_eq!(of("/api/"), "/api/");
    }
}
