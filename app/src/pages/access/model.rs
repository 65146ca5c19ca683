//! What scopes open, read off the registry. Pure.

use portcullis::{Access, DeclaredEndpoint, Page, Resource, Scope, Scopes, Surface};

/// A page or an endpoint, and whether it opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// How it is asked for: `GET`, `POST`; pages are got.
    pub method: &'static str,
    /// The path, with `{name}` for its parameters.
    pub path: &'static str,
    /// What it is: a page's title, or the sort of endpoint.
    pub what: &'static str,
    /// The right that an endpoint takes.
    pub right: Option<&'static str>,
    /// What it asks of whoever comes.
    pub access: Access,
    /// The scopes that are missing; it opens when there are none.
    pub missing: Vec<Scope>,
}

impl Way {
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

    /// Whether it opens to the scopes that it was made for.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.missing.is_empty()
    }
}

/// What of `resource` opens to someone who is signed in and was `granted` these scopes: its pages, then its endpoints.
#[must_use]
pub fn ways(resource: &Resource, granted: &Scopes) -> Vec<Way> {
    let pages = resource.pages.iter().map(|page| Way::page(page, granted));
    pages.chain(resource.endpoints().map(|endpoint| Way::endpoint(endpoint, granted))).collect()
}

/// The scopes that are missing for any of `ways`, once each, in their order.
#[must_use]
pub fn missing(ways: &[Way]) -> Vec<Scope> {
    let mut missing = Vec::new();
    for scope in ways.iter().flat_map(|way| &way.missing) {
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

    fn all(granted: &str) -> Vec<Way> {
        REGISTRY.resources().iter().flat_map(|resource| ways(resource, &Scopes::parse(granted))).collect()
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
                assert_eq!(caller.has(way.access).is_ok(), way.opens(), "{} with {granted:?}", way.path);
            }
        }
    }

    #[test]
    fn route_without_scopes_opens_or_names_what_is_missing() {
        for way in all("") {
            match way.access {
                Access::Scopes(scopes) => assert_eq!(way.missing, scopes, "{}", way.path),
                Access::Public | Access::SignedIn => assert!(way.opens(), "{}", way.path),
            }
        }
        assert!(missing(&all("")).contains(&Scope("read:items")));
        assert_eq!(missing(&all("read:items write:items delete:items")), []);
    }
}
