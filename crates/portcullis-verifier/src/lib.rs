//! Verifies OAuth 2.0 access tokens: from an `Authorization` header to the caller.
//!
//! A [`Verifier`] knows the issuers it trusts, each with its rules and its signing keys. It needs no web framework:
//!
//! ```no_run
//! use http::HeaderMap;
//! use portcullis_verifier::{AuthError, Verified, Verifier, bearer};
//!
//! async fn subject(verifier: &Verifier<Verified>, headers: &HeaderMap) -> Result<Option<String>, AuthError> {
//!     let token = bearer::token(headers, None)?;
//!     Ok(verifier.verify(token).await?.subject.clone())
//! }
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`bearer`] | the one access token of a request (RFC 6750) |
//! | [`verifier`] | the check of a token, and the tokens that passed it already |
//! | [`header`], [`claims`], [`audiences`], [`rights`], [`json`] | the parts of a token and their rules |
//! | [`jwks`] | the signing keys of a provider, cached, with rate-limited refresh |
//! | [`discovery`], [`metadata`], [`backchannel`] | the discovery document of a provider, and where the server reads it |
//! | [`id_token`] | ID tokens of this app's own client |
//! | [`bucket`], [`supervise`] | a token bucket; background tasks that are restarted |

pub mod audiences;
pub mod backchannel;
pub mod bearer;
pub mod bucket;
pub mod claims;
pub mod discovery;
mod error;
pub mod header;
pub mod id_token;
pub mod json;
pub mod jwks;
pub mod memory;
pub mod metadata;
pub mod rights;
pub mod supervise;
#[cfg(feature = "test-support")]
pub mod test_support;
pub mod verifier;

pub use error::AuthError;
pub use id_token::{IdTokenError, IdTokenVerifier};
pub use verifier::{Verified, Verifier};
