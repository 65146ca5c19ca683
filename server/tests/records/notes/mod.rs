//! Notes: what one is, its rights, its server functions and its pages.

mod api;
mod note;
mod pages;

pub use note::Note;
pub use pages::ROUTES;

use portcullis::record::RecordEndpoints;
use portcullis::{Access, DeclaredRight, Endpoint, Page, Resource, Right, Scope, record_endpoints};
use server_fn::ServerFn;

/// The right to read notes.
pub struct ReadNotes;
impl Right for ReadNotes {
    const NAME: &'static str = "ReadNotes";
    const ACCESS: Access = Access::Scopes(&[Scope("read:notes")]);
    const IS_READ_ONLY: bool = true;
}

/// The right to create notes, and to change one's own.
pub struct WriteNotes;
impl Right for WriteNotes {
    const NAME: &'static str = "WriteNotes";
    const ACCESS: Access = Access::Scopes(&[Scope("write:notes")]);
}

/// The right to delete one's own notes, and to restore them.
pub struct DeleteNotes;
impl Right for DeleteNotes {
    const NAME: &'static str = "DeleteNotes";
    const ACCESS: Access = Access::Scopes(&[Scope("delete:notes")]);
}

/// The right to change and delete the notes of others, together with the right to write or to delete.
pub struct AdminNotes;
impl Right for AdminNotes {
    const NAME: &'static str = "AdminNotes";
    const ACCESS: Access = Access::Scopes(&[Scope("admin:notes")]);
}

/// The REST endpoints.
pub const REST: RecordEndpoints<Note> = record_endpoints!("/api/notes");

/// The list page.
pub const LIST_PAGE: Page = Page { path: "/notes", title: "Notes", access: ReadNotes::ACCESS, in_navigation: true };
/// The page for a new note.
pub const NEW_PAGE: Page =
    Page { path: "/notes/new", title: "New note", access: WriteNotes::ACCESS, in_navigation: false };
/// The page of one note.
pub const NOTE_PAGE: Page = Page { path: "/note/{id}", title: "Note", access: ReadNotes::ACCESS, in_navigation: false };

/// The declaration of this resource.
pub static RESOURCE: Resource = Resource {
    name: "notes",
    rights: &[
        DeclaredRight::of::<ReadNotes>(),
        DeclaredRight::of::<WriteNotes>(),
        DeclaredRight::of::<DeleteNotes>(),
        DeclaredRight::of::<AdminNotes>(),
    ],
    endpoints: &[
        &REST.declared(),
        &[
            Endpoint::<ReadNotes>::server_fn(api::GetNote::PATH).declared(),
            Endpoint::<ReadNotes>::server_fn(api::ListNotes::PATH).declared(),
            Endpoint::<WriteNotes>::server_fn(api::CreateNote::PATH).declared(),
            Endpoint::<WriteNotes>::server_fn(api::UpdateNote::PATH).declared(),
            Endpoint::<DeleteNotes>::server_fn(api::DeleteNote::PATH).declared(),
            Endpoint::<DeleteNotes>::server_fn(api::RestoreNote::PATH).declared(),
        ],
    ],
    pages: &[LIST_PAGE, NEW_PAGE, NOTE_PAGE],
};
