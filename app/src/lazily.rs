//! Pages whose code is downloaded when they are opened, and not with the first page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::SplitLoaderError;

use crate::ui::{PageState, Skeleton};

/// What comes with the code of a page: how to build it.
pub type PageCode = Result<fn() -> AnyView, SplitLoaderError>;

/// Downloads the code of a page and shows the page. A placeholder stands meanwhile, on the server always.
#[component]
pub fn Lazily<C, F>(
    /// Downloads the code.
    code: C,
) -> impl IntoView
where
    C: Fn() -> F + 'static,
    F: Future<Output = PageCode> + 'static,
{
    let arrived = RwSignal::new(None::<Option<fn() -> AnyView>>);
    // Effects run in the browser alone, and after hydration: the first render is that of the server.
    Effect::new(move |_| {
        let code = code();
        spawn_local(async move { arrived.set(Some(code.await.ok())) });
    });
    move || match arrived.get() {
        None => view! { <Skeleton/> }.into_any(),
        Some(Some(build)) => build(),
        Some(None) => view! { <NotLoaded/> }.into_any(),
    }
}

/// Says that the code did not come. Loading the whole page anew helps even where a newer release has replaced it.
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
