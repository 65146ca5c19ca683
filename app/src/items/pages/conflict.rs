//! The dialog for two changes of the same field: the person chooses, field by field.

use leptos::prelude::*;

use super::entries::values;
use super::price;
use crate::items::ItemDraft;
use crate::items::item::Item;
use crate::items::merge::{Field, Merge, labels, merge};
use crate::ui::{Blocked, Button, Dialog, Kind};

/// A change that came too late, and touched what another change touched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// What both changes started from.
    pub base: ItemDraft,
    /// What was to be saved.
    pub yours: ItemDraft,
    /// What is stored now.
    pub theirs: Item,
}

/// What the person wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// To go on with the form.
    Edit,
    /// To save this, on top of what is stored.
    Save(ItemDraft),
    /// To leave what is stored as it is.
    Discard,
}

/// One of the two versions of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Stored,
    Yours,
}

impl Conflict {
    /// The two changes together.
    pub fn merge(&self) -> Merge {
        merge(&self.base, &self.yours, &values(&self.theirs))
    }

    /// What to save when `chosen` says which side each field in conflict takes; none while one is missing.
    fn chosen(&self, chosen: &[(Field, Side)]) -> Option<ItemDraft> {
        let Merge { mut merged, conflicts, .. } = self.merge();
        for field in conflicts {
            match chosen.iter().find(|(of, _)| *of == field)?.1 {
                Side::Stored => field.copy(&values(&self.theirs), &mut merged),
                Side::Yours => {}
            }
        }
        Some(merged)
    }
}

/// The value of `field` in `values`, as people read it.
pub fn shown(field: Field, values: &ItemDraft) -> String {
    let text = match field {
        Field::Name => Some(values.name.clone()),
        Field::Description => values.description.clone(),
        Field::Price => price(values.price, values.currency.as_deref()),
    };
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "(empty)".to_owned())
}

/// Asks what to do about `conflict`, while there is one. Nothing is chosen beforehand.
#[component]
pub fn ConflictDialog(
    /// The conflict; none closes the dialog.
    conflict: RwSignal<Option<Conflict>>,
    /// Does what was chosen. Closing the dialog is going on with the form.
    #[prop(into)]
    choose: Callback<(Conflict, Choice)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(Vec::<(Field, Side)>::new());
    Effect::new(move |_| {
        let is_open = conflict.with(Option::is_some);
        if is_open {
            chosen.set(Vec::new());
        }
        open.set(is_open);
    });
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
    let to_save = Memo::new(move |_| conflict.with(|conflict| conflict.as_ref()?.chosen(&chosen.read())));
    let blocked = Signal::derive(move || {
        to_save.with(Option::is_none).then(|| Blocked("Choose a version of each field first".into()))
    });
    let fields = move || conflict.get().map(|conflict| fields(&conflict, chosen));
    view! {
        <Dialog id="conflict" title="This item changed while you were editing. Choose which values to keep." open>
            {fields}
            <p class="actions">
                <Button id="conflict-discard" press=move |()| end(Choice::Discard) label="Discard my changes"/>
                <Button id="conflict-save" blocked label="Save chosen values" press=move |()| {
                    if let Some(draft) = to_save.get_untracked() {
                        end(Choice::Save(draft));
                    }
                }/>
                <Button id="conflict-edit" kind=Kind::Primary press=move |()| end(Choice::Edit) label="Keep editing"/>
            </p>
        </Dialog>
    }
    .into_any()
}

fn fields(conflict: &Conflict, chosen: RwSignal<Vec<(Field, Side)>>) -> AnyView {
    let Merge { conflicts, from_theirs, .. } = conflict.merge();
    let stored = values(&conflict.theirs);
    let others = (!from_theirs.is_empty()).then(|| {
        view! { <p>{format!("Changed elsewhere, and kept: {}.", labels(&from_theirs))}</p> }
    });
    let choices = conflicts.into_iter().map(|field| {
        let option = |side: Side, head: &'static str, values: &ItemDraft| {
            let choose = move |_| {
                chosen.update(|chosen| {
                    chosen.retain(|(of, _)| *of != field);
                    chosen.push((field, side));
                });
            };
            view! {
                <label class="option">
                    <input type="radio" name=format!("conflict-{}", field.label()) on:change=choose/>
                    <span>{head}</span>
                    <span class="value" dir="auto">{shown(field, values)}</span>
                </label>
            }
        };
        view! {
            <fieldset class="choice">
                <legend>{field.label()}</legend>
                {option(Side::Stored, "Stored now", &stored)}
                {option(Side::Yours, "Yours", &conflict.yours)}
            </fieldset>
        }
    });
    view! {
        <p>"Choose a version of each field, then save."</p>
        {choices.collect_view()}
        {others}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::record::RecordId;

    fn conflict() -> Conflict {
        let base =
            ItemDraft { name: "Lamp".into(), description: None, price: Some(4900), currency: Some("EUR".into()) };
        let yours = ItemDraft { name: "Mine".into(), currency: Some("USD".into()), ..base.clone() };
        let theirs = Item {
            id: RecordId([0; 12]),
            fields: ItemDraft {
                name: "Theirs".into(),
                description: Some("Bright".into()),
                price: Some(5200),
                currency: Some("EUR".into()),
            },
            owner: None,
            created_at: String::new(),
            updated_at: String::new(),
            version: "2".into(),
        };
        Conflict { base, yours, theirs }
    }

    #[test]
    fn conflict_saves_nothing_until_each_field_is_chosen() {
        assert_eq!(conflict().chosen(&[]), None);
        assert_eq!(conflict().chosen(&[(Field::Name, Side::Yours)]), None);
        let chosen =
            conflict().chosen(&[(Field::Price, Side::Stored), (Field::Name, Side::Yours)]).expect("all chosen");
        assert_eq!((chosen.name.as_str(), chosen.price, chosen.currency.as_deref()), ("Mine", Some(5200), Some("EUR")));
        assert_eq!(chosen.description.as_deref(), Some("Bright"));
    }

    #[test]
    fn shown_names_an_empty_value() {
        let Conflict { base, .. } = conflict();
        assert_eq!(shown(Field::Price, &base), "49.00 EUR");
        assert_eq!(shown(Field::Description, &base), "(empty)");
    }
}
