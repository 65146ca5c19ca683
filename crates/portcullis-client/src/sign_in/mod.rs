//! Signing in: authorization code with PKCE (RFC 6749 §4.1, RFC 7636), `state` and `nonce`.
//!
//! `start` leaves for the provider. `finish` reads top to bottom what happens to the code that comes back, and
//! `exchange` trades it for tokens.

mod authorization_response;
mod error;
mod exchange;
mod finish;
mod pending;
pub mod silent;
mod start;

pub use error::{FailedSignIn, SignInError};
pub use pending::{PENDING_KEY, RETURNS_KEY};

use portcullis::sign_in::{Provider, SignIn};

fn provider(sign_in: &SignIn) -> Result<&Provider, SignInError> {
    match sign_in {
        SignIn::At(provider) => Ok(provider),
        SignIn::Unavailable => Err(SignInError::Unavailable),
        SignIn::Misconfigured => Err(SignInError::Misconfigured),
        SignIn::NotConfigured => Err(SignInError::NotConfigured),
    }
}
