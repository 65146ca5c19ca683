//! The editable fields of a note and their validation, which the form and the server share.

use portcullis::record::{Page, Record, Stored};
use portcullis::{FieldErrors, Fields, FromFields};
use portcullis_client::records::Date;
use serde::{Deserialize, Serialize};

use super::{AdminNotes, DeleteNotes, ReadNotes, WriteNotes};

/// The editable fields of a note.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Note {
    /// What it is about.
    pub title: String,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Whether it is done.
    #[serde(default)]
    pub is_done: bool,
    /// How important it is, from 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<i64>,
    /// When it is due, as `2026-11-26`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// A note as it is stored.
pub type StoredNote = Stored<Note>;

/// A page of notes.
pub type NotePage = Page<Note>;

impl Record for Note {
    type Read = ReadNotes;
    type Write = WriteNotes;
    type Delete = DeleteNotes;
    type Admin = AdminNotes;
    const NAME: &'static str = "Note";
    const COLLECTION: &'static str = "notes";
    const FIELDS: &'static [&'static str] = &["title", "body", "is_done", "stars", "due"];
    const SEARCHED: &'static str = "title";

    fn check(&self, stored: Option<&Self>) -> Result<Self, FieldErrors> {
        let (mut errors, none) = (FieldErrors::default(), Self::default());
        // Stored values are accepted unchanged.
        let stored = stored.unwrap_or(&none);
        let mut note = self.clone();
        if note.title != stored.title || note.title.is_empty() {
            note.title = self.title.trim().to_owned();
            match note.title.chars().count() {
                0 => errors.add("title", "A note needs a title"),
                121.. => errors.add("title", "The title can have 120 characters at most"),
                _ => {}
            }
        }
        if note.body != stored.body && note.body.as_ref().is_some_and(|body| body.chars().count() > 2_000) {
            errors.add("body", "The body can have 2,000 characters at most");
        }
        if note.stars != stored.stars && note.stars.is_some_and(|stars| !(1..=5).contains(&stars)) {
            errors.add("stars", "A note has 1 to 5 stars");
        }
        if note.due != stored.due && note.due.as_ref().is_some_and(|due| !Date::is_date(due)) {
            errors.add("due", "The date must be year, month and day, for example 2026-11-26");
        }
        if errors.is_empty() { Ok(note) } else { Err(errors) }
    }
}

impl FromFields for Note {
    fn from_fields(mut body: Fields) -> Result<Self, FieldErrors> {
        let note = Self {
            title: body.text("title", "The title must be text").unwrap_or_default(),
            body: body.text("body", "The body must be text"),
            is_done: body.boolean("is_done", "Done must be true or false").unwrap_or_default(),
            stars: body.integer("stars", "The stars must be a whole number"),
            due: body.text("due", "The date must be text"),
        };
        let errors = body.into_errors();
        if errors.is_empty() { Ok(note) } else { Err(errors.and(note.validate().err().unwrap_or_default())) }
    }
}
