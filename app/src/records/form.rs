//! The form of a record, for a new one and for a change.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use portcullis::FieldErrors;
use portcullis_client::FormDraft;
use portcullis_client::records::{Field, FormState, Values};

use super::Pages;
use super::conflict_dialog::shown;
use crate::ui::{self, DraftStatus, focus};

/// Selects inputs that can't be sent: those with an error, and those that the browser can't read.
const INVALID_INPUT: &str = "form.sheet :is([aria-invalid=true], :invalid)";

/// The fields, and the buttons to save and to cancel. Errors are beside their fields; the first field with one gets the
/// focus.
#[component]
pub fn RecordForm(
    pages: &'static Pages,
    /// The state of the form.
    form: FormState,
    /// The draft that stores the input until it is saved.
    draft: FormDraft,
    /// The text of the button that saves.
    #[prop(into)]
    label: String,
    /// Whether the form is being saved.
    #[prop(into)]
    busy: Signal<bool>,
    /// Saves the values, which are valid.
    #[prop(into)]
    save: Callback<Values>,
    /// Leaves the form.
    #[prop(into)]
    cancel: Callback<()>,
    /// Resets the form to what it started with.
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
                request_animation_frame(|| _ = focus(INVALID_INPUT));
            }
        }
    };
    let discard = move |()| {
        discard.run(());
        // The button that had the focus is gone.
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

/// Draws the inputs of `field`, side by side if there are several. A note on a replaced value is beside the first.
fn inputs(pages: &'static Pages, form: FormState, field: &'static Field) -> AnyView {
    let replaced = form.replaced(field);
    let note = Signal::derive(move || {
        replaced.with(|stored| {
            let stored = shown(field, stored.as_ref()?);
            Some(format!("Stored now: {stored}. Saving replaces it."))
        })
    });
    let inputs = field.inputs.iter().enumerate().filter_map(|(index, input)| {
        let value = form.text(input.key)?;
        let note = if index == 0 { note } else { Signal::default() };
        Some(
            view! {
                <ui::Field id=pages.input_id(input.key) label=input.label control=field.kind.control(index) value hint=input.hint
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
