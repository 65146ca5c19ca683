//! One field of a form: its label, the input, a hint, and what is wrong with what was entered.

use leptos::prelude::*;
use portcullis_client::records::Control;

use super::Icon;

/// A labelled input for `value`; its hint, its note and its error are heard with it.
#[component]
pub fn Field(
    /// The input's id and name, unique on the page; those of hint and error are made from it.
    #[prop(into)]
    id: String,
    /// What is asked for.
    label: &'static str,
    /// What was entered; of a checkbox, `true` or nothing.
    value: RwSignal<String>,
    /// How it is entered.
    #[prop(default = Control::Line)]
    control: Control,
    /// What helps to enter it.
    #[prop(optional)]
    hint: &'static str,
    /// What the person should know before they save it.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether something must be entered.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    // A date of which only a part was entered: the browser gives no text for it.
    let is_partial = RwSignal::new(false);
    let error = Signal::derive(move || match is_partial.get() {
        true => Some("Enter the whole date, or none of it".to_owned()),
        false => error.get(),
    });
    let [hint_id, note_id, error_id] = ["hint", "note", "error"].map(|part| format!("{id}-{part}"));
    let described = {
        let parts = [hint_id.clone(), note_id.clone(), error_id.clone()];
        move || {
            let is_there = [!hint.is_empty(), note.with(Option::is_some), error.with(Option::is_some)];
            let there: Vec<_> = parts.iter().zip(is_there).filter(|(_, is)| *is).map(|(id, _)| id.as_str()).collect();
            (!there.is_empty()).then(|| there.join(" "))
        }
    };
    let invalid = move || error.with(Option::is_some).then_some("true");
    let required = required.then_some("true");
    let (kind, mode) = match control {
        Control::Amount => ("text", Some("decimal")),
        Control::Number => ("text", Some("numeric")),
        Control::Date => ("date", None),
        Control::Custom(kind) => (kind, None),
        _ => ("text", None),
    };
    let input = match control {
        Control::Lines => view! {
            <textarea id=id.clone() name=id.clone() dir="auto" prop:value=value aria-describedby=described aria-invalid=invalid
                aria-required=required on:input:target=move |event| value.set(event.target().value())></textarea>
        }
        .into_any(),
        Control::Checkbox => view! {
            <input type="checkbox" id=id.clone() name=id.clone() prop:checked=move || value.get() == "true"
                aria-describedby=described aria-invalid=invalid aria-required=required
                on:change:target=move |event| value.set(if event.target().checked() { "true".into() } else { String::new() })/>
        }
        .into_any(),
        _ => view! {
            <input type=kind id=id.clone() name=id.clone() dir="auto" autocomplete="off" inputmode=mode
                prop:value=value aria-describedby=described aria-invalid=invalid aria-required=required
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
                {move || error.get().map(|why| view! { {Icon::Alert.draw()} <span>{why}</span> })}
            </p>
        </div>
    }
    .into_any()
}
