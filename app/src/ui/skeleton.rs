//! Placeholders for content that is not loaded yet, the same on the server and in the browser.

use leptos::prelude::*;

/// A placeholder for a page.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            <span class="title"></span>
            <span></span>
            <span></span>
            <span class="short"></span>
        </div>
    }
    .into_any()
}

/// A placeholder for a list of cards.
#[component]
pub fn CardsSkeleton() -> impl IntoView {
    let card = || view! { <div class="card skeleton"><span class="short"></span><span></span><span></span></div> };
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            <div class="cards">{(0..6).map(|_| card()).collect_view()}</div>
        </div>
    }
    .into_any()
}
