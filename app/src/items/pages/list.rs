//! The list of items: searched, sorted, page by page.

use std::time::Duration;

use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use leptos_router::location::Url;
use portcullis::record::Sort;
use portcullis_client::{Session, Verdict};

use super::{Gone, price};
use crate::items::api::list_items;
use crate::items::item::{Item, ItemPage};
use crate::items::{LIST_PAGE, NEW_PAGE};
use crate::query;
use crate::ui::{Blocked, Button, CardsSkeleton, Empty, Failure, Heading};

/// How long a person who types is waited for.
const PAUSE: Duration = Duration::from_millis(250);

/// The list, with its tools.
#[component]
pub fn ItemsView() -> impl IntoView {
    let gone = Gone::get();
    let value = |name| {
        let value = query::use_value(name);
        Memo::new(move |_| value.get().unwrap_or_default())
    };
    let (search, sort) = (value("search"), value("sort"));
    let list = Memo::new(move |_| (search.get(), sort.get()));
    // The place within a list, with the list that it is in: another begins on its first page. A page is shown until the
    // next one is there, so what is pressed on it may be of a list that is not asked for any more.
    let place = RwSignal::new(None::<(String, (String, String))>);
    let after = Memo::new(move |_| place.get().filter(|(_, of)| *of == list.get()).map(|(cursor, _)| cursor));
    Effect::new(move |_| {
        list.track();
        place.set(None);
    });
    let page = LocalResource::new(move || {
        let (turn, of) = (gone.turn.get(), list.get());
        let (search, sort) = of.clone();
        let answer = list_items(asked(search), asked(sort), after.get(), None);
        async move { answer.await.map(|found| (found, turn, of)) }
    });
    let again = Callback::new(move |()| page.refetch());
    view! {
        <Heading text="Items"/>
        <p class="lead">"Guarded by " <code class="badge">"read:items"</code> ": the server gives them only to those who hold it."</p>
        <Tools search sort/>
        <Transition fallback=|| view! { <CardsSkeleton/> }>
            {move || page.get().map(|answer| match answer {
                Ok((found, turn, of)) => {
                    let is_first = after.get_untracked().is_none();
                    let go = Callback::new(move |cursor: Option<String>| {
                        place.set(cursor.map(|cursor| (cursor, of.clone())));
                    });
                    view! { <Found found turn search=search.get_untracked() is_first go/> }.into_any()
                }
                Err(error) => view! { <Failure error again is_part=true/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

fn asked(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Search, order, and the way to a new item. What was chosen stands in the address, so that it can be kept and shared.
#[component]
fn Tools(search: Memo<String>, sort: Memo<String>) -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    let show = move |search: &str, sort: &str| {
        let part = |name: &str, value: &str| (!value.is_empty()).then(|| format!("{name}={}", Url::escape(value)));
        let query: Vec<_> = [part("search", search), part("sort", sort)].into_iter().flatten().collect();
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("{}?{}", LIST_PAGE.path, query.join("&")), options);
    };
    let typed = {
        let show = show.clone();
        debounce(PAUSE, move |text: String| show(&text, &sort.get_untracked()))
    };
    let typed = StoredValue::new_local(typed);
    let orders = [("", "Newest first"), (Sort::Oldest.as_str(), "Oldest first"), (Sort::Name.as_str(), "By name")];
    let options = orders
        .map(|(value, words)| view! { <option value=value selected=move || sort.get() == value>{words}</option> });
    let new = move || match session.verdict(NEW_PAGE.access) {
        Verdict::Open => view! { <a class="button primary" href=NEW_PAGE.path>"New item"</a> }.into_any(),
        _ => {
            let blocked = Signal::derive(move || Blocked::by(session, NEW_PAGE.access));
            view! { <Button id="new-item" press=|()| () label="New item" blocked/> }.into_any()
        }
    };
    view! {
        <form class="tools" role="search" aria-label="Items" on:submit=|event| event.prevent_default()>
            <div class="field">
                <label for="search">"Search by name"</label>
                <input type="search" id="search" maxlength="120" autocomplete="off" prop:value=search
                    on:input:target=move |event| typed.update_value(|typed| typed(event.target().value()))/>
            </div>
            <div class="field">
                <label for="sort">"Order"</label>
                <select id="sort" on:change:target=move |event| show(&search.get_untracked(), &event.target().value())>
                    {options.collect_view()}
                </select>
            </div>
            <div class="new">{new}</div>
        </form>
    }
    .into_any()
}

/// What was found on this page.
#[component]
fn Found(
    found: ItemPage,
    /// The turn of [`Gone`] in which it was asked for.
    turn: u32,
    search: String,
    is_first: bool,
    /// Goes to the page behind a cursor, or to the first.
    go: Callback<Option<String>>,
) -> impl IntoView {
    let gone = Gone::get();
    let (items, next) = (StoredValue::new(found.records), StoredValue::new(found.next));
    let has_next = next.with_value(Option::is_some);
    let shown = Memo::new(move |_| {
        let is_here = |item: &&Item| !gone.hides(item.id, turn);
        items.with_value(|items| items.iter().filter(is_here).cloned().collect::<Vec<_>>())
    });
    let nothing = move || match (search.is_empty(), is_first && !has_next) {
        (true, true) => view! {
            <Empty title="There are no items yet."><p>"Whoever holds the scope to write can add the first."</p></Empty>
        }
        .into_any(),
        (false, true) => view! {
            <Empty title="Nothing is called that."><p>"Names are searched by the beginnings of their words."</p></Empty>
        }
        .into_any(),
        (_, false) => {
            view! { <Empty title="Nothing on this page."><p>"There may be more on the next."</p></Empty> }.into_any()
        }
    };
    let cards = move || match shown.read().as_slice() {
        [] => nothing(),
        items => view! { <ul class="cards">{items.iter().map(card).collect_view()}</ul> }.into_any(),
    };
    let count = move || match (shown.read().len(), is_first && !has_next) {
        (1, true) => "1 item".to_owned(),
        (count, true) => format!("{count} items"),
        (count, false) => format!("{count} items on this page"),
    };
    let pager = (!is_first || has_next).then(|| {
        let to_first = move |_| {
            if !is_first {
                go.run(None);
            }
        };
        let to_next = move |_| {
            if has_next {
                go.run(next.get_value());
            }
        };
        // Not `disabled`: whoever has come to the last page by the keyboard stays on the button that led there.
        view! {
            <div class="pager">
                <button type="button" class="button" aria-disabled=is_first.then_some("true") on:click=to_first>"First page"</button>
                <button type="button" class="button" aria-disabled=(!has_next).then_some("true") on:click=to_next>"Next page"</button>
            </div>
        }
    });
    view! {
        <p class="quiet small" role="status">{count}</p>
        {cards}
        {pager}
    }
    .into_any()
}

fn card(item: &Item) -> AnyView {
    let price = price(item.price, item.currency.as_deref());
    view! {
        <li class="card">
            <h2><a href=format!("/item/{}", item.id)>{item.title().to_owned()}</a></h2>
            <p>{item.description.clone()}</p>
            <p class="price">{price}</p>
        </li>
    }
    .into_any()
}
