//! The list of records: searched, sorted, page by page.

use std::time::Duration;

use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use leptos_router::location::Url;
use portcullis::record::{ListQuery, Sort};
use portcullis_client::records::OptimisticDeletes;
use portcullis_client::{Session, Verdict};

use super::Pages;
use super::found::Found;
use crate::query;
use crate::ui::{Blocked, Button, CardsSkeleton, Failure, Heading};

/// How long the search waits for more input.
const PAUSE: Duration = Duration::from_millis(250);

/// Draws the list with its tools.
pub fn record_list(pages: &'static Pages) -> AnyView {
    let deletes = OptimisticDeletes::get();
    let value = |name| {
        let value = query::use_value(name);
        Memo::new(move |_| value.get().unwrap_or_default())
    };
    let (search, sort) = (value("search"), value("sort"));
    let list = Memo::new(move |_| (search.get(), sort.get()));
    // The place within a list, with the list that it is in: another one starts on its first page. A page is shown until
    // the next one is there, so what is pressed on it may be of a list that nobody is waiting for any more.
    let place = RwSignal::new(None::<(String, (String, String))>);
    let after = Memo::new(move |_| place.get().filter(|(_, of)| *of == list.get()).map(|(cursor, _)| cursor));
    Effect::new(move |_| {
        list.track();
        place.set(None);
    });
    let page = LocalResource::new(move || {
        let (revision, of) = (deletes.revision(), list.get());
        let (search, sort) = of.clone();
        let query = ListQuery { search: given(search), sort: given(sort), after: after.get(), limit: None };
        let answer = pages.record.list(query);
        async move { answer.await.map(|found| (found, revision, of)) }
    });
    let again = Callback::new(move |()| page.refetch());
    let scopes: Vec<_> =
        pages.list.access.scopes().iter().map(|scope| view! { " " <code class="badge">{scope.0}</code> }).collect();
    view! {
        <Heading text=pages.list.title/>
        <p class="lead">"Guarded by" {scopes} ": the server gives them only to those who hold it."</p>
        <Tools pages search sort/>
        <Transition fallback=|| view! { <CardsSkeleton/> }>
            {move || page.get().map(|answer| match answer {
                Ok((found, revision, of)) => {
                    let is_first = after.get_untracked().is_none();
                    let go = Callback::new(move |cursor: Option<String>| {
                        place.set(cursor.map(|cursor| (cursor, of.clone())));
                    });
                    view! { <Found pages found revision search=search.get_untracked() is_first go/> }.into_any()
                }
                Err(error) => view! { <Failure error again is_part=true/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Search, order, and the way to a new record. The address holds what was chosen, so that it can be kept and shared.
#[component]
fn Tools(pages: &'static Pages, search: Memo<String>, sort: Memo<String>) -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    let show = move |search: &str, sort: &str| {
        let part = |name: &str, value: &str| (!value.is_empty()).then(|| format!("{name}={}", Url::escape(value)));
        let query: Vec<_> = [part("search", search), part("sort", sort)].into_iter().flatten().collect();
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("{}?{}", pages.list.path, query.join("&")), options);
    };
    let typed = {
        let show = show.clone();
        debounce(PAUSE, move |text: String| show(&text, &sort.get_untracked()))
    };
    let typed = StoredValue::new_local(typed);
    let by_title = format!("by {}", pages.title_label().to_lowercase());
    let orders = [
        ("", "Newest first".to_owned()),
        (Sort::Oldest.as_str(), "Oldest first".to_owned()),
        (Sort::Name.as_str(), format!("B{}", &by_title[1..])),
    ];
    let options = orders
        .map(|(value, words)| view! { <option value=value selected=move || sort.get() == value>{words}</option> });
    let new = move || match session.verdict(pages.new.access) {
        Verdict::Open => view! { <a class="button primary" href=pages.new.path>{pages.new.title}</a> }.into_any(),
        _ => {
            let blocked = Signal::derive(move || Blocked::by(session, pages.new.access));
            view! { <Button id="new-record" press=|()| () label=pages.new.title blocked/> }.into_any()
        }
    };
    view! {
        <form class="tools" role="search" aria-label=pages.list.title on:submit=|event| event.prevent_default()>
            <div class="field">
                <label for="search">{format!("Search {by_title}")}</label>
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
