//! What a resource declares for its pages.

use leptos::prelude::*;
use portcullis::record::{Record, Stored};
use portcullis::{Access, Page};
use portcullis_client::Session;
use portcullis_client::records::{self, Calls, Definition, Field, RecordType, StoredRecord};

use super::{defaults, detail, list, new};
use crate::ui::Blocked;

/// What people call a record, in lower case.
#[derive(Clone, Copy, Debug)]
pub struct Noun {
    /// One of them: "item".
    pub one: &'static str,
    /// Several of them: "items".
    pub many: &'static str,
}

/// A record with pages.
pub trait RecordPages: Record {
    /// What people call the record.
    const NOUN: Noun;
    /// The page with the list.
    const LIST_PAGE: Page;
    /// The page with the form for a new record.
    const NEW_PAGE: Page;
    /// The page of one record. Its path has the parameter `{id}`.
    const DETAIL_PAGE: Page;
    /// The fields of the form, made with `portcullis_client::fields!`.
    const FORM: &'static [Field];
    /// The server functions.
    const CALLS: Calls<Self>;

    /// Draws what a card of the list shows below the title.
    fn card(record: &Stored<Self>) -> AnyView {
        defaults::card(Self::FORM, Self::SEARCHED, &records::erase(record.clone()))
    }

    /// Draws what the page of one record shows below the title.
    fn body(record: &Stored<Self>) -> AnyView {
        defaults::body(Self::FORM, Self::SEARCHED, &records::erase(record.clone()))
    }
}

/// The pages of a record without its type. All components work with it, so the client contains their code once.
pub struct Pages {
    /// The record.
    pub record: RecordType,
    /// What people call the record.
    pub noun: Noun,
    /// The page with the list.
    pub list: Page,
    /// The page with the form for a new record.
    pub new: Page,
    /// The page of one record.
    pub detail: Page,
    /// Draws a card of the list.
    pub card: fn(StoredRecord) -> AnyView,
    /// Draws one record.
    pub body: fn(StoredRecord) -> AnyView,
}

/// The [`Definition`] of the record `R`.
struct PagesDefinition<R>(std::marker::PhantomData<R>);

impl<R: RecordPages> Definition for PagesDefinition<R> {
    type Record = R;
    const FIELDS: &'static [Field] = R::FORM;
    const CALLS: Calls<R> = R::CALLS;
}

impl Pages {
    /// Returns the pages of `R`.
    #[must_use]
    pub const fn of<R: RecordPages>() -> &'static Self {
        const {
            &Self {
                record: RecordType::of::<PagesDefinition<R>>(),
                noun: R::NOUN,
                list: R::LIST_PAGE,
                new: R::NEW_PAGE,
                detail: R::DETAIL_PAGE,
                card: |record| RecordType::typed(record).as_ref().map(R::card).into_any(),
                body: |record| RecordType::typed(record).as_ref().map(R::body).into_any(),
            }
        }
    }

    /// Returns the title of `record`, which is never blank.
    #[must_use]
    pub fn title(&self, record: &StoredRecord) -> String {
        let text = record.fields.get(self.record.title_field).and_then(|title| title.as_str()).unwrap_or_default();
        records::title(text, &format!("Unnamed {}", self.noun.one)).to_owned()
    }

    /// Returns the label of the field with the title.
    #[must_use]
    pub fn title_label(&self) -> &'static str {
        self.record.field(self.record.title_field).map_or("name", |field| field.label)
    }

    /// Returns the path of the page of the record `id`.
    #[must_use]
    pub fn path_of(&self, id: impl std::fmt::Display) -> String {
        self.detail.path.replace("{id}", &id.to_string())
    }

    /// Returns the id of the input `key` on the page.
    #[must_use]
    pub fn input_id(&self, key: &str) -> String {
        format!("{}-{key}", self.noun.one.replace(' ', "-"))
    }

    /// Returns the selector of the first input of the form.
    #[must_use]
    pub fn first_input(&self) -> String {
        format!("#{}", self.input_id(self.record.fields.first().map_or("", Field::name)))
    }

    /// Returns why the signed-in person can't do what requires `access` to `record`, or `None` if they can. Tracks
    /// changes.
    #[must_use]
    pub fn blocked(&self, session: Session, access: Access, record: &StoredRecord) -> Option<Blocked> {
        Blocked::for_access(session, access).or_else(|| {
            let caller = session.caller()?;
            let scopes: Vec<_> = self.record.admin_access.scopes().iter().map(|scope| scope.0).collect();
            let reason = format!("Only its owner, or someone with the scope {}, can do that", scopes.join(" "));
            (!self.record.may_change(&caller, record.owner.as_ref())).then_some(Blocked(reason))
        })
    }
}

/// The functions that draw the pages of a record.
#[derive(Clone, Copy)]
pub struct RecordViews {
    /// The list.
    pub list: fn() -> AnyView,
    /// The form for a new record.
    pub new: fn() -> AnyView,
    /// One record.
    pub detail: fn() -> AnyView,
}

impl RecordViews {
    /// Returns the functions that draw the pages of `R`.
    #[must_use]
    pub fn of<R: RecordPages>() -> Self {
        Self {
            list: || list::record_list(Pages::of::<R>()),
            new: || new::new_record(Pages::of::<R>()),
            detail: || detail::record_detail(Pages::of::<R>()),
        }
    }
}
