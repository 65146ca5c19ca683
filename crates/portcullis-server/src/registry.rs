//! Deny by default, at startup: what is served must be exactly what is declared.

use std::collections::BTreeSet;

use portcullis::{DeclaredEndpoint, Registry, Surface};

/// A difference between what is served and what is declared.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// A server function without a declaration.
    #[error("the server function {0} is registered but not declared: add it to its resource's `endpoints`")]
    UndeclaredServerFn(String),
    /// A declaration without a server function.
    #[error("the server function {0} is declared but does not exist")]
    MissingServerFn(String),
    /// A REST endpoint without a declaration.
    #[error("the REST endpoint {0} is served but not declared: add it to its resource's `endpoints`")]
    UndeclaredEndpoint(String),
    /// A declaration without a REST endpoint.
    #[error("the REST endpoint {0} is declared but not served: add it to the `Api` of its resource")]
    MissingEndpoint(String),
    /// A page without a declaration.
    #[error("the page {0} is routed but not declared: add it to its resource's `pages`")]
    UndeclaredPage(String),
    /// An open path without a declaration.
    #[error("the path {0} is open but not declared")]
    UndeclaredOpenPath(String),
    /// A declaration without an open path.
    #[error("the open path {0} is declared but not served")]
    MissingOpenPath(String),
    /// A declaration without a page.
    #[error("the page {0} is declared but not routed: add it to the routes of the root component")]
    MissingPage(String),
}

/// What the program serves, as each part of it says of itself.
#[derive(Debug, Default)]
pub struct Served {
    /// `METHOD PATH` of every REST endpoint.
    pub rest: BTreeSet<String>,
    /// `METHOD PATH` of every server function that Leptos knows.
    pub server_fns: BTreeSet<String>,
    /// The path of every page that Leptos routes.
    pub pages: BTreeSet<String>,
    /// Every path that is open to everyone.
    pub open: BTreeSet<String>,
}

/// `METHOD PATH`, as errors and the tests name an endpoint.
#[must_use]
pub fn name(endpoint: &DeclaredEndpoint) -> String {
    format!("{} {}", endpoint.method.as_str(), endpoint.path)
}

/// Compares what is served with what is declared.
///
/// # Errors
/// The first difference, with the name of what it concerns.
pub fn check(registry: &Registry, served: &Served) -> Result<(), RegistryError> {
    let declared = |surface| {
        let of_surface = registry.endpoints().filter(move |endpoint| endpoint.surface == surface);
        of_surface.map(name).collect::<BTreeSet<_>>()
    };
    let pages = registry.pages().map(|page| page.path.to_owned()).collect();
    same(
        &served.server_fns,
        &declared(Surface::ServerFn),
        RegistryError::UndeclaredServerFn,
        RegistryError::MissingServerFn,
    )?;
    same(&served.rest, &declared(Surface::Rest), RegistryError::UndeclaredEndpoint, RegistryError::MissingEndpoint)?;
    same(&served.pages, &pages, RegistryError::UndeclaredPage, RegistryError::MissingPage)?;
    let open = registry.open_paths().iter().map(|open| open.path.to_owned()).collect();
    same(&served.open, &open, RegistryError::UndeclaredOpenPath, RegistryError::MissingOpenPath)
}

fn same(
    served: &BTreeSet<String>,
    declared: &BTreeSet<String>,
    undeclared: fn(String) -> RegistryError,
    missing: fn(String) -> RegistryError,
) -> Result<(), RegistryError> {
    if let Some(name) = served.difference(declared).next() {
        return Err(undeclared(name.clone()));
    }
    match declared.difference(served).next() {
        Some(name) => Err(missing(name.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use portcullis::{Access, DeclaredRight, Endpoint, Page, Resource, Right};

    use super::*;

    struct Read;
    impl Right for Read {
        const NAME: &'static str = "Read";
        const ACCESS: Access = Access::SignedIn;
        const IS_READ_ONLY: bool = true;
    }

    static REGISTRY: Registry = Registry::new(&[&Resource {
        name: "notes",
        rights: &[DeclaredRight::of::<Read>()],
        endpoints: &[
            Endpoint::<Read>::get("/api/notes").declared(),
            Endpoint::<Read>::server_fn("/rpc/notes/list").declared(),
        ],
        pages: &[Page { path: "/notes", title: "Notes", access: Read::ACCESS, in_navigation: true }],
    }]);

    fn complete() -> Served {
        let named = |surface| REGISTRY.endpoints().filter(move |e| e.surface == surface).map(name).collect();
        Served {
            rest: named(Surface::Rest),
            server_fns: named(Surface::ServerFn),
            pages: REGISTRY.pages().map(|page| page.path.to_owned()).collect(),
            open: REGISTRY.open_paths().iter().map(|open| open.path.to_owned()).collect(),
        }
    }

    #[test]
    fn what_is_declared_may_be_served() {
        assert_eq!(check(&REGISTRY, &complete()), Ok(()));
    }

    #[test]
    fn whatever_is_not_declared_stops_the_start_with_its_name() {
        let with = |add: fn(&mut Served)| {
            let mut served = complete();
            add(&mut served);
            check(&REGISTRY, &served).expect_err("a difference")
        };
        assert_eq!(
            with(|s| _ = s.server_fns.insert("POST /rpc/leak".into())),
            RegistryError::UndeclaredServerFn("POST /rpc/leak".into())
        );
        assert_eq!(
            with(|s| _ = s.rest.insert("GET /api/leak".into())),
            RegistryError::UndeclaredEndpoint("GET /api/leak".into())
        );
        assert_eq!(with(|s| _ = s.pages.insert("/leak".into())), RegistryError::UndeclaredPage("/leak".into()));
        assert_eq!(with(|s| _ = s.open.insert("/leak".into())), RegistryError::UndeclaredOpenPath("/leak".into()));
    }

    #[test]
    fn whatever_was_forgotten_is_named() {
        let without = |remove: fn(&mut Served) -> Option<String>| {
            let mut served = complete();
            let name = remove(&mut served).expect("something to remove");
            (check(&REGISTRY, &served).expect_err("a difference"), name)
        };
        let (error, name) = without(|s| s.server_fns.pop_first());
        assert_eq!(error, RegistryError::MissingServerFn(name));
        let (error, name) = without(|s| s.rest.pop_first());
        assert_eq!(error, RegistryError::MissingEndpoint(name));
        let (error, name) = without(|s| s.pages.pop_first());
        assert_eq!(error, RegistryError::MissingPage(name));
        let (error, name) = without(|s| s.open.pop_first());
        assert_eq!(error, RegistryError::MissingOpenPath(name));
    }
}
