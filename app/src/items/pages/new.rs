//! The page for a new item.

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
    // Sent again after an answer that was lost, the same draft with the same key makes no second item.
    let last = StoredValue::new(None::<(ItemDraft, String)>);
    let key_of = move |draft: &ItemDraft| {
        let (_, key) = last.get_value().filter(|(of, _)| of == draft).unwrap_or_else(|| (draft.clone(), random_key()));
        last.set_value(Some((draft.clone(), key.clone())));
        key
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
                        toasts.fail(format!("It was not added: {error}."));
                    }
                }
            });
        }
    };
    view! {
        <p class="crumbs"><a href=LIST_PAGE.path>"All items"</a></p>
        <Heading text="New item"/>
        <ItemForm entries=Entries::blank() label="Add the item" busy save cancel=move |()| navigate(LIST_PAGE.path, Default::default())/>
    }
    .into_any()
}

/// 26 or so random characters: no secret, only unlike any other.
fn random_key() -> String {
    let part = || js_sys::Math::random().to_bits();
    format!("{:x}{:x}", part(), part())
}
