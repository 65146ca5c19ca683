//! The bar at the top of every page: the navigation, and the sign-in or the person menu.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;
use portcullis::{Access, Registry};
use portcullis_client::{Notice, ReturnTo, Session, SessionState};

use super::{ButtonKind, PersonMenu, RouteFocus, SignInButton};
use crate::query;

/// The bar at the top of every page.
#[component]
pub fn TopBar(
    /// The pages to link to.
    registry: &'static Registry,
) -> impl IntoView {
    let session = Session::get();
    RouteFocus::watch();
    let links = registry
        .pages()
        .filter(|page| page.in_navigation && page.access != Access::SignedIn)
        .map(|page| view! { <li><A href=page.path>{page.title}</A></li> })
        .collect_view();
    let here = use_location();
    let account = move || match session.state() {
        SessionState::Unknown => view! { <div class="account"></div> }.into_any(),
        SessionState::SignedIn(_) if !session.notice().is_some_and(Notice::is_session_over) => {
            view! { <PersonMenu person=session.person()/> }.into_any()
        }
        // The session is over although its page is still shown.
        SessionState::SignedIn(_) | SessionState::SignedOut => {
            let wanted = query::value(&here.search.read(), ReturnTo::PARAMETER);
            // Read again on every change of the address, so that it is the page on which the button is pressed.
            here.pathname.track();
            here.hash.track();
            let return_to = wanted.map_or_else(|| ReturnTo::from_location(&here), |path| ReturnTo::new(&path));
            view! { <div class="account"><SignInButton return_to kind=ButtonKind::Plain/></div> }.into_any()
        }
    };
    view! {
        <a class="skip" href="#main" rel="external">"Skip to the content"</a>
        <header class="top">
            <nav aria-label="Main">
                <a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28"/> <span>"Portcullis"</span></a>
                <ul>{links}</ul>
            </nav>
            {account}
        </header>
    }
}
