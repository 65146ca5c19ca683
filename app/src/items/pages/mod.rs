//! The pages of items: the list, one item, a new one.

mod conflict;
mod deleted;
mod deletion;
mod detail;
mod editing;
mod entries;
mod form;
mod list;
mod new;
mod saving;

use leptos::prelude::*;
use portcullis::Access;
use portcullis::record::{RecordId, may_change};
use portcullis_client::Session;

use super::draft::ItemDraft;
use super::item::Item;
use super::money;
use crate::lazily::{PageCode, later};
use crate::ui::Blocked;

later! { pages:
    /// The list of items, page by page. Stands behind a guard.
    pub fn items_page() -> PageCode {
        Ok(|| view! { <list::ItemsView/> }.into_any())
    }
}

later! { pages:
    /// One item. Stands behind a guard.
    pub fn item_page() -> PageCode {
        Ok(|| view! { <detail::ItemView/> }.into_any())
    }
}

later! { pages:
    /// The form for a new item. Stands behind a guard.
    pub fn new_item_page() -> PageCode {
        Ok(|| view! { <new::NewItemView/> }.into_any())
    }
}

/// Items that are shown as gone although a list that was fetched may still hold them; a context of the application.
#[derive(Clone, Copy)]
pub struct Gone {
    /// Each with the turn from which on lists do not hold it; none while the server has not deleted it yet.
    items: RwSignal<Vec<(RecordId, Option<u32>)>>,
    /// Counts what happened to items since: a list that looks at it is fetched anew.
    turn: RwSignal<u32>,
}

impl Gone {
    /// Makes the context.
    pub fn provide() {
        provide_context(Self { items: RwSignal::new(Vec::new()), turn: RwSignal::new(0) });
    }

    fn get() -> Self {
        expect_context()
    }

    /// Hides the item `id`, which is being deleted.
    fn hide(self, id: RecordId) {
        self.items.update(|items| items.push((id, None)));
    }

    /// Hides the item `id` in lists that were asked for before now: it is deleted.
    fn settle(self, id: RecordId) {
        self.fetch_anew();
        let turn = self.turn.get_untracked();
        self.items
            .update(|items| items.iter_mut().filter(|(gone, _)| *gone == id).for_each(|gone| gone.1 = Some(turn)));
    }

    /// Shows the item `id` again.
    fn show(self, id: RecordId) {
        self.items.update(|items| items.retain(|(gone, _)| *gone != id));
        self.fetch_anew();
    }

    /// Whether the item `id` is hidden in a list that was asked for in `turn`; tracks changes.
    fn hides(self, id: RecordId, turn: u32) -> bool {
        let items = self.items.read();
        items.iter().any(|(gone, since)| *gone == id && since.is_none_or(|since| turn < since))
    }

    fn fetch_anew(self) {
        self.turn.update(|turn| *turn += 1);
    }
}

/// What keeps the signed-in person from doing what asks for `access` to an item of `owner`; tracks changes.
fn blocked(session: Session, access: Access, item: &Item) -> Option<Blocked> {
    Blocked::by(session, access).or_else(|| {
        let caller = session.caller()?;
        let words = "Only its owner, or someone with the scope admin:items, can do that";
        (!may_change::<ItemDraft>(&caller, item.owner.as_ref())).then(|| Blocked(words.into()))
    })
}

/// The price with its currency.
fn price(price: Option<i64>, currency: Option<&str>) -> Option<String> {
    let currency = currency.unwrap_or_default();
    Some(format!("{} {currency}", money::to_text(price?, currency)).trim_end().to_owned())
}
