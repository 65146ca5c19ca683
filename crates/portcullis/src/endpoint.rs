//! Endpoints: the places where a right is used, over REST or by a server function.

use std::marker::PhantomData;

use crate::{Access, DeclaredRight, Right};

/// How an endpoint is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Surface {
    /// A REST endpoint under `/api`.
    Rest,
    /// A Leptos server function under `/rpc`.
    ServerFn,
}

/// The HTTP methods of endpoints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Creates a resource. Every server function also uses this method.
    Post,
    /// Replaces a resource.
    Put,
    /// Deletes a resource.
    Delete,
}

impl Method {
    /// Returns the name of the method in a request (RFC 9110 §9.1).
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

/// An endpoint that requires the right `R`. The server accepts only a handler for it that takes a permit of exactly `R`.
///
/// A right that is open to everyone does not compile here:
///
/// ```compile_fail,E0080
/// use portcullis::{Access, Endpoint, Right};
///
/// struct Anything;
/// impl Right for Anything {
///     const NAME: &'static str = "Anything";
///     const ACCESS: Access = Access::Public;
/// }
/// const OPEN: Endpoint<Anything> = Endpoint::get("/api/anything");
/// ```
#[derive(Debug)]
pub struct Endpoint<R> {
    surface: Surface,
    method: Method,
    path: &'static str,
    right: PhantomData<fn() -> R>,
}

impl<R> Clone for Endpoint<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Endpoint<R> {}

impl<R: Right> Endpoint<R> {
    /// Declares `GET` of `path`, with `{name}` for each parameter.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self::new(Surface::Rest, Method::Get, path)
    }

    /// Declares `POST` of `path`, with `{name}` for each parameter.
    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        Self::new(Surface::Rest, Method::Post, path)
    }

    /// Declares `PUT` of `path`, with `{name}` for each parameter.
    #[must_use]
    pub const fn put(path: &'static str) -> Self {
        Self::new(Surface::Rest, Method::Put, path)
    }

    /// Declares `DELETE` of `path`, with `{name}` for each parameter.
    #[must_use]
    pub const fn delete(path: &'static str) -> Self {
        Self::new(Surface::Rest, Method::Delete, path)
    }

    /// Declares a server function by its `PATH`, the constant that `#[server]` generates.
    #[must_use]
    pub const fn server_fn(path: &'static str) -> Self {
        Self::new(Surface::ServerFn, Method::Post, path)
    }

    const fn new(surface: Surface, method: Method, path: &'static str) -> Self {
        assert!(!matches!(R::ACCESS, Access::Public), "a right that everyone holds protects nothing");
        Self { surface, method, path, right: PhantomData }
    }

    /// Returns the path, with `{name}` for each parameter.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Returns the endpoint as its resource declares it.
    #[must_use]
    pub const fn declared(&self) -> DeclaredEndpoint {
        DeclaredEndpoint {
            surface: self.surface,
            method: self.method,
            path: self.path,
            right: DeclaredRight::of::<R>(),
        }
    }
}

/// An endpoint without the type of its right, as the registry lists it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeclaredEndpoint {
    /// Whether it is a REST endpoint or a server function.
    pub surface: Surface,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for each parameter.
    pub path: &'static str,
    /// The right that it requires.
    pub right: DeclaredRight,
}

impl DeclaredEndpoint {
    /// Returns whether a request can change something. Every server function uses POST, so its right decides.
    #[must_use]
    pub fn is_write(&self) -> bool {
        match self.surface {
            Surface::Rest => self.method != Method::Get,
            Surface::ServerFn => !self.right.is_read_only,
        }
    }
}
