//! The pages of a record: a list, a form for a new one, and one record with its form. They look the same for every resource,
//! and their code is in the client once.
//!
//! | file | subject |
//! |---|---|
//! | `pages` | [`RecordPages`], what a resource says of its pages; [`Pages`], the same without its type |
//! | `route` | the routes of pages, from their declarations |
//! | `list`, `found` | the list: searched, sorted, page by page |
//! | `new`, `form` | the form |
//! | `detail`, `facts`, `editing` | one record, and how it is edited in its place |
//! | `conflict`, `deleted` | the dialogs for a record that was changed or deleted while its form was open |
//! | `deletion` | deleting and undoing it |
//! | `defaults` | how a card and a record look if the resource does not say it |
//!
//! What is typed, merged, saved and restored is in `portcullis_client::records`.

mod conflict;
mod defaults;
mod deleted;
mod deletion;
mod detail;
mod editing;
mod facts;
mod form;
mod found;
mod list;
mod new;
mod pages;
mod route;

pub use pages::{Noun, Pages, RecordPages, RecordViews};
pub use route::{AppResource, PageRoute, routes_of};
