//! The browser session of a Portcullis app: who is signed in, as this browser knows it.
//!
//! Nothing here protects data: the server checks every token itself. The session decides what a person sees, and sends the
//! access token with every call of a server function.
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

mod client;
mod clock;
mod config;
mod draft;
mod fetch;
mod grant;
mod handover;
mod http;
mod id_token;
mod identity;
pub mod later;
mod lock;
mod notice;
mod provider;
mod provider_error;
mod random;
mod record;
mod renewal;
mod retry;
mod return_to;
mod revocation;
mod session;
mod sign_in;
mod sign_out;
mod silent;
mod storage;
mod stream;
mod tabs;
mod token_answer;
mod token_store;
mod tokens;
mod userinfo;
mod whoami;

pub use client::AuthorizedClient;
pub use config::SessionConfig;
pub use draft::{FormDraft, Slot};
pub use identity::{RESOURCE, identify};
pub use later::SplitLoaderError;
pub use notice::Notice;
pub use provider::script as sign_in_script;
pub use random::random;
pub use return_to::ReturnTo;
pub use session::{Session, SessionState, Verdict};
pub use sign_in::{CallbackAddress, Failed, Outcome, SignInFault, complete, cut_off};
pub use tokens::{Principal, Tokens};
pub use userinfo::{UserInfo, UserInfoFault, userinfo};
