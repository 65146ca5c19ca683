//! The definition of the pages of notes.

use portcullis::Page;
use portcullis::record::ListQuery;
use portcullis_client::records::{Calls, Checkbox, Date, Field, Integer, LongText, Text};
use portcullis_client::{SplitLoaderError, fields, later};

use super::{Note, api};
use app::records::{Noun, PageRoute, RecordPages, RecordViews};

impl RecordPages for Note {
    const NOUN: Noun = Noun { one: "note", many: "notes" };
    const LIST_PAGE: Page = super::LIST_PAGE;
    const NEW_PAGE: Page = super::NEW_PAGE;
    const DETAIL_PAGE: Page = super::NOTE_PAGE;
    const FORM: &'static [Field] = fields![Note {
        title: Text("Title").required(),
        body: LongText("Body"),
        is_done: Checkbox("Done"),
        stars: Integer("Stars").hint("From 1 to 5"),
        due: Date("Due"),
    }];
    const CALLS: Calls<Self> = Calls {
        get: |id| Box::pin(api::get_note(id)),
        list: |ListQuery { search, sort, after, limit }| Box::pin(api::list_notes(search, sort, after, limit)),
        create: |note, key| Box::pin(api::create_note(note, key)),
        update: |id, version, note| Box::pin(api::update_note(id, version, note)),
        delete: |id, version| Box::pin(api::delete_note(id, version)),
        restore: |id| Box::pin(api::restore_note(id)),
    };
}

later! { pages:
    fn views() -> Result<RecordViews, SplitLoaderError> {
        Ok(RecordViews::of::<Note>())
    }
}

/// The routes to the pages. Their code is downloaded when one is opened.
pub static ROUTES: [PageRoute; 3] = [
    PageRoute::new(super::LIST_PAGE, || Box::pin(async { Ok(views().await?.list) })),
    PageRoute::new(super::NEW_PAGE, || Box::pin(async { Ok(views().await?.new) })),
    PageRoute::new(super::NOTE_PAGE, || Box::pin(async { Ok(views().await?.detail) })),
];
