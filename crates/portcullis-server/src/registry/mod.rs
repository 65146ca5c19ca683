//! Deny by default, at startup: the declaration must be valid, and the served routes must be exactly the declared ones.

mod declaration;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use portcullis::{DeclaredEndpoint, Registry, Surface};

/// An error in the declaration, or a difference between the served and the declared routes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// An endpoint that is declared twice, or a path with more than one page or open path.
    #[error("{0} is declared twice")]
    DeclaredTwice(String),
    /// A REST endpoint outside of `/api/`, or a server function outside of `/rpc/`.
    #[error("the endpoint {0} must be under {1}: the gate is in front of no other path")]
    OutsideOfRoot(String, &'static str),
    /// A page or an open path under `/api` or `/rpc`.
    #[error("the page {0} must not be under /api or /rpc: the gate would refuse it")]
    PageBehindGate(String),
    /// An endpoint whose right is open to everyone.
    #[error("the endpoint {0} is open to everyone")]
    OpenEndpoint(String),
    /// An endpoint that requires a right of another resource.
    #[error("the endpoint {0} requires {1}: add it to the `rights` of its resource")]
    UndeclaredRight(String, &'static str),
    /// An endpoint that changes something, with a right that allows only reading: the security log would not record it.
    #[error("the endpoint {0} writes, but {1} has `IS_READ_ONLY`")]
    WriteWithReadOnlyRight(String, &'static str),
    /// A server function without a declaration.
    #[error(
        "the server function {0} is registered but not declared: add it to its resource's `endpoints`, and the resource to the registry"
    )]
    UndeclaredServerFn(String),
    /// A declaration without a server function.
    #[error("the server function {0} is declared but does not exist")]
    MissingServerFn(String),
    /// A REST endpoint without a declaration.
    #[error(
        "the REST endpoint {0} is served but not declared: add it to its resource's `endpoints`, and the resource to the registry"
    )]
    UndeclaredEndpoint(String),
    /// A declaration without a REST endpoint.
    #[error(
        "the REST endpoint {0} is declared but not served: add its record to the server's `records()`, or its handler to the `Api`"
    )]
    MissingEndpoint(String),
    /// A REST endpoint with two handlers.
    #[error("the REST endpoint {0} is served twice")]
    ServedTwice(String),
    /// A REST endpoint whose handler takes the permit of another right than the declared one.
    #[error("the REST endpoint {0} is served for {1} but declared for {2}: use the declared `Endpoint` in the `Api`")]
    ServedForOtherRight(String, &'static str, &'static str),
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
    #[error("the page {0} is declared but not routed: add it to its resource's `ROUTES` or to the root component")]
    MissingPage(String),
}

/// The routes that the server has, as reported by Axum and Leptos.
#[derive(Debug, Default)]
pub struct Served {
    /// Every REST endpoint, with the right whose permit its handler takes.
    pub rest: Vec<DeclaredEndpoint>,
    /// `METHOD PATH` of every server function that Leptos knows.
    pub server_fns: BTreeSet<String>,
    /// The path of every page that Leptos routes.
    pub pages: BTreeSet<String>,
    /// All open paths.
    pub open: BTreeSet<String>,
}

/// Returns `METHOD PATH`, the name of an endpoint in errors and tests.
#[must_use]
pub fn name(endpoint: &DeclaredEndpoint) -> String {
    format!("{} {}", endpoint.method.as_str(), endpoint.path)
}

/// Checks the declaration, and compares the served routes with it.
///
/// # Errors
/// The first error or difference, with the name of the route.
pub fn check(registry: &Registry, served: &Served) -> Result<(), RegistryError> {
    declaration::check(registry)?;
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
    let rest = served.rest.iter().map(name).collect();
    same(&rest, &declared(Surface::Rest), RegistryError::UndeclaredEndpoint, RegistryError::MissingEndpoint)?;
    check_handlers(registry, &served.rest)?;
    same(&served.pages, &pages, RegistryError::UndeclaredPage, RegistryError::MissingPage)?;
    let open = registry.open_paths().iter().map(|open| open.path.to_owned()).collect();
    same(&served.open, &open, RegistryError::UndeclaredOpenPath, RegistryError::MissingOpenPath)
}

/// Checks that each of the `served` REST endpoints has one handler, for the right that is declared. The gate requires the
/// right of the handler, so another one would open the endpoint to other callers than the registry says.
fn check_handlers(registry: &Registry, served: &[DeclaredEndpoint]) -> Result<(), RegistryError> {
    let mut seen = BTreeSet::new();
    for endpoint in served {
        let name = name(endpoint);
        let declared = registry.endpoints().find(|declared| self::name(declared) == name);
        if let Some(declared) = declared.filter(|declared| declared.right != endpoint.right) {
            return Err(RegistryError::ServedForOtherRight(name, endpoint.right.name, declared.right.name));
        }
        if !seen.insert(name.clone()) {
            return Err(RegistryError::ServedTwice(name));
        }
    }
    Ok(())
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
