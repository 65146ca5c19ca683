//! REST endpoints, each with a handler that takes exactly the permit of its endpoint.
//!
//! ```
//! # use portcullis::{Access, AppError, Endpoint, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! use portcullis_server::{Api, Permit};
//!
//! const LIST: Endpoint<Read> = Endpoint::get("/api/notes");
//! async fn list(permit: Permit<Read>) -> Result<String, AppError> { Ok(String::new()) }
//!
//! let api: Api<()> = Api::new().on(LIST, list);
//! ```
//!
//! A handler with the permit of another right does not compile:
//!
//! ```compile_fail,E0277
//! # use portcullis::{Access, AppError, Endpoint, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! # struct Write;
//! # impl Right for Write { const NAME: &'static str = "Write"; const ACCESS: Access = Access::SignedIn; }
//! # use portcullis_server::{Api, Permit};
//! # const LIST: Endpoint<Read> = Endpoint::get("/api/notes");
//! async fn list(permit: Permit<Write>) -> Result<String, AppError> { Ok(String::new()) }
//!
//! let api: Api<()> = Api::new().on(LIST, list);
//! ```
//!
//! Neither does a handler without a permit, or with the permit after another argument:
//!
//! ```compile_fail,E0277
//! # use portcullis::{Access, AppError, Endpoint, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! # use portcullis_server::{Api, Permit};
//! # const LIST: Endpoint<Read> = Endpoint::get("/api/notes");
//! async fn list() -> Result<String, AppError> { Ok(String::new()) }
//!
//! let api: Api<()> = Api::new().on(LIST, list);
//! ```
//!
//! ```compile_fail,E0277
//! # use portcullis::{Access, AppError, Endpoint, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! # use portcullis_server::{Api, Permit};
//! # const LIST: Endpoint<Read> = Endpoint::get("/api/notes");
//! async fn list(headers: http::HeaderMap, permit: Permit<Read>) -> Result<String, AppError> { Ok(String::new()) }
//!
//! let api: Api<()> = Api::new().on(LIST, list);
//! ```

use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post, put};
use portcullis::{DeclaredEndpoint, Endpoint, Method, Right};

use crate::Permit;

/// The REST endpoints of a resource, with state `S`.
pub struct Api<S> {
    routes: Vec<ApiRoute<S>>,
}

/// A declared endpoint with its handler.
pub struct ApiRoute<S> {
    /// The endpoint as its resource declares it.
    pub endpoint: DeclaredEndpoint,
    /// The handler, which runs after the gate admits a request.
    pub handler: MethodRouter<S>,
}

impl<S> Default for Api<S> {
    fn default() -> Self {
        Self { routes: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    /// Creates an API without endpoints.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `endpoint` with its `handler`. The first argument of the handler must be `Permit<R>`.
    #[must_use]
    pub fn on<R, H, T>(mut self, endpoint: Endpoint<R>, handler: H) -> Self
    where
        R: Right,
        H: Handler<T, S>,
        T: PermitFirst<R> + 'static,
    {
        let endpoint = endpoint.declared();
        let handler = match endpoint.method {
            Method::Get => get(handler),
            Method::Post => post(handler),
            Method::Put => put(handler),
            Method::Delete => delete(handler),
        };
        self.routes.push(ApiRoute { endpoint, handler });
        self
    }
}

impl<S> Api<S> {
    /// Adds the endpoints of another resource.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }
}

impl<S> IntoIterator for Api<S> {
    type Item = ApiRoute<S>;
    type IntoIter = std::vec::IntoIter<ApiRoute<S>>;

    fn into_iter(self) -> Self::IntoIter {
        self.routes.into_iter()
    }
}

/// The arguments of a handler whose first one is `Permit<R>`, as Axum's [`Handler`] lists them.
#[diagnostic::on_unimplemented(
    message = "the first argument of this handler is not the permit of its endpoint",
    note = "the endpoint requires `{R}`: begin the arguments with `permit: Permit<{R}>`"
)]
pub trait PermitFirst<R: Right>: sealed::Sealed {}

mod sealed {
    /// Only the argument lists below start with a permit.
    pub trait Sealed {}
}

/// Implements [`PermitFirst`] for a permit followed by these arguments. `M` is Axum's marker.
macro_rules! permit_first {
    ($($other:ident),*) => {
        impl<M, R: Right, $($other),*> sealed::Sealed for (M, Permit<R>, $($other,)*) {}
        impl<M, R: Right, $($other),*> PermitFirst<R> for (M, Permit<R>, $($other,)*) {}
    };
}

permit_first!();
permit_first!(T1);
permit_first!(T1, T2);
permit_first!(T1, T2, T3);
permit_first!(T1, T2, T3, T4);
permit_first!(T1, T2, T3, T4, T5);
permit_first!(T1, T2, T3, T4, T5, T6);
permit_first!(T1, T2, T3, T4, T5, T6, T7);
