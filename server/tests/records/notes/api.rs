//! The server functions of notes: what the REST endpoints offer, behind the same permits and with the same errors.
//! `portcullis_server::record_fns` says which.

use leptos::prelude::*;
use portcullis::AppError;
use portcullis_client::Rpc;

use super::note::{Note, NotePage, StoredNote};

/// Returns the note `id`.
///
/// # Errors
/// Those of `record_fns::get`.
#[server(prefix = "/rpc", endpoint = "notes/get", protocol = Rpc)]
pub async fn get_note(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<StoredNote, AppError> {
    portcullis_server::record_fns::get(&id).await
}

/// Returns a page of notes.
///
/// # Errors
/// Those of `record_fns::list`.
#[server(prefix = "/rpc", endpoint = "notes/list", protocol = Rpc)]
pub async fn list_notes(
    /// Words that the titles must have, each by its beginning; everything if missing.
    search: Option<String>,
    /// The name of a [`Sort`](portcullis::record::Sort); the newest first if missing.
    sort: Option<String>,
    /// The `next` of the page before; the first page if missing.
    after: Option<String>,
    /// How many notes the page holds at most, from 1 to 100; 20 if missing.
    limit: Option<String>,
) -> Result<NotePage, AppError> {
    use portcullis::record::ListQuery;
    portcullis_server::record_fns::list(ListQuery { search, sort, after, limit }).await
}

/// Creates a note that belongs to the caller.
///
/// # Errors
/// Those of `record_fns::create`.
#[server(prefix = "/rpc", endpoint = "notes/create", protocol = Rpc)]
pub async fn create_note(
    /// What to create.
    note: Note,
    /// Names this creation: the same key sent again returns the note that was created.
    idempotency_key: Option<String>,
) -> Result<StoredNote, AppError> {
    portcullis_server::record_fns::create(note, idempotency_key.as_deref()).await
}

/// Replaces the fields of the note `id`.
///
/// # Errors
/// Those of `record_fns::update`.
#[server(prefix = "/rpc", endpoint = "notes/update", protocol = Rpc)]
pub async fn update_note(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`StoredNote::version`] that the change starts from.
    version: String,
    /// The new fields.
    note: Note,
) -> Result<StoredNote, AppError> {
    portcullis_server::record_fns::update(&id, version, note).await
}

/// Deletes the note `id`. For ten minutes [`restore_note`] restores it.
///
/// # Errors
/// Those of `record_fns::delete`.
#[server(prefix = "/rpc", endpoint = "notes/delete", protocol = Rpc)]
pub async fn delete_note(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`StoredNote::version`] that the caller has seen.
    version: String,
) -> Result<(), AppError> {
    portcullis_server::record_fns::delete::<Note>(&id, version).await
}

/// Restores the note `id` as it was when it was deleted.
///
/// # Errors
/// Those of `record_fns::restore`.
#[server(prefix = "/rpc", endpoint = "notes/restore", protocol = Rpc)]
pub async fn restore_note(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<StoredNote, AppError> {
    portcullis_server::record_fns::restore(&id).await
}
