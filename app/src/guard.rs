//! Guards of pages. Presentation only: they choose what a person sees, and protect nothing. The gate does.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::{NavigateOptions, location::Url};
use portcullis::{Page, Scope};
use portcullis_client::{ReturnTo, Session, Verdict};

use crate::lazily::{Download, Lazily, PageCode, later};
use crate::pages::HOME_PAGE;
use crate::ui::{MissingScope, Skeleton};

/// Shows the page to those whom the registry lets see `page`; others are asked to sign in, or told which
/// scope they lack. Until the session is known, and on the server always, it shows a placeholder.
#[component]
pub fn Guarded(
    /// The page's entry in the registry.
    page: Page,
    /// Downloads the code of what is guarded, only when it is shown.
    code: Download,
) -> impl IntoView {
    let session = Session::get();
    let verdict = Memo::new(move |_| session.verdict(page.access));
    let shown = move || match verdict.get() {
        // By this mark the tests see that there is a guard.
        Verdict::Wait => view! { <div data-guard="waits"><Skeleton/></div> }.into_any(),
        Verdict::Open => view! { <Lazily code/> }.into_any(),
        Verdict::SignIn => view! { <ToSignIn/> }.into_any(),
        Verdict::Missing(scopes) => {
            provide_context(Missing(Scope::names(&scopes)));
            view! { <Lazily code=|| Box::pin(missing_scope())/> }.into_any()
        }
    };
    view! {
        <Title text=page.title/>
        {shown}
    }
}

/// The scopes that a person lacks, for the page that says so.
#[derive(Clone)]
struct Missing(Vec<String>);

later! { pages:
    fn missing_scope() -> PageCode {
        Ok(|| use_context().map(|Missing(scopes)| view! { <MissingScope scopes/> }).into_any())
    }
}

/// Sends the person home, where the notice and the button that comes back are; or, where that may help, to the
/// provider and back without a word.
#[component]
fn ToSignIn() -> impl IntoView {
    let session = Session::get();
    let here = use_location();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let wanted = Url::escape(ReturnTo::from_location(&here).as_str());
        // Replaced, not pushed: the back button must not lead into the guard again.
        let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
        let navigate = navigate.clone();
        spawn_local(async move {
            if !session.try_silent_authentication().await {
                navigate(&format!("{}?{}={wanted}", HOME_PAGE.path, ReturnTo::PARAMETER), options);
            }
        });
    });
    view! { <Skeleton/> }
}
