//! The REST endpoints that every kind of record has.

use super::Record;
use crate::{DeclaredEndpoint, Endpoint};

/// The REST endpoints of the records `R`. [`record_endpoints!`](crate::record_endpoints) declares them.
#[derive(Debug)]
pub struct RecordEndpoints<R: Record> {
    /// `GET /api/notes`: a page of records.
    pub list: Endpoint<R::Read>,
    /// `GET /api/notes/{id}`: one record.
    pub get: Endpoint<R::Read>,
    /// `POST /api/notes`: creates a record.
    pub create: Endpoint<R::Write>,
    /// `PUT /api/notes/{id}`: replaces the fields of a record.
    pub update: Endpoint<R::Write>,
    /// `DELETE /api/notes/{id}`: deletes a record.
    pub delete: Endpoint<R::Delete>,
    /// `POST /api/notes/{id}/restore`: restores a deleted record.
    pub restore: Endpoint<R::Delete>,
}

impl<R: Record> Clone for RecordEndpoints<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Record> Copy for RecordEndpoints<R> {}

impl<R: Record> RecordEndpoints<R> {
    /// Returns the endpoints as their resource declares them.
    #[must_use]
    pub const fn declared(&self) -> [DeclaredEndpoint; 6] {
        [
            self.list.declared(),
            self.get.declared(),
            self.create.declared(),
            self.update.declared(),
            self.delete.declared(),
            self.restore.declared(),
        ]
    }
}

/// Declares the [`RecordEndpoints`] under a path.
///
/// ```
/// # use portcullis::record::{Record, RecordEndpoints};
/// # use portcullis::{Access, FieldErrors, Right};
/// # #[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
/// # struct NoteFields { title: String }
/// # struct UseNotes;
/// # impl Right for UseNotes { const NAME: &'static str = "UseNotes"; const ACCESS: Access = Access::SignedIn; }
/// # impl Record for NoteFields {
/// #     type Read = UseNotes; type Write = UseNotes; type Delete = UseNotes; type Admin = UseNotes;
/// #     const NAME: &'static str = "Note";
/// #     const COLLECTION: &'static str = "notes";
/// #     const FIELDS: &'static [&'static str] = &["title"];
/// #     const SEARCHED: &'static str = "title";
/// #     fn check(&self, _: Option<&Self>) -> Result<Self, FieldErrors> { Ok(self.clone()) }
/// # }
/// const REST: RecordEndpoints<NoteFields> = portcullis::record_endpoints!("/api/notes");
///
/// assert_eq!(REST.restore.path(), "/api/notes/{id}/restore");
/// ```
#[macro_export]
macro_rules! record_endpoints {
    ($path:literal) => {
        $crate::record::RecordEndpoints {
            list: $crate::Endpoint::get($path),
            get: $crate::Endpoint::get(concat!($path, "/{id}")),
            create: $crate::Endpoint::post($path),
            update: $crate::Endpoint::put(concat!($path, "/{id}")),
            delete: $crate::Endpoint::delete(concat!($path, "/{id}")),
            restore: $crate::Endpoint::post(concat!($path, "/{id}/restore")),
        }
    };
}
