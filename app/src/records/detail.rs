//! The page of one record, with the form to edit it.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};
use portcullis::Code;
use portcullis_client::records::{FormContent, StoredRecord};
use portcullis_client::{DraftSlot, Session};

use super::Pages;
use super::conflict_dialog::ConflictDialog;
use super::deleted_dialog::DeletedDialog;
use super::editing::{Deleted, EDIT_PARAMETER, Editing};
use super::facts::Facts;
use super::form::RecordForm;
use crate::ui::{Failure, Heading, Skeleton};

/// Draws the record whose id is in the URL.
pub fn record_detail(pages: &'static Pages) -> AnyView {
    let (session, params) = (Session::get(), use_params_map());
    // A memo: a change of the query alone must not load the record again.
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let path = use_location().pathname;
    let record = LocalResource::new(move || {
        let (id, slot) = (id.get(), DraftSlot::new(session, &path.get_untracked(), pages.noun.one));
        async move {
            match pages.record.get(id.clone()).await {
                Ok(record) => Ok((record, true)),
                Err(error) if error.code == Code::NotFound => {
                    record_from_draft(pages, &id, &slot).await.map(|record| (record, false)).ok_or(error)
                }
                Err(error) => Err(error),
            }
        }
    });
    let retry = Callback::new(move |()| record.refetch());
    view! {
        <p class="crumbs"><a href=pages.list.path>{format!("All {}", pages.noun.many)}</a></p>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || record.get().map(|result| match result {
                Ok((record, exists)) => view! { <Detail pages record exists/> }.into_any(),
                Err(error) => view! { <Failure error retry/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

/// Returns the record `id`, which no longer exists, from a draft, so that the person can still use what was typed.
async fn record_from_draft(pages: &Pages, id: &str, slot: &DraftSlot) -> Option<StoredRecord> {
    let base = FormContent::parse(&pages.record, &slot.find().await?)?.base;
    let (id, none) = (id.parse().ok()?, String::new());
    let (created_at, updated_at, version) = (none.clone(), none, base.origin);
    Some(StoredRecord { id, fields: base.values, owner: None, created_at, updated_at, version })
}

#[component]
fn Detail(
    pages: &'static Pages,
    record: StoredRecord,
    /// Whether the record exists. Otherwise, it was deleted, and `record` comes from a draft.
    exists: bool,
) -> impl IntoView {
    let (session, here, navigate) = (Session::get(), use_location(), use_navigate());
    let may_change = untrack(|| pages.blocked(session, pages.record.write_access, &record)).is_none();
    let is_form_requested = here.query.with_untracked(|query| query.get(EDIT_PARAMETER).is_some());
    let editing = Editing::new(pages, record, exists);
    if !exists {
        editing.open_form();
        editing.deleted.set(Some(Deleted { unsaved: None }));
    } else if is_form_requested && may_change {
        editing.open_form();
    } else {
        editing.find_draft();
    }
    Effect::new(move |was_open: Option<bool>| {
        let is_open = editing.is_open.get();
        if was_open.is_some_and(|was_open| was_open != is_open) {
            let query = if is_open { format!("?{EDIT_PARAMETER}=yes") } else { String::new() };
            let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(&format!("{}{query}", here.pathname.get_untracked()), options);
        }
        is_open
    });
    let cancel = move |()| editing.discard();
    let form = move || {
        view! {
            <Heading text=format!("Edit {}", pages.noun.one)/>
            <RecordForm pages form=editing.form draft=editing.draft label="Save" busy=false
                save=move |values| editing.save(values) cancel discard=move |()| editing.start_over()/>
        }
    };
    view! {
        <div node_ref=editing.here.node()>
            {move || match editing.is_open.get() {
                false => view! { <Facts editing/> }.into_any(),
                true => form().into_any(),
            }}
        </div>
        <ConflictDialog pages conflict=editing.conflict choose=move |(conflict, choice)| editing.resolve_conflict(conflict, choice)/>
        <DeletedDialog editing/>
    }
    .into_any()
}
