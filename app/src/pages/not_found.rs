//! The page for an unknown path.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::PageState;

/// The page for an unknown path. The server sends it with status 404.
#[component]
pub fn NotFoundView() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found"/>
        <PageState title="There is no such page">
            <p>"The address may be mistyped, or the page may have moved."</p>
            <p class="actions"><a class="button" href="/">"Go to the home page"</a></p>
        </PageState>
    }
}
