//! Guards of pages. They only choose what a person sees. The gate protects the data.

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

/// Shows the page if the session has the access that `page` requires. Otherwise, asks the person to sign in, or names
/// the missing scopes. Shows a placeholder until the session is known, and always on the server.
#[component]
pub fn Guarded(
    /// The page's entry in the registry.
    page: Page,
    /// Downloads the code of the page when it is shown.
    code: Download,
) -> impl IntoView {
    let session = Session::get();
    let verdict = Memo::new(move |_| session.verdict(page.access));
    let shown = move || match verdict.get() {
        // Tests recognize the guard by this attribute.
        Verdict::Wait => view! { <div data-guard="waits"><Skeleton/></div> }.into_any(),
        Verdict::Open => view! { <Lazily code/> }.into_any(),
        Verdict::SignIn => view! { <RedirectToSignIn/> }.into_any(),
        Verdict::Missing(scopes) => {
            provide_context(MissingScopes(Scope::names(&scopes)));
            view! { <Lazily code=|| Box::pin(missing_scope())/> }.into_any()
        }
    };
    view! {
        <Title text=page.title/>
        {shown}
    }
}

/// The scopes that a person lacks, for the page that names them.
#[derive(Clone)]
struct MissingScopes(Vec<String>);

later! { pages:
    fn missing_scope() -> PageCode {
        Ok(|| use_context().map(|MissingScopes(scopes)| view! { <MissingScope scopes/> }).into_any())
    }
}

/// Redirects to the home page with a sign-in notice and a return link. Tries silent authentication first, if that may
/// help.
#[component]
fn RedirectToSignIn() -> impl IntoView {
    let session = Session::get();
    let here = use_location();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let wanted = Url::escape(ReturnTo::from_location(&here).as_str());
        // The history entry is replaced: the back button must not lead to the guard again.
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
