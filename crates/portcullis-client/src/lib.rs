//! The browser session of a Portcullis app: who is signed in, as this browser knows it.
//!
//! Nothing here protects data: the server checks every token itself. The session decides what a person sees, and sends
//! the access token with every call of a server function.
//!
//! [`records`] contains the forms, lists and deletions of any record, without markup.
//!
//! An app provides the session once, at its root. Guards and buttons ask it what to show:
//!
//! ```
//! use leptos::prelude::*;
//! use portcullis::{Access, HEALTH};
//! use portcullis_client::{Session, SessionConfig, Verdict};
//!
//! static SESSION: SessionConfig = SessionConfig { home: "/", callback: "/callback", clock: HEALTH.path };
//!
//! #[component]
//! fn App() -> impl IntoView {
//!     let session = Session::provide(&SESSION);
//!     move || match session.verdict(Access::SignedIn) {
//!         Verdict::Open => "Hello",
//!         Verdict::Wait => "One moment",
//!         Verdict::SignIn | Verdict::Missing(_) => "Sign in to continue",
//!     }
//! }
//! ```

mod back_off;
mod clock;
mod config;
mod draft;
mod embedded_config;
mod fetch;
mod handover;
mod id_token;
mod identity;
mod json;
mod jwt;
pub mod later;
mod lock;
mod notice;
mod oauth_http;
mod provider_error;
mod random;
pub mod records;
mod refresh;
mod return_to;
mod rpc;
mod session;
mod sign_in;
mod sign_out;
mod storage;
mod tabs;
mod time;
mod token_endpoint;
mod token_manifest;
mod token_response;
mod token_store;
mod tokens;
mod userinfo;
mod whoami;

pub use config::SessionConfig;
pub use draft::{DraftSlot, FormDraft};
pub use embedded_config::sign_in_script;
pub use id_token::IdTokenError;
pub use identity::{RESOURCE, identify};
pub use jwt::jwt_payload;
pub use later::SplitLoaderError;
pub use notice::Notice;
pub use provider_error::ProviderError;
pub use random::random;
pub use return_to::ReturnTo;
pub use rpc::Rpc;
pub use session::{Session, SessionState, Verdict};
pub use sign_in::{FailedSignIn, SignInError};
pub use tokens::{Principal, Tokens};
pub use userinfo::{UserInfo, UserInfoError, userinfo};
