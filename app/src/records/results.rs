//! One page of a list: its cards or an empty state, and the buttons to other pages.

use leptos::prelude::*;
use portcullis_client::records::{OptimisticDeletes, RecordPage, StoredRecord};

use super::Pages;
use crate::ui::Empty;

/// The records of one page.
#[component]
pub fn Results(
    pages: &'static Pages,
    page: RecordPage,
    /// The revision of [`OptimisticDeletes`] at which the page was fetched.
    revision: u32,
    search: String,
    is_first: bool,
    /// Goes to the page after a cursor, or to the first page.
    go: Callback<Option<String>>,
) -> impl IntoView {
    let deletes = OptimisticDeletes::get();
    let (records, next) = (StoredValue::new(page.records), StoredValue::new(page.next));
    let has_next = next.with_value(Option::is_some);
    let shown = Memo::new(move |_| {
        let is_visible = |record: &&StoredRecord| !deletes.hides(record.id, revision);
        records.with_value(|records| records.iter().filter(is_visible).cloned().collect::<Vec<_>>())
    });
    let is_searched = !search.is_empty();
    let cards = move || match shown.read().as_slice() {
        [] => empty_state(pages, is_searched, !is_first || has_next),
        records => {
            let cards: Vec<_> = records.iter().map(|record| card(pages, record)).collect();
            view! { <ul class="cards">{cards}</ul> }.into_any()
        }
    };
    let count = move || match (shown.read().len(), is_first && !has_next) {
        (1, true) => format!("1 {}", pages.noun.one),
        (count, true) => format!("{count} {}", pages.noun.many),
        (count, false) => format!("{count} {} on this page", pages.noun.many),
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
        // Not `disabled`: people who reach the last page with the keyboard keep the focus on the button that led there.
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

/// Says that the page has no records, and why.
fn empty_state(pages: &Pages, is_searched: bool, has_more: bool) -> AnyView {
    let (title, text) = match (is_searched, has_more) {
        (_, true) => ("Nothing on this page.".to_owned(), "There may be more on the next."),
        (true, false) => ("Nothing is called that.".to_owned(), "A search finds words by their beginnings."),
        (false, false) => {
            (format!("There are no {} yet.", pages.noun.many), "Whoever holds the scope to write can add the first.")
        }
    };
    view! { <Empty title><p>{text}</p></Empty> }.into_any()
}

fn card(pages: &'static Pages, record: &StoredRecord) -> AnyView {
    view! {
        <li class="card">
            <h2><a href=pages.path_of(record.id) dir="auto">{pages.title(record)}</a></h2>
            {(pages.card)(record.clone())}
        </li>
    }
    .into_any()
}
