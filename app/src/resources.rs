//! The registry: every right, endpoint and page of the program, declared once.
//!
//! The server's router, the gate, the page guards, the navigation, the start-up checks and the tests read
//! this table and no other. What does not stand here is refused.

use crate::items;
use crate::pages;
use crate::policy::{Access, Right};
use crate::session;

/// One resource: what it lets people do and where.
#[derive(Debug)]
pub struct Resource {
    /// The resource's name, for people.
    pub name: &'static str,
    /// The rights that its endpoints and its store take.
    pub rights: &'static [DeclaredRight],
    /// The endpoints under `/api` and `/rpc`.
    pub endpoints: &'static [Endpoint],
    /// The pages.
    pub pages: &'static [Page],
}

/// A right as the registry lists it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeclaredRight {
    /// [`Right::NAME`].
    pub name: &'static str,
    /// [`Right::ACCESS`].
    pub access: Access,
    /// [`Right::IS_READ_ONLY`].
    pub is_read_only: bool,
}

impl DeclaredRight {
    /// The entry of the right `R`.
    #[must_use]
    pub const fn of<R: Right>() -> Self {
        Self { name: R::NAME, access: R::ACCESS, is_read_only: R::IS_READ_ONLY }
    }
}

/// How an endpoint is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Surface {
    /// A REST endpoint under `/api`.
    Rest,
    /// A Leptos server function under `/rpc`.
    ServerFn,
}

/// An HTTP method that an endpoint may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Safe, cacheable, without a body.
    Get,
    /// Everything else that a server function or a creation needs.
    Post,
    /// Replaces what is there; twice is as good as once.
    Put,
    /// Takes away what is there.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A way into the server that is guarded by a right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// REST or server function.
    pub surface: Surface,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for its parameters.
    pub path: &'static str,
    /// The right that it takes.
    pub right: DeclaredRight,
}

impl Endpoint {
    /// Declares a REST endpoint that takes the right `R`.
    #[must_use]
    pub const fn rest<R: Right>(method: Method, path: &'static str) -> Self {
        Self { surface: Surface::Rest, method, path, right: DeclaredRight::of::<R>() }
    }

    /// Returns whether a request to it can change something. All server functions are POST: their right tells.
    #[must_use]
    pub fn is_write(&self) -> bool {
        match self.surface {
            Surface::Rest => self.method != Method::Get,
            Surface::ServerFn => !self.right.is_read_only,
        }
    }

    /// Declares a server function that takes the right `R`; `path` is its prefix and endpoint.
    #[must_use]
    pub const fn server_fn<R: Right>(path: &'static str) -> Self {
        Self { surface: Surface::ServerFn, method: Method::Post, path, right: DeclaredRight::of::<R>() }
    }
}

/// A page of the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The path, with `{name}` for its parameters.
    pub path: &'static str,
    /// What the page is called, in the navigation and in its title.
    pub title: &'static str,
    /// Who is shown it.
    pub access: Access,
    /// Whether it stands in the navigation.
    pub in_navigation: bool,
}

/// A path that is open to everyone on purpose, since nothing of any resource is behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenPath {
    /// The path; `{*name}` stands for all the rest of it.
    pub path: &'static str,
    /// What it is for, in words.
    pub purpose: &'static str,
}

/// Whether the process runs.
pub const HEALTH: OpenPath = OpenPath { path: "/healthz", purpose: "whether the process runs" };
/// Whether requests can be served now.
pub const READINESS: OpenPath = OpenPath { path: "/readyz", purpose: "whether there are keys, and the store answers" };
/// What a client must know to be let in (RFC 9728 §3).
pub const METADATA: OpenPath =
    OpenPath { path: "/.well-known/oauth-protected-resource", purpose: "issuers and scopes, for clients" };
/// The built client and what lies in `public/`.
pub const FILES: OpenPath = OpenPath { path: "/{*file}", purpose: "the client's files, and 404 for all the rest" };

/// Every open path.
pub static OPEN_PATHS: &[OpenPath] = &[HEALTH, READINESS, METADATA, FILES];

/// Every resource, in the order of the navigation. A new one is one line here.
pub static RESOURCES: &[&Resource] = &[&items::RESOURCE, &session::RESOURCE, &pages::RESOURCE];

/// Every declared endpoint.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    RESOURCES.iter().flat_map(|resource| resource.endpoints)
}

/// Every declared page.
pub fn all_pages() -> impl Iterator<Item = &'static Page> {
    RESOURCES.iter().flat_map(|resource| resource.pages)
}

/// Every scope that some right asks for, once each, in the order of declaration.
#[must_use]
pub fn scopes() -> Vec<&'static str> {
    let mut scopes = Vec::new();
    for scope in RESOURCES.iter().flat_map(|resource| resource.rights).flat_map(|right| right.access.scopes()) {
        if !scopes.contains(&scope.0) {
            scopes.push(scope.0);
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_declared_once_and_under_its_own_root() {
        let mut seen = std::collections::HashSet::new();
        for endpoint in endpoints() {
            let root = match endpoint.surface {
                Surface::Rest => "/api/",
                Surface::ServerFn => "/rpc/",
            };
            assert!(endpoint.path.starts_with(root), "{} is not under {root}", endpoint.path);
            assert!(seen.insert((endpoint.path, format!("{:?}", endpoint.method))), "{} twice", endpoint.path);
        }
        for path in all_pages().map(|page| page.path).chain(OPEN_PATHS.iter().map(|open| open.path)) {
            assert!(seen.insert((path, "open".into())), "{path} twice");
            assert!(!path.starts_with("/api") && !path.starts_with("/rpc"), "{path} is open and looks guarded");
        }
    }

    #[test]
    fn no_endpoint_is_open_to_everyone() {
        for endpoint in endpoints() {
            assert_ne!(endpoint.right.access, Access::Public, "{} is open", endpoint.path);
        }
    }

    #[test]
    fn endpoint_that_writes_takes_a_right_that_can() {
        for endpoint in endpoints() {
            assert_eq!(endpoint.is_write(), !endpoint.right.is_read_only, "{}", endpoint.path);
        }
        assert!(endpoints().filter(|endpoint| endpoint.is_write()).count() >= 8);
        assert!(endpoints().any(|endpoint| !endpoint.is_write()));
    }

    #[test]
    fn an_endpoint_takes_a_right_of_its_own_resource() {
        for resource in RESOURCES {
            for endpoint in resource.endpoints {
                assert!(resource.rights.contains(&endpoint.right), "{} of {}", endpoint.path, resource.name);
            }
        }
    }
}
