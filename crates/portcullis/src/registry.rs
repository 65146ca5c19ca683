//! The registry: every right, endpoint and page of an app, declared once.

use crate::{Access, DeclaredEndpoint, DeclaredRight};

/// A resource: its rights, endpoints and pages.
#[derive(Debug)]
pub struct Resource {
    /// The name of the resource.
    pub name: &'static str,
    /// The rights that its endpoints and its store require.
    pub rights: &'static [DeclaredRight],
    /// The endpoints under `/api` and `/rpc`, in groups.
    pub endpoints: &'static [&'static [DeclaredEndpoint]],
    /// The pages.
    pub pages: &'static [Page],
}

impl Resource {
    /// Returns the endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = &'static DeclaredEndpoint> + use<> {
        self.endpoints.iter().copied().flatten()
    }
}

/// A page of the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The path, with `{name}` for each parameter.
    pub path: &'static str,
    /// The title in the navigation and the browser tab.
    pub title: &'static str,
    /// The access that the page requires.
    pub access: Access,
    /// Whether the navigation links to the page.
    pub in_navigation: bool,
}

/// A path that is open to everyone and exposes no resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenPath {
    /// The path. `{*name}` matches the rest of it.
    pub path: &'static str,
    /// The purpose of the path, for the audit.
    pub purpose: &'static str,
}

/// The liveness check.
pub const HEALTH: OpenPath = OpenPath { path: "/healthz", purpose: "whether the process runs" };
/// The readiness check: whether the server can handle requests now.
pub const READINESS: OpenPath = OpenPath { path: "/readyz", purpose: "whether there are keys, and the store answers" };
/// The protected resource metadata, which tells clients how to get access (RFC 9728 §3).
pub const METADATA: OpenPath =
    OpenPath { path: "/.well-known/oauth-protected-resource", purpose: "issuers and scopes, for clients" };
/// The files of the built client and of the folder `public/`.
pub const FILES: OpenPath = OpenPath { path: "/{*file}", purpose: "the client's files, and 404 for all the rest" };

/// All resources of an app.
#[derive(Debug)]
pub struct Registry {
    resources: &'static [&'static Resource],
}

impl Registry {
    /// Creates a registry of the resources of an app, in the order of the navigation.
    #[must_use]
    pub const fn new(resources: &'static [&'static Resource]) -> Self {
        Self { resources }
    }

    /// Returns the resources.
    #[must_use]
    pub const fn resources(&self) -> &'static [&'static Resource] {
        self.resources
    }

    /// Returns the declared endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = &'static DeclaredEndpoint> + use<> {
        self.resources.iter().flat_map(|resource| resource.endpoints())
    }

    /// Returns the declared pages.
    pub fn pages(&self) -> impl Iterator<Item = &'static Page> + use<> {
        self.resources.iter().flat_map(|resource| resource.pages)
    }

    /// Returns the open paths. They belong to Portcullis, and an app cannot add one.
    #[must_use]
    pub const fn open_paths(&self) -> &'static [OpenPath] {
        &[HEALTH, READINESS, METADATA, FILES]
    }

    /// Returns all scopes that rights require, without duplicates, in the order of declaration.
    #[must_use]
    pub fn scopes(&self) -> Vec<&'static str> {
        let mut scopes = Vec::new();
        for scope in self.resources.iter().flat_map(|resource| resource.rights).flat_map(|right| right.access.scopes())
        {
            if !scopes.contains(&scope.0) {
                scopes.push(scope.0);
            }
        }
        scopes
    }
}
