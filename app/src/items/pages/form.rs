//! The form of an item, for a new one and for a change.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use portcullis::FieldErrors;
use portcullis_client::FormDraft;

use super::entries::Entries;
use crate::items::ItemDraft;
use crate::items::merge::Field as Of;
use crate::ui::{DraftStatus, Field, Input, focus};

/// The name of the form, which tells its draft from those of other forms of a page.
pub const FORM: &str = "item";

/// The fields and the two ways out. What is wrong stands beside its field, and the first such field gets the focus.
#[component]
pub fn ItemForm(
    /// What was typed.
    entries: Entries,
    /// Where it is kept until it is saved.
    draft: FormDraft,
    /// The words on the button that saves.
    label: &'static str,
    /// Whether it is being saved.
    #[prop(into)]
    busy: Signal<bool>,
    /// Saves the draft, which is right.
    #[prop(into)]
    save: Callback<ItemDraft>,
    /// Leaves the form.
    #[prop(into)]
    cancel: Callback<()>,
    /// Puts back what the form began with.
    #[prop(into)]
    discard: Callback<()>,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        match untrack(|| entries.draft()) {
            Ok(draft) => {
                entries.refused.set(FieldErrors::default());
                save.run(draft);
            }
            Err(_) => {
                entries.tried.set(true);
                request_animation_frame(focus_first_wrong);
            }
        }
    };
    let discard = move |()| {
        discard.run(());
        // The button is gone with the draft.
        focus("#item-name");
    };
    view! {
        <form class="card sheet" novalidate data-draft="own" on:submit=submit>
            <DraftStatus draft unsaved=Signal::derive(move || entries.unsaved()) discard/>
            <Field id="item-name" label="Name" value=entries.name error=entries.error("name") note=entries.replaced(Of::Name) required=true/>
            <Field id="item-description" label="Description" input=Input::Lines value=entries.description
                error=entries.error("description") note=entries.replaced(Of::Description)/>
            <div class="pair">
                <Field id="item-price" label="Price" input=Input::Amount value=entries.price error=entries.error("price")
                    note=entries.replaced(Of::Price) hint="For example 49.90"/>
                <Field id="item-currency" label="Currency" value=entries.currency error=entries.error("currency") hint="Three letters, for example EUR"/>
            </div>
            <p class="actions">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().then_some("true")>
                    {move || if busy.get() { "Saving…" } else { label }}
                </button>
                <button type="button" class="button" on:click=move |_| cancel.run(())>"Cancel"</button>
            </p>
        </form>
    }
    .into_any()
}

fn focus_first_wrong() {
    let wrong = document().query_selector("form [aria-invalid=true]").ok().flatten();
    let field = wrong.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
    let _ = field.map(|field| field.focus());
}
