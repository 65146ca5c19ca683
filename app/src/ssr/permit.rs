//! The gate: the only place where a [`Permit`] is made.
//!
//! A permit's fields are private to this module, so nothing else can make one:
//!
//! ```compile_fail,E0451
//! use app::{items::ReadItems, policy::{Caller, Scopes}, ssr::permit::Permit};
//! let caller = Caller { issuer: "".into(), subject: None, scopes: Scopes::default() };
//! let forged: Permit<ReadItems> = Permit { caller: caller.into(), right: std::marker::PhantomData };
//! ```
//!
//! Nor can one be copied, converted from another right, or read from outside:
//!
//! ```compile_fail,E0599
//! use app::{items::ReadItems, ssr::permit::Permit};
//! fn copy(permit: &Permit<ReadItems>) -> Permit<ReadItems> { Permit::clone(permit) }
//! ```
//!
//! ```compile_fail,E0308
//! use app::{items::{ReadItems, WriteItems}, ssr::permit::Permit};
//! fn widen(read: Permit<ReadItems>) -> Permit<WriteItems> { read }
//! ```
//!
//! ```compile_fail,E0277
//! use app::{items::ReadItems, ssr::permit::Permit};
//! fn from_outside<'a, T: serde::Deserialize<'a>>() {}
//! from_outside::<Permit<ReadItems>>();
//! ```
//!
//! And what the gate leaves with a request cannot be left there by anyone else:
//!
//! ```compile_fail,E0423
//! use app::{policy::{Caller, Scopes}, ssr::permit::Admitted};
//! let caller = Caller { issuer: "".into(), subject: None, scopes: Scopes::default() };
//! let forged = Admitted(caller.into());
//! ```
//!
//! The same lines with what is allowed compile, so that it is the permit which the others fail on:
//!
//! ```
//! use app::{items::{ReadItems, WriteItems}, policy::{Caller, Scopes}, ssr::permit::{Admitted, Permit}};
//! let caller = Caller { issuer: "".into(), subject: None, scopes: Scopes::default() };
//! let right: std::marker::PhantomData<fn() -> ReadItems> = std::marker::PhantomData;
//! fn hand_on(write: Permit<WriteItems>) -> Permit<WriteItems> { write }
//! fn copy(admitted: &Admitted) -> Admitted { Admitted::clone(admitted) }
//! fn from_outside<'a, T: serde::Deserialize<'a>>() {}
//! from_outside::<Scopes>();
//! ```
//!
//! What a handler writes instead, and all it has to write:
//!
//! ```
//! use app::{items::ReadItems, ssr::permit::Permit};
//! async fn handler(permit: Permit<ReadItems>) -> String { permit.caller().issuer.to_string() }
//! ```

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use http::request::Parts;
use leptos::prelude::use_context;

use crate::error::AppError;
use crate::policy::{Access, Caller, Right};

/// The port to whatever checks credentials: the token verifier of the server.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// Tells who sent the request with this head.
    ///
    /// # Errors
    /// 401 without acceptable credentials, 400 with ambiguous ones, 503 when they cannot be checked now.
    async fn authenticate(&self, request: &Parts) -> Result<Arc<Caller>, AppError>;
}

/// The gate before `/api` and `/rpc`. There is one a server; all requests pass it.
///
/// Whoever makes a gate chooses who is let in. The server makes one, in `startup.rs`, and a test holds it to that.
#[derive(Clone)]
pub struct Gate(Arc<dyn Authenticate>);

impl Gate {
    /// A gate that knows callers by `authenticate`.
    #[must_use]
    pub fn new(authenticate: Arc<dyn Authenticate>) -> Self {
        Self(authenticate)
    }

    /// Checks the credentials in the head of `request` against `access`.
    ///
    /// # Errors
    /// Those of [`Authenticate::authenticate`], and 403 that names the scopes that are missing.
    pub async fn admit(&self, request: &Parts, access: Access) -> Result<Admitted, AppError> {
        let caller = self.0.authenticate(request).await?;
        caller.has(access).map_err(|missing| AppError::insufficient_scope(&missing))?;
        Ok(Admitted(caller))
    }
}

/// What the gate leaves in the extensions of a request that it let through. Only the gate can make one.
#[derive(Clone)]
pub struct Admitted(Arc<Caller>);

impl Admitted {
    /// The proof that the admitted caller holds the right `R`.
    ///
    /// # Errors
    /// 403 that names the scopes that are missing.
    pub fn permit<R: Right>(&self) -> Result<Permit<R>, AppError> {
        self.0.has(R::ACCESS).map_err(|missing| AppError::insufficient_scope(&missing))?;
        Ok(Permit { caller: self.0.clone(), right: PhantomData })
    }
}

/// The proof that this caller holds the right `R` now. Every method of a store demands one.
///
/// It is neither `Clone` nor serializable: it lives as long as the request that it was made for.
pub struct Permit<R: Right> {
    caller: Arc<Caller>,
    right: PhantomData<fn() -> R>,
}

impl<R: Right> Permit<R> {
    /// Who holds it.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// A request that did not pass the gate gets no permit, whatever it carries: a route outside the
    /// registry is a fault of ours, and it fails closed.
    fn of(parts: &Parts) -> Result<Self, AppError> {
        let admitted = parts.extensions.get::<Admitted>().ok_or_else(|| {
            tracing::error!(right = R::NAME, path = parts.uri.path(), "a permit was asked for outside the gate");
            AppError::internal()
        })?;
        admitted.permit()
    }
}

impl<R: Right, S: Sync> FromRequestParts<S> for Permit<R> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        Self::of(parts)
    }
}

/// The permit of the request that the current server function serves.
///
/// # Errors
/// 403 when the caller lacks the right; 500 outside a request that passed the gate.
pub fn permit<R: Right>() -> Result<Permit<R>, AppError> {
    Permit::of(&use_context::<Parts>().ok_or_else(AppError::internal)?)
}
