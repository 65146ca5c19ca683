//! The values of one record, with the buttons to edit and delete it.

use leptos::prelude::*;
use leptos_meta::Title;
use portcullis_client::Session;

use super::deletion::delete_handler;
use super::editing::Editing;
use crate::ui::{Button, ButtonKind, Heading, focus};

#[component]
pub fn Facts(
    /// The record.
    editing: Editing,
) -> impl IntoView {
    let (session, pages) = (Session::get(), editing.pages);
    let delete = delete_handler(pages, editing.record);
    let blocked_for = move |access| {
        Signal::derive(move || editing.record.try_with(|record| pages.blocked(session, access, record)).flatten())
    };
    let edit = move |()| {
        editing.open_form();
        request_animation_frame(move || _ = focus(&pages.first_input()));
    };
    let draft_notice = move || {
        let is_shown = editing.has_draft.get() && !editing.saving.get();
        is_shown.then(|| view! {
            <div class="draft">
                <p role="status">"You have an unsaved draft."</p>
                <Button id="draft-continue" on_press=edit label="Continue editing" blocked=blocked_for(pages.record.write_access)/>
                <Button id="draft-discard" on_press=move |()| editing.discard_draft() label="Discard"/>
            </div>
        })
    };
    // A memo of its own: the heading has the focus, and must not be replaced when the server has saved what is shown
    // already.
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
                <dt>"Created"</dt><dd><time datetime=record.created_at.clone()>{date(&record.created_at)}</time></dd>
                <dt>"Changed"</dt><dd><time datetime=record.updated_at.clone()>{date(&record.updated_at)}</time></dd>
            </dl>
        }
    };
    let saving = move || editing.saving.get().then(|| view! { <p class="quiet" role="status">"Saving…"</p> });
    view! {
        <article class="card detail">
            {heading}
            {draft_notice}
            {facts}
            {saving}
            <div class="actions">
                <Button id="edit" on_press=edit label="Edit" busy=editing.saving blocked=blocked_for(pages.record.write_access)/>
                <Button id="delete" kind=ButtonKind::Danger on_press=delete label="Delete" busy=editing.saving blocked=blocked_for(pages.record.delete_access)/>
            </div>
        </article>
    }
    .into_any()
}

/// Returns the date of an RFC 3339 time.
fn date(time: &str) -> String {
    time.split('T').next().unwrap_or_default().to_owned()
}
