//! The list of records, with search, order and pages.

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
use super::results::Results;
use crate::query;
use crate::ui::{Blocked, Button, CardsSkeleton, Failure, Heading};

/// How long the search waits for more input.
const SEARCH_DEBOUNCE: Duration = Duration::from_millis(250);

/// Draws the list with its toolbar.
pub fn record_list(pages: &'static Pages) -> AnyView {
    let deletes = OptimisticDeletes::get();
    let value = |name| {
        let value = query::use_value(name);
        Memo::new(move |_| value.get().unwrap_or_default())
    };
    let (search, sort) = (value("search"), value("sort"));
    let list = Memo::new(move |_| (search.get(), sort.get()));
    // The cursor of the page, with the list that it belongs to: another list starts on its first page. The old page is
    // shown until the new one is loaded, so a button that is pressed may belong to the previous list.
    let position = RwSignal::new(None::<(String, (String, String))>);
    let after = Memo::new(move |_| position.get().filter(|(_, of)| *of == list.get()).map(|(cursor, _)| cursor));
    Effect::new(move |_| {
        list.track();
        position.set(None);
    });
    let page = LocalResource::new(move || {
        let (revision, of) = (deletes.revision(), list.get());
        let (search, sort) = of.clone();
        let query = ListQuery { search: non_empty(search), sort: non_empty(sort), after: after.get(), limit: None };
        let call = pages.record.list(query);
        async move { call.await.map(|page| (page, revision, of)) }
    });
    let retry = Callback::new(move |()| page.refetch());
    let scopes: Vec<_> =
        pages.list.access.scopes().iter().map(|scope| view! { " " <code class="badge">{scope.0}</code> }).collect();
    view! {
        <Heading text=pages.list.title/>
        <p class="lead">"Guarded by" {scopes} ": the server gives them only to those who hold it."</p>
        <Tools pages search sort/>
        <Transition fallback=|| view! { <CardsSkeleton/> }>
            {move || page.get().map(|result| match result {
                Ok((page, revision, of)) => {
                    let is_first = after.get_untracked().is_none();
                    let go = Callback::new(move |cursor: Option<String>| {
                        position.set(cursor.map(|cursor| (cursor, of.clone())));
                    });
                    view! { <Results pages page revision search=search.get_untracked() is_first go/> }.into_any()
                }
                Err(error) => view! { <Failure error retry is_part=true/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The search, the order, and the button for a new record. The URL contains the choice, so that people can save and
/// share it.
#[component]
fn Tools(pages: &'static Pages, search: Memo<String>, sort: Memo<String>) -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    let show = move |search: &str, sort: &str| {
        let parameter = |name: &str, value: &str| (!value.is_empty()).then(|| format!("{name}={}", Url::escape(value)));
        let query: Vec<_> = [parameter("search", search), parameter("sort", sort)].into_iter().flatten().collect();
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("{}?{}", pages.list.path, query.join("&")), options);
    };
    let on_search = {
        let show = show.clone();
        debounce(SEARCH_DEBOUNCE, move |text: String| show(&text, &sort.get_untracked()))
    };
    let on_search = StoredValue::new_local(on_search);
    let by_title = format!("by {}", pages.title_label().to_lowercase());
    let orders = [
        ("", "Newest first".to_owned()),
        (Sort::Oldest.as_str(), "Oldest first".to_owned()),
        (Sort::Name.as_str(), format!("B{}", &by_title[1..])),
    ];
    let options = orders
        .map(|(value, label)| view! { <option value=value selected=move || sort.get() == value>{label}</option> });
    let new = move || match session.verdict(pages.new.access) {
        Verdict::Open => view! { <a class="button primary" href=pages.new.path>{pages.new.title}</a> }.into_any(),
        _ => {
            let blocked = Signal::derive(move || Blocked::for_access(session, pages.new.access));
            view! { <Button id="new-record" on_press=|()| () label=pages.new.title blocked/> }.into_any()
        }
    };
    view! {
        <form class="tools" role="search" aria-label=pages.list.title on:submit=|event| event.prevent_default()>
            <div class="field">
                <label for="search">{format!("Search {by_title}")}</label>
                <input type="search" id="search" maxlength="120" autocomplete="off" prop:value=search
                    on:input:target=move |event| on_search.update_value(|on_search| on_search(event.target().value()))/>
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
