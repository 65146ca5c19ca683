//! The routes of the registry, and what each requires in addition to granted scopes. Without I/O.

use portcullis::{Access, DeclaredEndpoint, Page, Resource, Scope, Scopes, Surface};

/// A page or an endpoint, and whether the granted scopes allow it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The method; `GET` for pages.
    pub method: &'static str,
    /// The path, with `{name}` for a parameter.
    pub path: &'static str,
    /// The title of a page, or the kind of endpoint.
    pub what: &'static str,
    /// The right that an endpoint requires.
    pub right: Option<&'static str>,
    /// The access that it requires.
    pub access: Access,
    /// The scopes that are missing.
    pub missing: Vec<Scope>,
}

impl Route {
    fn page(page: &Page, granted: &Scopes) -> Self {
        Self {
            method: "GET",
            path: page.path,
            what: page.title,
            right: None,
            access: page.access,
            missing: page.access.missing_from(granted),
        }
    }

    fn endpoint(endpoint: &DeclaredEndpoint, granted: &Scopes) -> Self {
        Self {
            method: endpoint.method.as_str(),
            path: endpoint.path,
            what: match endpoint.surface {
                Surface::Rest => "REST endpoint",
                Surface::ServerFn => "Server function",
            },
            right: Some(endpoint.right.name),
            access: endpoint.right.access,
            missing: endpoint.right.access.missing_from(granted),
        }
    }

    /// Returns whether no scope is missing.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Returns the pages of `resource`, then its endpoints, for a signed-in person who was `granted` these scopes.
#[must_use]
pub fn routes(resource: &Resource, granted: &Scopes) -> Vec<Route> {
    let pages = resource.pages.iter().map(|page| Route::page(page, granted));
    pages.chain(resource.endpoints().map(|endpoint| Route::endpoint(endpoint, granted))).collect()
}

/// Returns the scopes that are missing for any of `routes`, each once, in their order.
#[must_use]
pub fn missing(routes: &[Route]) -> Vec<Scope> {
    let mut missing = Vec::new();
    for scope in routes.iter().flat_map(|route| &route.missing) {
        if !missing.contains(scope) {
            missing.push(*scope);
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::REGISTRY;

    fn all(granted: &str) -> Vec<Route> {
        REGISTRY.resources().iter().flat_map(|resource| routes(resource, &Scopes::parse(granted))).collect()
    }

    #[test]
    fn routes_list_each_page_and_endpoint_once() {
        let listed: Vec<_> = all("").iter().map(|way| (way.method, way.path)).collect();
        let pages = crate::registry::REGISTRY.pages().map(|page| ("GET", page.path));
        let endpoints = crate::registry::REGISTRY.endpoints().map(|endpoint| (endpoint.method.as_str(), endpoint.path));
        let declared: Vec<_> = pages.chain(endpoints).collect();
        assert_eq!(listed.len(), declared.len());
        for way in declared {
            assert_eq!(listed.iter().filter(|listed| **listed == way).count(), 1, "{way:?}");
        }
    }

    #[test]
    fn route_opens_exactly_if_the_gate_admits() {
        for granted in ["", "read:items", "write:items", "read:items write:items delete:items"] {
            for way in all(granted) {
                let caller = portcullis::Caller {
                    issuer: "https://issuer.example".into(),
                    subject: None,
                    scopes: Scopes::parse(granted),
                };
                assert_eq!(caller.has(way.access).is_ok(), way.is_allowed(), "{} with {granted:?}", way.path);
            }
        }
    }

    #[test]
    fn route_without_scopes_opens_or_names_what_is_missing() {
        for way in all("") {
            match way.access {
                Access::Scopes(scopes) => assert_eq!(way.missing, scopes, "{}", way.path),
                Access::Public | Access::SignedIn => assert!(way.is_allowed(), "{}", way.path),
            }
        }
        assert!(missing(&all("")).contains(&Scope("read:items")));
        assert_eq!(missing(&all("read:items write:items delete:items")), []);
    }
}
