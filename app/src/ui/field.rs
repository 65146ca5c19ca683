//! One field of a form: the label, the input, a hint, a note and an error.

use leptos::prelude::*;
use portcullis_client::records::Control;

use super::Icon;

/// A labeled input for `value`. Screen readers read its hint, note and error with it.
#[component]
pub fn Field(
    /// The input's id and name, unique on the page. The ids of hint, note and error start with it.
    #[prop(into)]
    id: String,
    /// The label.
    label: &'static str,
    /// The text that was entered; for a checkbox, `true` or an empty text.
    value: RwSignal<String>,
    /// The kind of control.
    #[prop(default = Control::Line)]
    control: Control,
    /// How to fill in the field.
    #[prop(optional)]
    hint: &'static str,
    /// What the person should know before they save it.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    /// The error.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether the field must be filled in.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    // Whether only a part of a date was entered. The browser returns an empty text for it.
    let is_partial = RwSignal::new(false);
    let error = Signal::derive(move || match is_partial.get() {
        true => Some("Enter the whole date, or none of it".to_owned()),
        false => error.get(),
    });
    let [hint_id, note_id, error_id] = ["hint", "note", "error"].map(|part| format!("{id}-{part}"));
    let described_by = {
        let ids = [hint_id.clone(), note_id.clone(), error_id.clone()];
        move || {
            let are_shown = [!hint.is_empty(), note.with(Option::is_some), error.with(Option::is_some)];
            let shown: Vec<_> =
                ids.iter().zip(are_shown).filter(|(_, is_shown)| *is_shown).map(|(id, _)| id.as_str()).collect();
            (!shown.is_empty()).then(|| shown.join(" "))
        }
    };
    let invalid = move || error.with(Option::is_some).then_some("true");
    let required = required.then_some("true");
    let (kind, input_mode) = match control {
        Control::Amount => ("text", Some("decimal")),
        Control::Number => ("text", Some("numeric")),
        Control::Date => ("date", None),
        Control::Custom(kind) => (kind, None),
        _ => ("text", None),
    };
    let input = match control {
        Control::Lines => view! {
            <textarea id=id.clone() name=id.clone() dir="auto" prop:value=value aria-describedby=described_by aria-invalid=invalid
                aria-required=required on:input:target=move |event| value.set(event.target().value())></textarea>
        }
        .into_any(),
        Control::Checkbox => view! {
            <input type="checkbox" id=id.clone() name=id.clone() prop:checked=move || value.get() == "true"
                aria-describedby=described_by aria-invalid=invalid aria-required=required
                on:change:target=move |event| value.set(if event.target().checked() { "true".into() } else { String::new() })/>
        }
        .into_any(),
        _ => view! {
            <input type=kind id=id.clone() name=id.clone() dir="auto" autocomplete="off" inputmode=input_mode
                prop:value=value aria-describedby=described_by aria-invalid=invalid aria-required=required
                on:blur:target=move |event| is_partial.set(event.target().matches(":invalid").unwrap_or_default())
                on:input:target=move |event| {
                    value.set(event.target().value());
                    is_partial.update(|is_partial| *is_partial &= event.target().matches(":invalid").unwrap_or_default());
                }/>
        }
        .into_any(),
    };
    let class = if control == Control::Checkbox { "field check" } else { "field" };
    view! {
        <div class=class>
            <label for=id>{label}</label>
            {input}
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || note.get().map(|note| view! { <p class="hint note" dir="auto" id=note_id.clone()>{note}</p> })}
            <p class="error" id=error_id role="alert">
                {move || error.get().map(|error| view! { {Icon::Alert.draw()} <span>{error}</span> })}
            </p>
        </div>
    }
    .into_any()
}
