//! Records: what every resource shares that is kept in a database. Pure, for both sides.
//!
//! | file | duty |
//! |---|---|
//! | `id` | the id of a record |
//! | `owner` | whose a record is, and who may change it |
//! | `stored` | a record as it is stored: its fields with its id, owner, times and version |
//! | `page` | a page of records |
//! | `list` | the request for a page |
//! | `change` | what a change expects; what makes a creation repeatable |
//! | `endpoints` | the REST endpoints of every kind of record |
//!
//! A resource declares the type of the fields that people edit. Everything else is the same for all of them:
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

/// A kind of record, implemented by the type of the fields that people edit.
///
/// Other programs may write to the same collection, so only the field [`Record::SEARCHED`] is certain: a document in which
/// it is text is a record. A field that is missing in a document, or cannot be read as its type, is left out when the
/// document is read. So each of the others must be an `Option` or have `#[serde(default)]`.
pub trait Record: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The right to read records.
    type Read: Right;
    /// The right to create records, and to change one's own.
    type Write: Right;
    /// The right to delete one's own records, and to restore them.
    type Delete: Right;
    /// The right to change and delete the records of others, together with the right to write or to delete.
    type Admin: Right;

    /// What a record is called in errors, for example "Note".
    const NAME: &'static str;
    /// The name of the collection or table, and of the list in a [`Page`], for example "notes".
    const COLLECTION: &'static str;
    /// The names of all fields, as they are in documents, in the order in which they are serialized.
    const FIELDS: &'static [&'static str];
    /// The field that lists are searched and sorted by. It must be text.
    const SEARCHED: &'static str;

    /// Checks every field, and returns them as they are to be stored. What is the same as in `stored` must be accepted:
    /// other programs write by other rules, and what was read can be sent back.
    ///
    /// # Errors
    /// What is wrong with which field, in words that are fit to stand beside the field.
    fn check(&self, stored: Option<&Self>) -> Result<Self, FieldErrors>;

    /// Leaves out what does not count of fields that were read from a document, as a currency without a price.
    #[must_use]
    fn normalize(self) -> Self {
        self
    }

    /// Checks the fields of a new record.
    ///
    /// # Errors
    /// Those of [`Record::check`].
    fn validate(&self) -> Result<Valid<Self>, FieldErrors> {
        self.check(None).map(Valid)
    }

    /// Checks a change of what is `stored`.
    ///
    /// # Errors
    /// Those of [`Record::check`].
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

/// Fields that were found to be right. Only [`Record::validate`] and [`Record::validate_change`] make one, and the stores
/// write no others.
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
