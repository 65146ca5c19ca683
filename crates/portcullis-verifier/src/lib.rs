//! Verifies OAuth 2.0 access tokens: from an `Authorization` header to the caller.
//!
//! A [`Verifier`] knows the trusted issuers, each with its rules and its signing keys. It needs no web framework:
//!
//! ```no_run
//! use http::HeaderMap;
//! use portcullis_verifier::{AuthError, Verifier, bearer};
//!
//! async fn subject(verifier: &Verifier, headers: &HeaderMap) -> Result<Option<String>, AuthError> {
//!     let token = bearer::token(headers, None)?;
//!     Ok(verifier.verify(token).await?.subject.clone())
//! }
//! ```
//!
//! # The path of an access token
//!
//! | step | file | rejects |
//! |---|---|---|
//! | 1 | [`bearer`] | a request without exactly one bearer token (RFC 6750) |
//! | 2 | [`token_cache`] | nothing: a token that was verified before skips the other steps |
//! | 3 | [`jws`] | anything but three parts of base64url (RFC 7515 §7.1) |
//! | 4 | [`header`], with [`json`] | an algorithm that is not allowed, an embedded key, another type |
//! | 5 | [`unverified`] | an issuer that is not trusted |
//! | 6 | [`jwks`] | a key that the issuer does not publish, a wrong signature |
//! | 7 | [`claims`], with [`audiences`] | wrong times, another audience, another kind of token (RFC 9068) |
//! | 8 | [`rights`] | nothing: it returns the scopes of the caller |
//!
//! [`verifier`] makes these steps in this order. [`id_token`] makes them for ID tokens.
//!
//! # Other modules
//!
//! | module | subject |
//! |---|---|
//! | [`discovery`], [`metadata`] | the discovery document of a provider |
//! | [`backchannel`] | a provider that the server reaches at an internal address |
//! | [`bucket`], [`supervise`] | a token bucket; background tasks that are restarted |
//!
//! # Errors
//!
//! Each boundary has one error type.
//!
//! | error | boundary |
//! |---|---|
//! | [`AuthError`] | a request: its access token is rejected |
//! | [`IdTokenError`] | an ID token is rejected |
//! | [`FetchError`](jwks::FetchError) | the provider: a document cannot be fetched or read |
//! | [`KeyError`](jwks::KeyError) | a key set: one of its keys is not usable |
//! | [`ObjectError`](json::ObjectError) | JSON that is not an object without duplicate members |

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
pub mod jws;
pub mod metadata;
pub mod rights;
pub mod supervise;
#[cfg(feature = "test-support")]
pub mod test_support;
pub mod token_cache;
pub mod unverified;
pub mod verifier;

pub use error::AuthError;
pub use id_token::{IdTokenError, IdTokenVerifier};
pub use verifier::Verifier;
