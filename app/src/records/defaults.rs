//! How a card and a record look if their resource does not define it.

use leptos::prelude::*;
use portcullis_client::records::{Control, Field, StoredRecord};
use serde_json::Value;

fn is_long(field: &Field) -> bool {
    field.kind.control(0) == Control::Lines
}

/// Returns the long texts of `record`, and the labels and values of its other fields. The title is in neither.
fn split(form: &[Field], title: &str, record: &StoredRecord) -> (Vec<String>, Vec<(&'static str, String)>) {
    let (mut texts, mut facts) = (Vec::new(), Vec::new());
    for field in form.iter().filter(|field| field.name() != title) {
        match field.show(&record.fields) {
            Some(text) if is_long(field) => texts.push(text),
            Some(text) => facts.push((field.label, text)),
            None => {}
        }
    }
    (texts, facts)
}

/// Draws the long texts, and below them the other values. Unchecked boxes are left out.
pub fn card(form: &[Field], title: &str, record: &StoredRecord) -> AnyView {
    let is_unchecked = |field: &Field| record.fields.get(field.name()) == Some(&Value::Bool(false));
    let form: Vec<_> = form.iter().filter(|field| !is_unchecked(field)).copied().collect();
    let (texts, facts) = split(&form, title, record);
    let texts: Vec<_> = texts.into_iter().map(|text| view! { <p dir="auto">{text}</p> }).collect();
    let facts: Vec<_> = facts.into_iter().map(|(label, value)| format!("{label}: {value}")).collect();
    view! {
        {texts}
        {(!facts.is_empty()).then(|| view! { <p class="values" dir="auto">{facts.join(" · ")}</p> })}
    }
    .into_any()
}

/// Draws the long texts, and below them a list of the other values.
pub fn body(form: &[Field], title: &str, record: &StoredRecord) -> AnyView {
    let (texts, facts) = split(form, title, record);
    let texts: Vec<_> = texts.into_iter().map(|text| view! { <p class="said" dir="auto">{text}</p> }).collect();
    let facts: Vec<_> =
        facts.into_iter().map(|(label, value)| view! { <dt>{label}</dt><dd dir="auto">{value}</dd> }).collect();
    view! {
        {texts}
        {(!facts.is_empty()).then(|| view! { <dl>{facts}</dl> })}
    }
    .into_any()
}
