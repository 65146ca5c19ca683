//! One field of a form: its label, the input, a hint, and what is wrong with what was entered.

use leptos::prelude::*;

use super::Icon;

/// What is entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Input {
    /// One line.
    #[default]
    Line,
    /// Several lines.
    Lines,
    /// An amount, with the keys for it where there is no keyboard.
    Amount,
}

/// A labelled input for `value`; its hint, its note and its error are heard with it.
#[component]
pub fn Field(
    /// The input's id and name, unique on the page; those of hint and error are made from it.
    id: &'static str,
    /// What is asked for.
    label: &'static str,
    /// What was entered.
    value: RwSignal<String>,
    /// What is entered.
    #[prop(optional)]
    input: Input,
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
    let control = match input {
        Input::Lines => view! {
            <textarea id=id name=id prop:value=value aria-describedby=described aria-invalid=invalid aria-required=required
                on:input:target=move |event| value.set(event.target().value())></textarea>
        }
        .into_any(),
        Input::Line | Input::Amount => view! {
            <input type="text" id=id name=id autocomplete="off" inputmode=(input == Input::Amount).then_some("decimal")
                prop:value=value aria-describedby=described aria-invalid=invalid aria-required=required
                on:input:target=move |event| value.set(event.target().value())/>
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || note.get().map(|note| view! { <p class="hint note" dir="auto" id=note_id.clone()>{note}</p> })}
            <p class="error" id=error_id role="alert">
                {move || error.get().map(|why| view! { {Icon::Alert.draw()} <span>{why}</span> })}
            </p>
        </div>
    }
    .into_any()
}
