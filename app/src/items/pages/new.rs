//! The page for a new item.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use portcullis_client::{FormDraft, Session, random};

use super::Gone;
use super::entries::{Base, Entries, Typed};
use super::form::{FORM, ItemForm};
use crate::items::api::create_item;
use crate::items::{ItemDraft, LIST_PAGE, NEW_PAGE};
use crate::ui::{Heading, OnPage, Toasts};

/// The form; when the item is made, its page.
#[component]
pub fn NewItemView() -> impl IntoView {
    let (toasts, gone) = (Toasts::get(), Gone::get());
    let navigate = use_navigate();
    let (busy, here) = (RwSignal::new(false), OnPage::new());
    let draft = FormDraft::new(Session::get(), NEW_PAGE.path, FORM);
    let entries = Entries::blank();
    // The text by which the server knows this form goes with the draft.
    let blank = move || entries.start(Base { origin: random(), ..Base::default() });
    blank();
    spawn_local(async move {
        let Some(kept) = draft.restore().await else { return };
        match Typed::parse(&kept) {
            Some(typed) => entries.restore(typed),
            None => draft.remove(),
        }
    });
    let save = {
        let navigate = navigate.clone();
        move |values: ItemDraft| {
            let navigate = navigate.clone();
            let key = creation_key(&entries.base.read_untracked().origin, &values);
            let mut slot = draft.slot();
            busy.set(true);
            spawn_local(async move {
                let answer = create_item(values, Some(key)).await;
                let has_left = !here.is_there();
                busy.set(false);
                match answer {
                    Ok(item) => {
                        slot.remove();
                        gone.fetch_anew();
                        toasts.say(format!("“{}” was created.", item.title()));
                        // Only whoever is still on this page is taken along.
                        if !has_left {
                            navigate(&format!("/item/{}", item.id), Default::default());
                        }
                    }
                    Err(error) if has_left && slot.is_stored() => {
                        let back = Arc::new(move || navigate(NEW_PAGE.path, Default::default()));
                        let said = format!("Couldn't create the item: {error}. Your text is kept as a draft.");
                        toasts.offer(said, "Continue editing", back);
                    }
                    Err(error) => {
                        if !has_left {
                            entries.refused.set(error.inner.fields.clone());
                        }
                        toasts.failed("Couldn't create the item", &error);
                    }
                }
            });
        }
    };
    let cancel = move |()| {
        draft.remove();
        navigate(LIST_PAGE.path, Default::default());
    };
    view! {
        <div node_ref=here.node()>
            <p class="crumbs"><a href=LIST_PAGE.path>"All items"</a></p>
            <Heading text="New item"/>
            <ItemForm entries draft label="Create item" busy save cancel discard=move |()| blank()/>
        </div>
    }
    .into_any()
}

/// The key of one creation: sent again after an answer that was lost, the same draft from the same form makes no second
/// item.
pub fn creation_key(origin: &str, draft: &ItemDraft) -> String {
    let mut hash = DefaultHasher::new();
    draft.hash(&mut hash);
    format!("{origin}-{:x}", hash.finish())
}
