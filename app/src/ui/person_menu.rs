//! The button with the signed-in person in the top bar, and the menu under it.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::components::A;
use leptos_router::hooks::use_location;
use portcullis::Access;
use portcullis_client::{Session, UserInfo};

use super::{Avatar, Icon, ThemeSwitch};
use crate::registry::REGISTRY;

const MENU: &str = "person-menu";

/// The button that opens the menu, and the menu: a popover, which Escape and a click elsewhere close.
#[component]
pub fn PersonMenu(
    /// Who is signed in, if the ID token says it.
    person: Option<UserInfo>,
) -> impl IntoView {
    let session = Session::get();
    let (name, email) = match person {
        Some(info) => (info.display_name(), info.email),
        None => ("Signed in".to_owned(), None),
    };
    let email = email.filter(|email| *email != name);
    // Pages for every signed-in person are about that person, so they are here and not in the top bar.
    let links = REGISTRY
        .pages()
        .filter(|page| page.in_navigation && page.access == Access::SignedIn)
        .map(|page| view! { <li><A href=page.path>{page.title}</A></li> })
        .collect_view();
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        close();
    });
    view! {
        <div class="account">
            <button type="button" class="who" popovertarget=MENU>
                <Avatar name=name.clone()/>
                <span class="hidden">"Menu of "</span>
                <span class="name">{name.clone()}</span>
                {Icon::Down.draw()}
            </button>
        </div>
        <div class="menu" id=MENU popover="auto">
            <p class="as">"Signed in as " <strong>{name}</strong> {email}</p>
            <ul>{links}</ul>
            <ThemeSwitch name="theme-menu"/>
            <button type="button" class="leave" on:click=move |_| session.sign_out()>"Sign out"</button>
        </div>
    }
    .into_any()
}

fn close() {
    let menu = document().get_element_by_id(MENU).and_then(|menu| menu.dyn_into::<web_sys::HtmlElement>().ok());
    // An older browser without popovers has nothing to close.
    let _ = menu.map(|menu| menu.hide_popover());
}
