//! The dialog for two changes of the same field. The person chooses a version of each field.

use leptos::prelude::*;
use portcullis_client::records::{Choice, Conflict, Field, Merge, Side, Values, labels};

use super::Pages;
use crate::ui::{Blocked, Button, ButtonKind, Dialog};

/// Returns the value of `field` in `values`, as people read it.
pub fn shown(field: &Field, values: &Values) -> String {
    field.show(values).unwrap_or_else(|| "(empty)".to_owned())
}

/// Asks what to do about `conflict`, while there is one. No version is preselected.
#[component]
pub fn ConflictDialog(
    pages: &'static Pages,
    /// The conflict; `None` closes the dialog.
    conflict: RwSignal<Option<Conflict>>,
    /// Called with the choice. Closing the dialog continues with the form.
    #[prop(into)]
    choose: Callback<(Conflict, Choice)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(Vec::<(&'static str, Side)>::new());
    Effect::new(move |_| {
        let is_open = conflict.with(Option::is_some);
        if is_open {
            chosen.set(Vec::new());
        }
        open.set(is_open);
    });
    let end = move |choice| {
        if let Some(current) = conflict.try_update(Option::take).flatten() {
            choose.run((current, choice));
        }
    };
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            end(Choice::Edit);
        }
        is_open
    });
    let to_save =
        Memo::new(move |_| conflict.with(|conflict| conflict.as_ref()?.resolve(&pages.record, &chosen.read())));
    let blocked = Signal::derive(move || {
        to_save.with(Option::is_none).then(|| Blocked("Choose a version of each field first".into()))
    });
    let fields = move || conflict.get().map(|conflict| fields(pages, &conflict, chosen));
    let title = format!("This {} changed while you were editing. Choose which values to keep.", pages.noun.one);
    view! {
        <Dialog id="conflict" title open>
            {fields}
            <p class="actions">
                <Button id="conflict-discard" on_press=move |()| end(Choice::Discard) label="Discard my changes"/>
                <Button id="conflict-save" blocked label="Save chosen values" on_press=move |()| {
                    if let Some(values) = to_save.get_untracked() {
                        end(Choice::Save(values));
                    }
                }/>
                <Button id="conflict-edit" kind=ButtonKind::Primary on_press=move |()| end(Choice::Edit) label="Keep editing"/>
            </p>
        </Dialog>
    }
    .into_any()
}

fn fields(pages: &'static Pages, conflict: &Conflict, chosen: RwSignal<Vec<(&'static str, Side)>>) -> AnyView {
    let Merge { conflicts, from_theirs, .. } = conflict.merge(&pages.record);
    let others = (!from_theirs.is_empty()).then(|| {
        view! { <p>{format!("Changed elsewhere, and kept: {}.", labels(&pages.record, &from_theirs))}</p> }
    });
    let choices = conflicts.into_iter().filter_map(|name| pages.record.field(name)).map(|field| {
        let option = |side: Side, head: &'static str, values: &Values| {
            let choose = move |_| {
                chosen.update(|chosen| {
                    chosen.retain(|(name, _)| *name != field.name());
                    chosen.push((field.name(), side));
                });
            };
            view! {
                <label class="option">
                    <input type="radio" name=format!("conflict-{}", field.name()) on:change=choose/>
                    <span>{head}</span>
                    <span class="value" dir="auto">{shown(field, values)}</span>
                </label>
            }
        };
        view! {
            <fieldset class="choice">
                <legend>{field.label}</legend>
                {option(Side::Stored, "Stored now", &conflict.theirs.fields)}
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
    use crate::items::ItemDraft;

    #[test]
    fn shown_value_that_is_empty_says_so() {
        let record = Pages::of::<ItemDraft>();
        let values = Values::from_iter([("price".to_owned(), 4900.into()), ("currency".to_owned(), "EUR".into())]);
        let shown = |name: &str| record.record.field(name).map(|field| shown(field, &values));
        assert_eq!(shown("price").as_deref(), Some("49.00 EUR"));
        assert_eq!(shown("description").as_deref(), Some("(empty)"));
    }
}
