//! The form of a record, for a new one and for a change.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use portcullis::FieldErrors;
use portcullis_client::FormDraft;
use portcullis_client::records::{Field, FormState, Values};

use super::Pages;
use super::conflict::shown;
use crate::ui::{self, DraftStatus, focus};

/// Selects an input that the form cannot send: one with an error, or one that the browser cannot read.
const WRONG: &str = "form.sheet :is([aria-invalid=true], :invalid)";

/// The fields and the two ways out. What is wrong is beside its field, and the first such field gets the focus.
#[component]
pub fn RecordForm(
    pages: &'static Pages,
    /// What was typed.
    form: FormState,
    /// Where it is stored until it is saved.
    draft: FormDraft,
    /// The words on the button that saves.
    #[prop(into)]
    label: String,
    /// Whether it is being saved.
    #[prop(into)]
    busy: Signal<bool>,
    /// Saves the values, which are valid.
    #[prop(into)]
    save: Callback<Values>,
    /// Leaves the form.
    #[prop(into)]
    cancel: Callback<()>,
    /// Puts back what the form started with.
    #[prop(into)]
    discard: Callback<()>,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let is_readable = document().query_selector("form.sheet :invalid").ok().flatten().is_none();
        match untrack(|| form.read()) {
            Ok(values) if is_readable => {
                form.server_errors.set(FieldErrors::default());
                save.run(values);
            }
            _ => {
                form.was_submitted.set(true);
                request_animation_frame(focus_first_wrong);
            }
        }
    };
    let discard = move |()| {
        discard.run(());
        // The button is gone with the draft.
        focus(&pages.first_input());
    };
    let fields: Vec<_> = pages.record.fields.iter().map(|field| inputs(pages, form, field)).collect();
    view! {
        <form class="card sheet" novalidate data-draft="own" on:submit=submit>
            <DraftStatus draft unsaved=Signal::derive(move || form.unsaved()) discard/>
            {fields}
            <p class="actions">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().then_some("true")>
                    {move || if busy.get() { "Saving…".to_owned() } else { label.clone() }}
                </button>
                <button type="button" class="button" on:click=move |_| cancel.run(())>"Cancel"</button>
            </p>
        </form>
    }
    .into_any()
}

/// Draws the inputs of `field`, side by side if there are several. A replaced value is told with the first.
fn inputs(pages: &'static Pages, form: FormState, field: &'static Field) -> AnyView {
    let replaced = form.replaced(field);
    let note = Signal::derive(move || {
        replaced.with(|stored| {
            let stored = shown(field, stored.as_ref()?);
            Some(format!("Stored now: {stored}. Saving replaces it."))
        })
    });
    let inputs = field.inputs.iter().enumerate().filter_map(|(at, input)| {
        let value = form.text(input.key)?;
        let note = if at == 0 { note } else { Signal::default() };
        Some(
            view! {
                <ui::Field id=pages.input_id(input.key) label=input.label control=field.kind.control(at) value hint=input.hint
                    error=form.error(input.key) note required=input.is_required/>
            }
            .into_any(),
        )
    });
    let inputs: Vec<_> = inputs.collect();
    match inputs.len() {
        1 => inputs.into_any(),
        _ => view! { <div class="pair">{inputs}</div> }.into_any(),
    }
}

fn focus_first_wrong() {
    let wrong = document().query_selector(WRONG).ok().flatten();
    let field = wrong.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
    let _ = field.map(|field| field.focus());
}
