//! Two people changed the same item: what is stored, what was typed, and what to do about it.

use leptos::prelude::*;

use super::price;
use crate::items::ItemDraft;
use crate::items::item::Item;
use crate::ui::{Button, Dialog, Kind, Table};

/// A change that came too late.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// What was to be saved.
    pub yours: ItemDraft,
    /// What was saved meanwhile.
    pub theirs: Item,
}

/// What the person wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// What is stored stays.
    Theirs,
    /// What was typed is saved over it.
    Yours,
    /// To go on with the form.
    Edit,
}

/// One field in two versions.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Difference {
    field: &'static str,
    theirs: String,
    yours: String,
}

impl Conflict {
    /// The fields that are not the same.
    fn differences(&self) -> Vec<Difference> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (yours, theirs) = (&self.yours, &self.theirs);
        let prices = [
            price(theirs.price, theirs.currency.as_deref()).unwrap_or_default(),
            price(yours.price, yours.currency.as_deref()).unwrap_or_default(),
        ];
        let [their_price, your_price] = prices;
        let all = [
            ("Name", theirs.name.clone(), yours.name.clone()),
            ("Description", text(&theirs.description), text(&yours.description)),
            ("Price", their_price, your_price),
        ];
        let differ = all.into_iter().filter(|(_, theirs, yours)| theirs != yours);
        differ.map(|(field, theirs, yours)| Difference { field, theirs, yours }).collect()
    }
}

/// Asks what to do about `conflict`, while there is one.
#[component]
pub fn ConflictDialog(
    /// The conflict; none closes the dialog.
    conflict: RwSignal<Option<Conflict>>,
    /// Does what was chosen. Closing the dialog is going on with the form.
    #[prop(into)]
    choose: Callback<(Conflict, Choice)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(conflict.with(Option::is_some)));
    let end = move |choice| {
        if let Some(found) = conflict.try_update(Option::take).flatten() {
            choose.run((found, choice));
        }
    };
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            end(Choice::Edit);
        }
        is_open
    });
    let rows = move || {
        conflict.get().map(|conflict| {
            let rows = conflict.differences().into_iter().map(|Difference { field, theirs, yours }| {
                view! { <tr role="row"><th role="rowheader" scope="row">{field}</th><td role="cell" data-head="Stored now">{theirs}</td><td role="cell" data-head="Yours">{yours}</td></tr> }
            });
            view! { <Table caption="What is stored, and what you typed" heads=&["Field", "Stored now", "Yours"]>{rows.collect_view()}</Table> }
        })
    };
    view! {
        <Dialog id="conflict" title="Someone else changed this item" open>
            <p>"It was saved after you opened it. Nothing of either is lost: choose what shall stand."</p>
            {rows}
            <p class="actions">
                <Button id="conflict-edit" press=move |()| end(Choice::Edit) label="Go on editing"/>
                <Button id="conflict-theirs" press=move |()| end(Choice::Theirs) label="Keep what is stored"/>
                <Button id="conflict-yours" kind=Kind::Primary press=move |()| end(Choice::Yours) label="Save mine over it"/>
            </p>
        </Dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::ItemId;

    #[test]
    fn only_the_fields_that_differ_are_shown() {
        let theirs = Item {
            id: ItemId([0; 12]),
            name: "Lamp".into(),
            description: None,
            price: Some(4900),
            currency: Some("EUR".into()),
            owner: None,
            created_at: String::new(),
            updated_at: String::new(),
            version: "1".into(),
        };
        let yours = ItemDraft {
            name: "Lamp".into(),
            description: Some("Bright".into()),
            price: Some(4900),
            currency: Some("USD".into()),
        };
        let shown: Vec<_> = Conflict { yours, theirs }
            .differences()
            .into_iter()
            .map(|one| (one.field, one.theirs, one.yours))
            .collect();
        let expected = [
            ("Description", String::new(), "Bright".to_owned()),
            ("Price", "49.00 EUR".to_owned(), "49.00 USD".to_owned()),
        ];
        assert_eq!(shown, expected);
    }
}
