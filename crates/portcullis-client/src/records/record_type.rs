//! A kind of record without its Rust type. Forms and pages work with it, so their code is in the client once.

use std::pin::Pin;

use portcullis::record::{ListQuery, Owner, Page, Record, Stored, may_change};
use portcullis::{Access, AppError, Caller, FieldErrors, Right};

use super::values::{erase, to_record, to_typed, to_values};
use super::{Field, StoredRecord, Values};

/// The future of a call of a server function.
pub type Call<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// The server functions of a record. Each function calls one and puts its future into a box:
/// `get: |id| Box::pin(get_note(id))`.
pub struct Calls<R: Record> {
    /// Reads the record with this id.
    pub get: fn(String) -> Call<Stored<R>>,
    /// Reads a page of records.
    pub list: fn(ListQuery) -> Call<Page<R>>,
    /// Creates a record, once for each idempotency key.
    pub create: fn(R, Option<String>) -> Call<Stored<R>>,
    /// Replaces the fields of the record with this id, if its version is this one.
    pub update: fn(String, String, R) -> Call<Stored<R>>,
    /// Deletes the record with this id, if its version is this one.
    pub delete: fn(String, String) -> Call<()>,
    /// Restores the deleted record with this id.
    pub restore: fn(String) -> Call<Stored<R>>,
}

/// What an app declares of a record, for its forms and pages.
pub trait Definition: 'static {
    /// The record.
    type Record: Record;
    /// The fields of its form, made with [`fields!`](crate::fields).
    const FIELDS: &'static [Field];
    /// Its server functions.
    const CALLS: Calls<Self::Record>;
}

/// A page of records.
#[derive(Clone)]
pub struct RecordPage {
    /// The records.
    pub records: Vec<StoredRecord>,
    /// What to send as `after` for the next page.
    pub next: Option<String>,
}

/// A kind of record without its Rust type.
pub struct RecordType {
    /// The fields of its form.
    pub fields: &'static [Field],
    /// The name of the field with the title of a record: [`Record::SEARCHED`].
    pub title_field: &'static str,
    /// What creating and changing requires.
    pub write_access: Access,
    /// What deleting and restoring requires.
    pub delete_access: Access,
    /// What changing the records of others requires.
    pub admin_access: Access,
    may_change: fn(&Caller, Option<&Owner>) -> bool,
    check: fn(&Values, Option<&Values>) -> Result<Values, FieldErrors>,
    convert: fn(&Values) -> Option<Values>,
    get: fn(String) -> Call<StoredRecord>,
    list: fn(ListQuery) -> Call<RecordPage>,
    create: fn(Values, Option<String>) -> Call<StoredRecord>,
    update: fn(String, String, Values) -> Call<StoredRecord>,
    delete: fn(String, String) -> Call<()>,
    restore: fn(String) -> Call<StoredRecord>,
}

impl RecordType {
    /// Returns the record of `D` without its type.
    #[must_use]
    pub const fn of<D: Definition>() -> Self {
        Self {
            fields: D::FIELDS,
            title_field: D::Record::SEARCHED,
            write_access: <D::Record as Record>::Write::ACCESS,
            delete_access: <D::Record as Record>::Delete::ACCESS,
            admin_access: <D::Record as Record>::Admin::ACCESS,
            may_change: may_change::<D::Record>,
            check: check::<D::Record>,
            convert: |values| to_record::<D::Record>(values).as_ref().map(to_values),
            get: |id| erased((D::CALLS.get)(id)),
            list: |query| {
                let call = (D::CALLS.list)(query);
                Box::pin(async move {
                    let Page { records, next } = call.await?;
                    Ok(RecordPage { records: records.into_iter().map(erase).collect(), next })
                })
            },
            create: |values, key| match to_record(&values) {
                Some(record) => erased((D::CALLS.create)(record, key)),
                None => unreadable(),
            },
            update: |id, version, values| match to_record(&values) {
                Some(record) => erased((D::CALLS.update)(id, version, record)),
                None => unreadable(),
            },
            delete: |id, version| (D::CALLS.delete)(id, version),
            restore: |id| erased((D::CALLS.restore)(id)),
        }
    }

    /// Returns `stored` as a record of the type `R`, or `None` if it is of another kind.
    #[must_use]
    pub fn typed<R: Record>(stored: StoredRecord) -> Option<Stored<R>> {
        to_typed(stored)
    }

    /// Returns the field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name() == name)
    }

    /// Returns whether `caller` may change a record that belongs to `owner`, by [`may_change`].
    #[must_use]
    pub fn may_change(&self, caller: &Caller, owner: Option<&Owner>) -> bool {
        (self.may_change)(caller, owner)
    }

    /// Checks `values` with [`Record::check`].
    ///
    /// # Errors
    /// [`FieldErrors`] with a message for each wrong field.
    pub fn check(&self, values: &Values, stored: Option<&Values>) -> Result<Values, FieldErrors> {
        (self.check)(values, stored)
    }

    /// Returns `values` in the format of this release, or `None` if they are of another kind.
    #[must_use]
    pub fn convert(&self, values: &Values) -> Option<Values> {
        (self.convert)(values)
    }

    /// Reads the record `id`.
    pub fn get(&self, id: String) -> Call<StoredRecord> {
        (self.get)(id)
    }

    /// Reads a page of records.
    pub fn list(&self, query: ListQuery) -> Call<RecordPage> {
        (self.list)(query)
    }

    /// Creates a record, once for each `key`.
    pub fn create(&self, values: Values, key: Option<String>) -> Call<StoredRecord> {
        (self.create)(values, key)
    }

    /// Replaces the fields of the record `id`, if its version is `version`.
    pub fn update(&self, id: String, version: String, values: Values) -> Call<StoredRecord> {
        (self.update)(id, version, values)
    }

    /// Deletes the record `id`, if its version is `version`.
    pub fn delete(&self, id: String, version: String) -> Call<()> {
        (self.delete)(id, version)
    }

    /// Restores the deleted record `id`.
    pub fn restore(&self, id: String) -> Call<StoredRecord> {
        (self.restore)(id)
    }
}

fn check<R: Record>(values: &Values, stored: Option<&Values>) -> Result<Values, FieldErrors> {
    let Some(record) = to_record::<R>(values) else {
        let mut errors = FieldErrors::default();
        errors.add(R::SEARCHED, "This form does not fit its record");
        return Err(errors);
    };
    record.check(stored.and_then(to_record).as_ref()).map(|checked| to_values(&checked))
}

fn erased<R: Record>(call: Call<Stored<R>>) -> Call<StoredRecord> {
    Box::pin(async move { call.await.map(erase) })
}

/// Returns an error for values that do not fit the record. Values are checked before they are sent, so it does not
/// occur.
fn unreadable<T>() -> Call<T> {
    Box::pin(async { Err(AppError::internal()) })
}
