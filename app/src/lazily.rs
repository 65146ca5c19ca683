//! Pages whose code is downloaded when they are opened, and not with the first page.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis_client::SplitLoaderError;
pub(crate) use portcullis_client::later;

use crate::ui::{PageState, Skeleton};

/// The function that builds a page, once its code is downloaded.
pub type PageCode = Result<fn() -> AnyView, SplitLoaderError>;
/// Downloads the code of a page. All pages share this type, so that the first download contains one guard and not one
/// for each page.
pub type Download = fn() -> Pin<Box<dyn Future<Output = PageCode>>>;

/// Downloads the code of a page and shows the page. Until then, and always on the server, it shows a placeholder.
#[component]
pub fn Lazily(
    /// Downloads the code.
    code: Download,
) -> impl IntoView {
    let loaded = RwSignal::new(None::<Option<fn() -> AnyView>>);
    // Effects run in the browser only: the server renders the placeholder.
    Effect::new(move |_| {
        spawn_local(async move { loaded.set(Some(code().await.ok())) });
    });
    move || match loaded.get() {
        None => view! { <Skeleton/> }.into_any(),
        Some(Some(build)) => build(),
        Some(None) => view! { <NotLoaded/> }.into_any(),
    }
}

/// Says that the code could not be downloaded. Reloading the whole page helps even if a newer release has replaced it.
#[component]
fn NotLoaded() -> impl IntoView {
    let reload = move |_| _ = location().reload();
    view! {
        <PageState title="This page did not load">
            <p role="alert">"A part of the site could not be downloaded. Check the connection, and load the page again."</p>
            <p class="actions"><button type="button" class="button primary" on:click=reload>"Load again"</button></p>
        </PageState>
    }
}
