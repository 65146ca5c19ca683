//! The form of notes: each kind of field has its own input.

use app::records::RecordPages;
use app::ui::Field;
use leptos::prelude::*;

use crate::notes::Note;

/// Returns the HTML of the input `key` with the value `text`.
fn html(key: &str, text: &str) -> String {
    let owner = Owner::new();
    owner.with(|| {
        let field = Note::FORM.iter().find(|field| field.name() == key).expect("a field");
        let (input, control) = (field.inputs[0], field.kind.control(0));
        let value = RwSignal::new(text.to_owned());
        view! { <Field id=format!("note-{key}") label=input.label control value hint=input.hint required=input.is_required/> }
            .into_any()
            .to_html()
    })
}

#[test]
fn form_of_notes_has_an_input_for_each_kind_of_field() {
    for (key, text, parts) in [
        ("title", "Shopping", [r#"type="text""#, r#"aria-required="true""#, r#"<label for="note-title">Title"#]),
        ("body", "Milk", ["<textarea", r#"dir="auto""#, r#"id="note-body""#]),
        ("is_done", "true", [r#"type="checkbox""#, r#"class="field check""#, r#"name="note-is_done""#]),
        ("stars", "3", [r#"inputmode="numeric""#, "From 1 to 5", r#"id="note-stars-hint""#]),
        ("due", "2026-11-26", [r#"type="date""#, r#"id="note-due""#, r#"<label for="note-due">Due"#]),
    ] {
        let html = html(key, text);
        for part in parts {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }
}
