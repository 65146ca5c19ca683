//! Code that is downloaded when it is called, and not with the first page; pages above all.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::SplitLoaderError;

use crate::ui::{PageState, Skeleton};

/// Splits a function off the client: `later! { part: fn … }` is an `async fn` whose code, and what it alone needs, is
/// in the file of `part`. A file that cannot be downloaded is its error, so that must be `From<SplitLoaderError>`.
/// In a client that is built in one piece it is there already.
macro_rules! later {
    ($part:ident: $(#[$about:meta])* $shown:vis fn $name:ident($($given:ident: $kind:ty),*) -> $answer:ty { $($body:tt)* }) => {
        $(#[$about])*
        #[cfg(split)]
        #[wasm_split_helpers::wasm_split($part, fallible)]
        $shown fn $name($($given: $kind),*) -> $answer { $($body)* }

        $(#[$about])*
        #[cfg(not(split))]
        $shown async fn $name($($given: $kind),*) -> $answer { $($body)* }
    };
}
pub(crate) use later;

/// What comes with the code of a page: how to build it.
pub type PageCode = Result<fn() -> AnyView, SplitLoaderError>;
/// Downloads the code of a page. One type for all pages: else the first download would hold a guard for each.
pub type Download = fn() -> Pin<Box<dyn Future<Output = PageCode>>>;

/// Downloads the code of a page and shows the page. A placeholder stands meanwhile, on the server always.
#[component]
pub fn Lazily(
    /// Downloads the code.
    code: Download,
) -> impl IntoView {
    let arrived = RwSignal::new(None::<Option<fn() -> AnyView>>);
    // Effects run in the browser only: the server renders the placeholder.
    Effect::new(move |_| {
        spawn_local(async move { arrived.set(Some(code().await.ok())) });
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
