//! The pages of a record: a list, a form for a new one, and one record with its form. They look the same for every
//! resource, and the client contains their code once.
//!
//! | file | subject |
//! |---|---|
//! | `pages` | [`RecordPages`], what a resource declares for its pages; [`Pages`], the same without its type |
//! | `route` | the routes of pages, from their declarations |
//! | `list`, `results` | the list: search, order, pages |
//! | `new`, `form` | the form |
//! | `detail`, `facts`, `editing` | one record, and how it is edited on its page |
//! | `conflict_dialog`, `deleted_dialog` | the dialogs for a record that was changed or deleted while its form was open |
//! | `deletion` | deleting and undoing it |
//! | `defaults` | how a card and a record look by default |
//!
//! What is typed, merged, saved and restored is in `portcullis_client::records`.

mod conflict_dialog;
mod defaults;
mod deleted_dialog;
mod deletion;
mod detail;
mod editing;
mod facts;
mod form;
mod list;
mod new;
mod pages;
mod results;
mod route;

pub use pages::{Noun, Pages, RecordPages, RecordViews};
pub use route::{AppResource, PageRoute, routes_of};
