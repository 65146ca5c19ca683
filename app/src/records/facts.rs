//! One record as people read it, with what they can do about it.

use leptos::prelude::*;
use leptos_meta::Title;
use portcullis_client::Session;

use super::deletion::deletion;
use super::editing::Editing;
use crate::ui::{Button, Heading, Kind, focus};

#[component]
pub fn Facts(
    /// The record.
    editing: Editing,
) -> impl IntoView {
    let (session, pages) = (Session::get(), editing.pages);
    let delete = deletion(pages, editing.record);
    let blocked_for = move |access| {
        Signal::derive(move || editing.record.try_with(|record| pages.blocked(session, access, record)).flatten())
    };
    let edit = move |()| {
        editing.open_form();
        request_animation_frame(move || _ = focus(&pages.first_input()));
    };
    let waiting = move || {
        let is_shown = editing.has_draft.get() && !editing.saving.get();
        is_shown.then(|| view! {
            <div class="draft">
                <p role="status">"You have an unsaved draft."</p>
                <Button id="draft-continue" press=edit label="Continue editing" blocked=blocked_for(pages.record.write_access)/>
                <Button id="draft-discard" press=move |()| editing.discard_waiting() label="Discard"/>
            </div>
        })
    };
    // By itself: the focus is on the heading, and stays there when the server has saved what is shown already.
    let name = Memo::new(move |_| editing.record.with(|record| pages.title(record)));
    let heading = move || view! { <Title text=name.get()/><Heading text=name.get()/> };
    let facts = move || {
        let record = editing.record.get();
        let owner = record.owner.as_ref().map(|owner| view! { <dt>"Owner"</dt><dd>{owner.subject.clone()}</dd> });
        view! {
            {(pages.body)(record.clone())}
            <dl>
                <dt>"Id"</dt><dd><code>{record.id.to_string()}</code></dd>
                {owner}
                <dt>"Created"</dt><dd><time datetime=record.created_at.clone()>{day(&record.created_at)}</time></dd>
                <dt>"Changed"</dt><dd><time datetime=record.updated_at.clone()>{day(&record.updated_at)}</time></dd>
            </dl>
        }
    };
    let saving = move || editing.saving.get().then(|| view! { <p class="quiet" role="status">"Saving…"</p> });
    view! {
        <article class="card detail">
            {heading}
            {waiting}
            {facts}
            {saving}
            <div class="actions">
                <Button id="edit" press=edit label="Edit" busy=editing.saving blocked=blocked_for(pages.record.write_access)/>
                <Button id="delete" kind=Kind::Danger press=delete label="Delete" busy=editing.saving blocked=blocked_for(pages.record.delete_access)/>
            </div>
        </article>
    }
    .into_any()
}

/// The day of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or_default().to_owned()
}
