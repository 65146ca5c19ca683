//! The page for a new item.

use std::hash::{DefaultHasher, Hash, Hasher};

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

use super::Gone;
use super::entries::Entries;
use super::form::ItemForm;
use crate::items::api::create_item;
use crate::items::{ItemDraft, LIST_PAGE};
use crate::ui::{Heading, Toasts};

/// The form; when the item is made, its page.
#[component]
pub fn NewItemView() -> impl IntoView {
    let (toasts, gone) = (Toasts::get(), Gone::get());
    let navigate = use_navigate();
    let busy = RwSignal::new(false);
    let entries = Entries::blank();
    // Sent again after an answer that was lost, the same draft from the same form makes no second item.
    let key_of = move |draft: &ItemDraft| {
        if entries.origin.with_untracked(String::is_empty) {
            entries.origin.set(random());
        }
        let mut hash = DefaultHasher::new();
        draft.hash(&mut hash);
        entries.origin.with_untracked(|form| format!("{form}-{:x}", hash.finish()))
    };
    let save = {
        let navigate = navigate.clone();
        move |draft: ItemDraft| {
            let navigate = navigate.clone();
            let key = key_of(&draft);
            busy.set(true);
            spawn_local(async move {
                match create_item(draft, Some(key)).await {
                    Ok(item) => {
                        gone.fetch_anew();
                        toasts.say(format!("“{}” was added.", item.name));
                        // Only whoever is still on this page is taken along.
                        if busy.try_set(false).is_none() {
                            navigate(&format!("/item/{}", item.id), Default::default());
                        }
                    }
                    Err(error) => {
                        busy.set(false);
                        entries.refused.set(error.inner.fields.clone());
                        toasts.failed("It was not added", &error);
                    }
                }
            });
        }
    };
    view! {
        <p class="crumbs"><a href=LIST_PAGE.path>"All items"</a></p>
        <Heading text="New item"/>
        <ItemForm entries label="Add the item" busy save cancel=move |()| navigate(LIST_PAGE.path, Default::default())/>
    }
    .into_any()
}

/// 26 or so random characters: no secret, only unlike any others.
fn random() -> String {
    let part = || js_sys::Math::random().to_bits();
    format!("{:x}{:x}", part(), part())
}
