//! The vocabulary that both sides of a Portcullis app share. It does no I/O and compiles to WebAssembly.
//!
//! An app declares each of its resources once: the rights, and the endpoints and pages that require them.
//!
//! ```
//! use portcullis::{Access, DeclaredRight, Endpoint, Page, Registry, Resource, Right, Scope};
//!
//! /// The right to read notes.
//! pub struct ReadNotes;
//! impl Right for ReadNotes {
//!     const NAME: &'static str = "ReadNotes";
//!     const ACCESS: Access = Access::Scopes(&[Scope("read:notes")]);
//!     const IS_READ_ONLY: bool = true;
//! }
//!
//! pub const LIST: Endpoint<ReadNotes> = Endpoint::get("/api/notes");
//!
//! pub static NOTES: Resource = Resource {
//!     name: "notes",
//!     rights: &[DeclaredRight::of::<ReadNotes>()],
//!     endpoints: &[&[LIST.declared()]],
//!     pages: &[Page { path: "/notes", title: "Notes", access: ReadNotes::ACCESS, in_navigation: true }],
//! };
//!
//! pub static REGISTRY: Registry = Registry::new(&[&NOTES]);
//! assert_eq!(REGISTRY.scopes(), ["read:notes"]);
//! ```
//!
//! The router, the gate, the page guards, the navigation, the startup checks and the audit use this declaration.
//! Everything undeclared is rejected.

mod caller;
mod client_files;
mod endpoint;
mod error;
mod fields;
pub mod record;
mod registry;
mod right;
mod scope;
pub mod sign_in;

pub use caller::Caller;
pub use client_files::ClientFiles;
pub use endpoint::{DeclaredEndpoint, Endpoint, Method, Surface};
pub use error::{AppError, Code, ErrorResponse, Inner, RETRY_AFTER_SECONDS};
pub use fields::{FieldErrors, Fields, FromFields};
pub use registry::{FILES, HEALTH, METADATA, OpenPath, Page, READINESS, Registry, Resource};
pub use right::{Access, DeclaredRight, Right};
pub use scope::{Scope, Scopes};
