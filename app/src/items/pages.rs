//! The pages of items: the list, and one item.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use wasm_split_helpers::wasm_split;

use super::api::{get_item, list_items};
use super::item::{Item, ItemPage};
use super::money;
use crate::lazily::PageCode;
use crate::ui::{Failure, Skeleton};

/// The list of items, page by page. Stands behind a guard.
#[wasm_split(pages, fallible)]
pub fn items_page() -> PageCode {
    Ok(|| view! { <ItemsPageView/> }.into_any())
}

#[component]
fn ItemsPageView() -> impl IntoView {
    let after = RwSignal::new(None::<String>);
    let page = LocalResource::new(move || list_items(None, None, after.get(), None));
    view! {
        <h1>"Items"</h1>
        <p class="lead">"Guarded by " <code class="scope">"read:items"</code> ": the server gives them only to those who hold it."</p>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || page.get().map(|answer| match answer {
                Ok(found) => view! { <ItemCards found after/> }.into_any(),
                Err(error) => view! { <Failure error/> }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn ItemCards(found: ItemPage, after: RwSignal<Option<String>>) -> impl IntoView {
    if found.items.is_empty() {
        return view! { <p class="empty card">"There are no items yet."</p> }.into_any();
    }
    let cards = found.items.into_iter().map(|item| {
        let price = price(&item);
        view! {
            <li class="card">
                <h2><a href=format!("/item/{}", item.id)>{item.name}</a></h2>
                <p>{item.description}</p>
                <p class="price">{price}</p>
            </li>
        }
    });
    let next = StoredValue::new(found.next.clone());
    let is_only_page = after.get_untracked().is_none() && found.next.is_none();
    let pager = (!is_only_page).then(|| {
        view! {
            <div class="pager">
                <button type="button" class="button" disabled=move || after.get().is_none() on:click=move |_| after.set(None)>
                    "First page"
                </button>
                <button type="button" class="button" disabled=found.next.is_none() on:click=move |_| after.set(next.get_value())>
                    "Next page"
                </button>
            </div>
        }
    });
    view! {
        <ul class="cards">{cards.collect_view()}</ul>
        {pager}
    }
    .into_any()
}

/// One item. Stands behind a guard.
#[wasm_split(pages, fallible)]
pub fn item_page() -> PageCode {
    Ok(|| view! { <ItemPageView/> }.into_any())
}

#[component]
fn ItemPageView() -> impl IntoView {
    let params = use_params_map();
    let item = LocalResource::new(move || get_item(params.read().get("id").unwrap_or_default()));
    view! {
        <p class="crumbs"><a href=super::LIST_PAGE.path>"All items"</a></p>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || item.get().map(|answer| match answer {
                Ok(item) => view! { <ItemDetail item/> }.into_any(),
                Err(error) => view! { <Failure error/> }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn ItemDetail(item: Item) -> impl IntoView {
    let price = price(&item);
    let owner = item.owner.map(|owner| view! { <dt>"Owner"</dt><dd>{owner.subject}</dd> });
    view! {
        <Title text=item.name.clone()/>
        <article class="card detail">
            <h1>{item.name}</h1>
            <p class="price">{price}</p>
            <p>{item.description}</p>
            <dl>
                <dt>"Id"</dt><dd><code>{item.id.to_string()}</code></dd>
                {owner}
                <dt>"Created"</dt><dd><time datetime=item.created_at.clone()>{day(&item.created_at)}</time></dd>
                <dt>"Changed"</dt><dd><time datetime=item.updated_at.clone()>{day(&item.updated_at)}</time></dd>
            </dl>
        </article>
    }
}

/// The day of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or_default().to_owned()
}

/// The price with its currency.
fn price(item: &Item) -> Option<String> {
    let currency = item.currency.as_deref().unwrap_or_default();
    Some(format!("{} {currency}", money::to_text(item.price?, currency)).trim_end().to_owned())
}
