//! The gate, and the permits that only it creates.
//!
//! The fields of a permit are private to this module, so no other code can create one:
//!
//! ```compile_fail,E0451
//! # use portcullis::{Access, Caller, Right, Scopes};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! use portcullis_server::Permit;
//! let caller = Caller { issuer: "".into(), subject: None, scopes: Scopes::default() };
//! let forged: Permit<Read> = Permit { caller: caller.into(), right: std::marker::PhantomData };
//! ```
//!
//! Permits cannot be copied, converted to another right, or deserialized:
//!
//! ```compile_fail,E0599
//! # use portcullis::{Access, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! use portcullis_server::Permit;
//! fn copy(permit: &Permit<Read>) -> Permit<Read> { Permit::clone(permit) }
//! ```
//!
//! ```compile_fail,E0308
//! # use portcullis::{Access, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! # struct Write;
//! # impl Right for Write { const NAME: &'static str = "Write"; const ACCESS: Access = Access::SignedIn; }
//! use portcullis_server::Permit;
//! fn widen(read: Permit<Read>) -> Permit<Write> { read }
//! ```
//!
//! ```compile_fail,E0277
//! # use portcullis::{Access, Right};
//! # struct Read;
//! # impl Right for Read { const NAME: &'static str = "Read"; const ACCESS: Access = Access::SignedIn; }
//! use portcullis_server::Permit;
//! fn from_outside<'a, T: serde::Deserialize<'a>>() {}
//! from_outside::<Permit<Read>>();
//! ```
//!
//! No other code can create the extension that the gate adds to a request either:
//!
//! ```compile_fail,E0451
//! use portcullis::{Access, Caller, Scopes};
//! use portcullis_server::Admitted;
//! let caller = Caller { issuer: "".into(), subject: None, scopes: Scopes::default() };
//! let forged = Admitted { caller: caller.into(), access: Access::SignedIn };
//! ```
//!
//! The same lines compile for allowed uses, so it is the permit that fails above:
//!
//! ```
//! # use portcullis::{Access, Right};
//! # struct Write;
//! # impl Right for Write { const NAME: &'static str = "Write"; const ACCESS: Access = Access::SignedIn; }
//! use portcullis::{Caller, Scopes};
//! use portcullis_server::{Admitted, Permit};
//! let caller = Caller { issuer: "".into(), subject: None, scopes: Scopes::default() };
//! let right: std::marker::PhantomData<fn() -> Write> = std::marker::PhantomData;
//! fn pass_on(write: Permit<Write>) -> Permit<Write> { write }
//! fn copy(admitted: &Admitted) -> Admitted { Admitted::clone(admitted) }
//! fn from_outside<'a, T: serde::Deserialize<'a>>() {}
//! from_outside::<Scopes>();
//! ```

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use http::request::Parts;
use portcullis::{Access, AppError, Caller, Right};

/// Checks the credentials of a request.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// Returns the caller who sent the request with this head.
    ///
    /// # Errors
    /// 401 without acceptable credentials, 400 with ambiguous ones, 503 if they cannot be checked now.
    async fn authenticate(&self, request: &Parts) -> Result<Arc<Caller>, AppError>;
}

/// The gate in front of `/api` and `/rpc`. Every request passes it.
#[derive(Clone)]
pub struct Gate(Arc<dyn Authenticate>);

impl Gate {
    /// Returns a gate that identifies callers by `authenticate`.
    #[must_use]
    pub(crate) fn new(authenticate: Arc<dyn Authenticate>) -> Self {
        Self(authenticate)
    }

    /// Checks the credentials in the head of `request` against `access`.
    ///
    /// # Errors
    /// The errors of [`Authenticate::authenticate`], and 403 with the missing scopes.
    pub async fn admit(&self, request: &Parts, access: Access) -> Result<Admitted, AppError> {
        let caller = self.0.authenticate(request).await?;
        require(&caller, access)?;
        Ok(Admitted { caller, access })
    }
}

/// The extension that the gate adds to an admitted request. Only the gate creates it.
#[derive(Clone)]
pub struct Admitted {
    caller: Arc<Caller>,
    /// The access that the gate has checked: that of the endpoint's right.
    access: Access,
}

impl Admitted {
    /// Returns the proof that the admitted caller holds the right `R`. The gate has already checked the right of the
    /// endpoint, so only another right is checked here.
    ///
    /// # Errors
    /// 403 with the missing scopes.
    pub fn permit<R: Right>(&self) -> Result<Permit<R>, AppError> {
        if self.access != R::ACCESS {
            require(&self.caller, R::ACCESS)?;
        }
        Ok(Permit { caller: self.caller.clone(), right: PhantomData })
    }
}

/// Checks that `caller` has `access`: the one scope check of a request.
fn require(caller: &Caller, access: Access) -> Result<(), AppError> {
    caller.has(access).map_err(|missing| AppError::insufficient_scope(&missing))
}

/// Proof that the current caller holds the right `R`. Every method of a store requires one.
///
/// A permit is neither `Clone` nor serializable: it lives as long as its request.
pub struct Permit<R: Right> {
    caller: Arc<Caller>,
    right: PhantomData<fn() -> R>,
}

impl<R: Right> Permit<R> {
    /// Returns the caller.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// A request that did not pass the gate gets no permit. A route outside the registry is a bug, and fails closed.
    pub(crate) fn from_parts(parts: &Parts) -> Result<Self, AppError> {
        let admitted = parts.extensions.get::<Admitted>().ok_or_else(|| {
            tracing::error!(right = R::NAME, path = parts.uri.path(), "a permit was requested outside the gate");
            AppError::internal()
        })?;
        admitted.permit()
    }
}

impl<R: Right, S: Sync> FromRequestParts<S> for Permit<R> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        Self::from_parts(parts)
    }
}

#[cfg(test)]
mod tests {
    use portcullis::{Scope, Scopes};

    use super::*;

    struct Read;
    impl Right for Read {
        const NAME: &'static str = "Read";
        const ACCESS: Access = Access::Scopes(&[Scope("read:notes")]);
    }

    struct Write;
    impl Right for Write {
        const NAME: &'static str = "Write";
        const ACCESS: Access = Access::Scopes(&[Scope("write:notes")]);
    }

    /// Identifies every caller as one with these scopes.
    struct Granted(&'static str);

    #[async_trait]
    impl Authenticate for Granted {
        async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
            let scopes = Scopes::parse(self.0);
            Ok(Arc::new(Caller { issuer: "https://issuer.example".into(), subject: None, scopes }))
        }
    }

    async fn admit(scopes: &'static str, access: Access) -> Result<Admitted, AppError> {
        let (request, ()) = http::Request::new(()).into_parts();
        Gate::new(Arc::new(Granted(scopes))).admit(&request, access).await
    }

    #[tokio::test]
    async fn gate_refuses_missing_scope() {
        let refused = admit("write:notes", Read::ACCESS).await.err().expect("refused");
        assert_eq!((refused.status, refused.missing_scopes()), (403, vec!["read:notes".to_owned()]));
    }

    #[tokio::test]
    async fn permit_of_checked_right_is_created() {
        let admitted = admit("read:notes", Read::ACCESS).await.expect("admitted");
        assert!(admitted.permit::<Read>().expect("a permit").caller().scopes.contains(Scope("read:notes")));
    }

    #[tokio::test]
    async fn permit_of_another_right_requires_its_scopes() {
        let reader = admit("read:notes", Read::ACCESS).await.expect("admitted");
        let refused = reader.permit::<Write>().err().expect("refused");
        assert_eq!((refused.status, refused.missing_scopes()), (403, vec!["write:notes".to_owned()]));
        let signed_in = admit("read:notes", Access::SignedIn).await.expect("admitted");
        assert!(signed_in.permit::<Write>().is_err());
        assert!(signed_in.permit::<Read>().is_ok());
    }

    #[test]
    fn permit_outside_the_gate_is_refused() {
        let (request, ()) = http::Request::new(()).into_parts();
        assert_eq!(Permit::<Read>::from_parts(&request).err().map(|error| error.status), Some(500));
    }
}
