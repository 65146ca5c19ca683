//! The parts that pages are made of; their looks are in `style/`.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::error::{AppError, Code};
use crate::guard::MissingScope;
use crate::resources;
use crate::session::{ReturnTo, Session, SessionState, SignInFault};

/// A neutral placeholder for what is not known yet: the same on the server and in the browser.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            <span class="line title"></span>
            <span class="line"></span>
            <span class="line"></span>
            <span class="line short"></span>
        </div>
    }
}

/// A whole page that says one thing: a title, words, a way on.
#[component]
pub fn PageState(
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// The words and the way on.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="state card">
            <h1>{title}</h1>
            {children()}
        </section>
    }
}

/// The button that signs a person in and brings them to `return_to`.
#[component]
pub fn SignInButton(
    /// Where to come back to.
    return_to: ReturnTo,
    /// What the button says.
    #[prop(into, default = "Sign in".into())]
    label: String,
) -> impl IntoView {
    let session = Session::get();
    let fault = RwSignal::new(None::<SignInFault>);
    let go = move |_| fault.set(session.sign_in(&return_to).err());
    view! {
        <button type="button" class="button primary" on:click=go>{label}</button>
        <span role="alert" class="fault">{move || fault.get().map(|fault| fault.to_string())}</span>
    }
}

/// What went wrong while data was fetched, with the way on that fits.
#[component]
pub fn Failure(
    /// The error of the server function.
    error: AppError,
) -> impl IntoView {
    let session = Session::get();
    let here = use_location();
    match error.code {
        Code::InsufficientScope => {
            let scopes = error.inner.missing_scopes.iter().map(ToString::to_string).collect();
            view! { <MissingScope scopes/> }.into_any()
        }
        _ if error.status == 401 => {
            // The guard shows its sign-in notice as soon as the session is forgotten; this waits for the person.
            let return_to = ReturnTo::new(&here.pathname.get_untracked());
            view! {
                <PageState title="Your session is not accepted any more">
                    <p>"The server refused your sign-in: " {error.message.into_owned()} "."</p>
                    <p class="actions">
                        <SignInButton return_to label="Sign in again"/>
                        <button type="button" class="button" on:click=move |_| session.sign_out()>"Sign out"</button>
                    </p>
                </PageState>
            }
            .into_any()
        }
        _ => {
            let title = match error.code {
                Code::NotFound => "There is nothing here",
                Code::InvalidRequest => "This address is not right",
                Code::Unreachable => "The server can't be reached",
                Code::KeysUnavailable | Code::StoreUnavailable => "Not available at the moment",
                _ => "Something went wrong",
            };
            view! {
                <PageState title>
                    <p>{error.message.into_owned()} "."</p>
                    <p class="actions"><a class="button" href=crate::items::LIST_PAGE.path>"See all items"</a></p>
                </PageState>
            }
            .into_any()
        }
    }
}

/// The bar at the top of every page.
#[component]
pub fn TopBar() -> impl IntoView {
    let session = Session::get();
    let links = resources::all_pages()
        .filter(|page| page.in_navigation)
        .map(|page| view! { <li><leptos_router::components::A href=page.path>{page.title}</leptos_router::components::A></li> })
        .collect_view();
    let here = use_location();
    let account = move || match session.state() {
        SessionState::Unknown => ().into_any(),
        SessionState::SignedIn(_) => {
            view! { <button type="button" class="button" on:click=move |_| session.sign_out()>"Sign out"</button> }
                .into_any()
        }
        SessionState::SignedOut => {
            let wanted = here.query.read().get(crate::guard::RETURN_TO);
            let return_to = ReturnTo::new(&wanted.unwrap_or_else(|| here.pathname.get()));
            view! { <SignInButton return_to/> }.into_any()
        }
    };
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="top">
            <nav aria-label="Main">
                <a class="brand" href="/"><img src="/favicon.svg" alt="" width="24" height="24"/> <span>"Portcullis"</span></a>
                <ul>{links}</ul>
            </nav>
            <div class="account">{account}</div>
        </header>
    }
}
