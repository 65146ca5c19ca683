//! Records: what all resources in a database have in common. No I/O, for client and server.
//!
//! | file | content |
//! |---|---|
//! | `id` | the id of a record |
//! | `owner` | the owner of a record, and who may change it |
//! | `stored` | a stored record: its fields with its id, owner, times and version |
//! | `page` | a page of records |
//! | `list` | the request for a page |
//! | `change` | expected versions and idempotency keys |
//! | `endpoints` | the REST endpoints of every kind of record |
//!
//! A resource declares the type of its editable fields. Everything else is the same for all resources:
//!
//! ```
//! use portcullis::FieldErrors;
//! use portcullis::{Access, Right, Scope};
//! use portcullis::record::{Record, Stored};
//! use serde::{Deserialize, Serialize};
//!
//! /// The right to do everything with notes.
//! pub struct UseNotes;
//! impl Right for UseNotes {
//!     const NAME: &'static str = "UseNotes";
//!     const ACCESS: Access = Access::Scopes(&[Scope("use:notes")]);
//! }
//!
//! #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
//! pub struct NoteFields {
//!     pub title: String,
//!     #[serde(default)]
//!     pub is_done: bool,
//! }
//!
//! impl Record for NoteFields {
//!     type Read = UseNotes;
//!     type Write = UseNotes;
//!     type Delete = UseNotes;
//!     type Admin = UseNotes;
//!     const NAME: &'static str = "Note";
//!     const COLLECTION: &'static str = "notes";
//!     const FIELDS: &'static [&'static str] = &["title", "is_done"];
//!     const SEARCHED: &'static str = "title";
//!
//!     fn check(&self, _: Option<&Self>) -> Result<Self, FieldErrors> {
//!         Ok(self.clone())
//!     }
//! }
//!
//! pub type Note = Stored<NoteFields>;
//! ```

mod change;
mod endpoints;
mod id;
mod list;
mod owner;
mod page;
mod stored;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use change::{Expected, IdempotencyKey};
pub use endpoints::RecordEndpoints;
pub use id::{InvalidId, RecordId};
pub use list::{ListQuery, ListRequest, Position, Sort};
pub use owner::{Owner, may_change};
pub use page::Page;
pub use stored::Stored;

use crate::Right;
use crate::{AppError, FieldErrors};

/// A kind of record, implemented by the type of its editable fields.
///
/// Other programs may write to the same collection, so only [`Record::SEARCHED`] is required: a document in which it is
/// a string is a record. Any other field that is missing or has the wrong type is ignored when a document is read. So
/// each of the others must be an `Option` or have `#[serde(default)]`.
pub trait Record: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The right to read records.
    type Read: Right;
    /// The right to create records, and to change one's own.
    type Write: Right;
    /// The right to delete one's own records, and to restore them.
    type Delete: Right;
    /// The right to change and delete the records of others, together with the right to write or to delete.
    type Admin: Right;

    /// The name of a record in errors, for example "Note".
    const NAME: &'static str;
    /// The name of the collection or table, and of the list in a [`Page`], for example "notes".
    const COLLECTION: &'static str;
    /// The names of all fields, as they are in documents, in the order in which they are serialized.
    const FIELDS: &'static [&'static str];
    /// The field that lists are searched and sorted by. It must be text.
    const SEARCHED: &'static str;

    /// Checks all fields, and returns them as they are to be stored. Values that are the same as in `stored` must be
    /// accepted: other programs have other rules, and a client must be able to send back what it has read.
    ///
    /// # Errors
    /// The invalid fields with error messages that a form can show next to them.
    fn check(&self, stored: Option<&Self>) -> Result<Self, FieldErrors>;

    /// Removes values that have no meaning by themselves, such as a currency without a price. Called after a document
    /// is read.
    #[must_use]
    fn normalize(self) -> Self {
        self
    }

    /// Checks the fields of a new record.
    ///
    /// # Errors
    /// The errors of [`Record::check`].
    fn validate(&self) -> Result<Valid<Self>, FieldErrors> {
        self.check(None).map(Valid)
    }

    /// Checks a change of the `stored` fields.
    ///
    /// # Errors
    /// The errors of [`Record::check`].
    fn validate_change(&self, stored: &Self) -> Result<Valid<Self>, FieldErrors> {
        self.check(Some(stored)).map(Valid)
    }

    /// Reads the id of a record from a request.
    ///
    /// # Errors
    /// 400 if it is malformed.
    fn parse_id(text: &str) -> Result<RecordId, AppError> {
        text.parse()
            .map_err(|error| AppError::invalid_request(format!("The {} {error}", Self::NAME.to_ascii_lowercase())))
    }
}

/// Valid fields. Only [`Record::validate`] and [`Record::validate_change`] create them, and the stores accept no
/// others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Valid<R>(R);

impl<R> Valid<R> {
    /// Returns the fields.
    #[must_use]
    pub fn fields(&self) -> &R {
        &self.0
    }

    /// Returns the fields, without the proof.
    #[must_use]
    pub fn into_fields(self) -> R {
        self.0
    }
}

#[cfg(test)]
mod test_record;
