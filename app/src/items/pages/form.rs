//! The form of an item, for a new one and for a change.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

use super::entries::Entries;
use crate::error::FieldErrors;
use crate::items::ItemDraft;
use crate::ui::{Field, Input};

/// The fields and the two ways out. What is wrong stands beside its field, and the first such field gets the focus.
#[component]
pub fn ItemForm(
    /// What was typed.
    entries: Entries,
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
    view! {
        <form class="card sheet" novalidate on:submit=submit>
            <Field id="item-name" label="Name" value=entries.name error=entries.error("name") required=true/>
            <Field id="item-description" label="Description" input=Input::Lines value=entries.description error=entries.error("description")/>
            <div class="pair">
                <Field id="item-price" label="Price" input=Input::Amount value=entries.price error=entries.error("price") hint="For example 49.90"/>
                <Field id="item-currency" label="Currency" value=entries.currency error=entries.error("currency") hint="Three letters, for example EUR"/>
            </div>
            // What was typed may be kept over a sign-in, and then what it began with goes with it. Not of the type `hidden`,
            // which is not kept.
            <input type="text" hidden name="item-origin" prop:value=entries.origin
                on:input:target=move |event| entries.origin.set(event.target().value())/>
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
