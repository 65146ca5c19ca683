//! The server side of a Portcullis app: the gate, and what every request passes.
//!
//! A handler takes the permit of the right that its endpoint requires, and hands it to a store:
//!
//! ```
//! use portcullis::{Access, Right, Scope};
//! use portcullis_server::Permit;
//!
//! struct ReadNotes;
//! impl Right for ReadNotes {
//!     const NAME: &'static str = "ReadNotes";
//!     const ACCESS: Access = Access::Scopes(&[Scope("read:notes")]);
//! }
//!
//! async fn handler(permit: Permit<ReadNotes>) -> String {
//!     permit.caller().issuer.to_string()
//! }
//! ```

#[cfg(feature = "leptos")]
mod id_tokens;
mod permit;
mod throttle;

#[cfg(feature = "leptos")]
pub use id_tokens::{CheckIdToken, id_tokens};
#[cfg(feature = "leptos")]
pub use permit::permit;
pub use permit::{Admitted, Authenticate, Gate, Permit};
pub use throttle::{Throttle, WARNING_INTERVAL};
