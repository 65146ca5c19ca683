//! One item: what it is, and the form to change it in its place.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};
use portcullis::{Code, Right};
use portcullis_client::{DraftSlot, Session};

use super::conflict::ConflictDialog;
use super::deleted::DeletedDialog;
use super::deletion::deletion;
use super::editing::{CHANGE, Deleted, Editing};
use super::entries::Typed;
use super::form::{FORM, ItemForm};
use super::{blocked, price};
use crate::items::api::get_item;
use crate::items::item::Item;
use crate::items::{DeleteItems, LIST_PAGE, WriteItems};
use crate::ui::{Button, Failure, Heading, Kind, Skeleton, focus};

/// The item of the address.
#[component]
pub fn ItemView() -> impl IntoView {
    let (session, params) = (Session::get(), use_params_map());
    // Another query alone is no other item.
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let path = use_location().pathname;
    let item = LocalResource::new(move || {
        let (id, slot) = (id.get(), DraftSlot::new(session, &path.get_untracked(), FORM));
        async move {
            match get_item(id.clone()).await {
                Ok(item) => Ok((item, true)),
                Err(error) if error.code == Code::NotFound => {
                    left_behind(&id, &slot).await.map(|item| (item, false)).ok_or(error)
                }
                Err(error) => Err(error),
            }
        }
    });
    let again = Callback::new(move |()| item.refetch());
    view! {
        <p class="crumbs"><a href=LIST_PAGE.path>"All items"</a></p>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || item.get().map(|answer| match answer {
                Ok((item, exists)) => view! { <Detail item exists/> }.into_any(),
                Err(error) => view! { <Failure error again/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

/// What a draft knows of the item `id`, which is not there any more: what was typed is shown all the same.
async fn left_behind(id: &str, slot: &DraftSlot) -> Option<Item> {
    let base = Typed::parse(&slot.find().await?)?.base;
    let (id, none) = (id.parse().ok()?, String::new());
    let (created_at, updated_at, version) = (none.clone(), none, base.origin);
    Some(Item { id, fields: base.values, owner: None, created_at, updated_at, version })
}

#[component]
fn Detail(
    item: Item,
    /// Whether it is there: else it is what a draft knows of an item that was deleted.
    exists: bool,
) -> impl IntoView {
    let (session, here, navigate) = (Session::get(), use_location(), use_navigate());
    let may_change = untrack(|| blocked(session, WriteItems::ACCESS, &item)).is_none();
    let is_asked_for = here.query.with_untracked(|query| query.get(CHANGE).is_some());
    let editing = Editing::of(item, exists);
    if !exists {
        editing.open_form();
        editing.deleted.set(Some(Deleted { unsaved: None }));
    } else if is_asked_for && may_change {
        editing.open_form();
    } else {
        editing.look_for_draft();
    }
    Effect::new(move |was_open: Option<bool>| {
        let is_open = editing.is_open.get();
        if was_open.is_some_and(|was_open| was_open != is_open) {
            let query = if is_open { format!("?{CHANGE}=yes") } else { String::new() };
            let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(&format!("{}{query}", here.pathname.get_untracked()), options);
        }
        is_open
    });
    let cancel = move |()| editing.discard();
    let form = move || {
        view! {
            <Heading text="Edit item"/>
            <ItemForm entries=editing.entries draft=editing.draft label="Save" busy=false
                save=move |draft| editing.save(draft) cancel discard=move |()| editing.start_over()/>
        }
    };
    view! {
        <div node_ref=editing.here.node()>
            {move || match editing.is_open.get() {
                false => view! { <Facts editing/> }.into_any(),
                true => form().into_any(),
            }}
        </div>
        <ConflictDialog conflict=editing.conflict choose=move |(conflict, choice)| editing.settle(conflict, choice)/>
        <DeletedDialog editing/>
    }
    .into_any()
}

#[component]
fn Facts(editing: Editing) -> impl IntoView {
    let session = Session::get();
    let delete = deletion(editing.item);
    let blocked_for =
        move |access| Signal::derive(move || editing.item.try_with(|item| blocked(session, access, item)).flatten());
    let edit = move |()| {
        editing.open_form();
        request_animation_frame(|| _ = focus("#item-name"));
    };
    let waiting = move || {
        let is_shown = editing.has_draft.get() && !editing.saving.get();
        is_shown.then(|| view! {
            <div class="draft">
                <p role="status">"You have an unsaved draft."</p>
                <Button id="draft-continue" press=edit label="Continue editing" blocked=blocked_for(WriteItems::ACCESS)/>
                <Button id="draft-discard" press=move |()| editing.discard_waiting() label="Discard"/>
            </div>
        })
    };
    // By itself: the focus is on the heading, and stays there when the server has saved what is shown already.
    let name = Memo::new(move |_| editing.item.with(|item| item.title().to_owned()));
    let heading = move || view! { <Title text=name.get()/><Heading text=name.get()/> };
    let facts = move || {
        let item = editing.item.get();
        let price = price(item.price, item.currency.as_deref());
        let owner = item.owner.as_ref().map(|owner| view! { <dt>"Owner"</dt><dd>{owner.subject.clone()}</dd> });
        view! {
            <p class="price">{price}</p>
            <p class="said">{item.description.clone()}</p>
            <dl>
                <dt>"Id"</dt><dd><code>{item.id.to_string()}</code></dd>
                {owner}
                <dt>"Created"</dt><dd><time datetime=item.created_at.clone()>{day(&item.created_at)}</time></dd>
                <dt>"Changed"</dt><dd><time datetime=item.updated_at.clone()>{day(&item.updated_at)}</time></dd>
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
                <Button id="edit" press=edit label="Edit" busy=editing.saving blocked=blocked_for(WriteItems::ACCESS)/>
                <Button id="delete" kind=Kind::Danger press=delete label="Delete" busy=editing.saving blocked=blocked_for(DeleteItems::ACCESS)/>
            </div>
        </article>
    }
    .into_any()
}

/// The day of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or_default().to_owned()
}
