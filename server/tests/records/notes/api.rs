//! The server functions of notes: the operations of the REST endpoints, with the same permits and the same errors.
//! `portcullis_server::application::record_fns` documents the errors.

use leptos::prelude::*;
use portcullis::AppError;
use portcullis_client::Rpc;

use super::note::{Note, NotePage, StoredNote};

/// Returns the note `id`.
///
/// # Errors
/// The errors of `record_fns::get`.
#[server(prefix = "/rpc", endpoint = "notes/get", protocol = Rpc)]
pub async fn get_note(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<StoredNote, AppError> {
    portcullis_server::application::record_fns::get(&id).await
}

/// Returns a page of notes.
///
/// # Errors
/// The errors of `record_fns::list`.
#[server(prefix = "/rpc", endpoint = "notes/list", protocol = Rpc)]
pub async fn list_notes(
    /// Prefixes of words that the titles must contain. If missing, all notes are listed.
    search: Option<String>,
    /// The name of a [`Sort`](portcullis::record::Sort). By default, the newest first.
    sort: Option<String>,
    /// The `next` of the previous page. If missing, the first page is returned.
    after: Option<String>,
    /// The maximum number of notes on the page, from 1 to 100. The default is 20.
    limit: Option<String>,
) -> Result<NotePage, AppError> {
    use portcullis::record::ListQuery;
    portcullis_server::application::record_fns::list(ListQuery { search, sort, after, limit }).await
}

/// Creates a note that belongs to the caller.
///
/// # Errors
/// The errors of `record_fns::create`.
#[server(prefix = "/rpc", endpoint = "notes/create", protocol = Rpc)]
pub async fn create_note(
    /// What to create.
    note: Note,
    /// Identifies this creation: repeating it with the same key returns the created note.
    idempotency_key: Option<String>,
) -> Result<StoredNote, AppError> {
    portcullis_server::application::record_fns::create(note, idempotency_key.as_deref()).await
}

/// Replaces the fields of the note `id`.
///
/// # Errors
/// The errors of `record_fns::update`.
#[server(prefix = "/rpc", endpoint = "notes/update", protocol = Rpc)]
pub async fn update_note(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`StoredNote::version`] that the change is based on.
    version: String,
    /// The new fields.
    note: Note,
) -> Result<StoredNote, AppError> {
    portcullis_server::application::record_fns::update(&id, version, note).await
}

/// Deletes the note `id`. For ten minutes [`restore_note`] restores it.
///
/// # Errors
/// The errors of `record_fns::delete`.
#[server(prefix = "/rpc", endpoint = "notes/delete", protocol = Rpc)]
pub async fn delete_note(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`StoredNote::version`] that the caller has seen.
    version: String,
) -> Result<(), AppError> {
    portcullis_server::application::record_fns::delete::<Note>(&id, version).await
}

/// Restores the note `id` as it was when it was deleted.
///
/// # Errors
/// The errors of `record_fns::restore`.
#[server(prefix = "/rpc", endpoint = "notes/restore", protocol = Rpc)]
pub async fn restore_note(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<StoredNote, AppError> {
    portcullis_server::application::record_fns::restore(&id).await
}
