//! What a page shows in place of its content: nothing found, a missing scope, a failure.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use portcullis::{AppError, Code};
use portcullis_client::{ReturnTo, Session};

use super::{Heading, Icon, RequestScopesButton, ScopeList, SignInButton};
use crate::pages::{ACCESS_PAGE, HOME_PAGE};

/// A message in place of a page: a title, a text, and what to do next.
#[component]
pub fn PageState(
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// Whether it is a part of a page that has its own heading.
    #[prop(optional)]
    is_part: bool,
    /// The text and what to do next.
    children: Children,
) -> impl IntoView {
    let heading = match is_part {
        true => view! { <h2>{title}</h2> }.into_any(),
        false => view! { <Heading text=title/> }.into_any(),
    };
    view! {
        <section class="state card">
            {heading}
            {children()}
        </section>
    }
}

/// A message in place of an empty list.
#[component]
pub fn Empty(
    /// What is missing.
    #[prop(into)]
    title: String,
    /// What to do about it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="empty">
            {Icon::Box.draw()}
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// The page for someone who is signed in and lacks a scope.
#[component]
pub fn MissingScope(
    /// The scopes that are missing.
    scopes: Vec<String>,
    /// Whether it is a part of a page that has its own heading.
    #[prop(optional)]
    is_part: bool,
) -> impl IntoView {
    let session = Session::get();
    let return_to = ReturnTo::from_location(&use_location());
    let label = if scopes.len() == 1 { "Missing scope" } else { "Missing scopes" };
    let wanted = scopes.clone();
    let status = move || request_status(session, &wanted);
    let requested = scopes.clone();
    view! {
        <PageState title="You can't open this page" is_part>
            <p>"You are signed in, but your account was not granted what this page needs."</p>
            <p class="label">{label}</p>
            <ScopeList scopes/>
            {status}
            <p class="actions">
                <RequestScopesButton scopes=requested return_to/>
                <a class="button" href=ACCESS_PAGE.path>"See what you can open"</a>
                <a class="button" href=HOME_PAGE.path>"Go to the home page"</a>
            </p>
        </PageState>
    }
}

/// Says that missing scopes can be requested, or that the provider refused them.
fn request_status(session: Session, scopes: &[String]) -> impl IntoView + use<> {
    match scopes.iter().any(|scope| session.was_scope_refused(scope)) {
        true => view! {
            <p role="alert">"You asked for it, and the identity provider did not grant it. Whoever manages your access can."</p>
        }
        .into_any(),
        false => view! { <p>"You can ask the identity provider for it, and come back to this page."</p> }.into_any(),
    }
}

/// An error while data was fetched, and what to do about it.
#[component]
pub fn Failure(
    /// The error of the server function.
    error: AppError,
    /// Fetches the data again. Without it, only a link to the home page is shown.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
    /// Whether it is a part of a page that has its own heading.
    #[prop(optional)]
    is_part: bool,
) -> impl IntoView {
    let session = Session::get();
    let here = use_location();
    match error.code {
        Code::InsufficientScope => {
            let scopes = error.missing_scopes();
            view! { <MissingScope scopes is_part/> }.into_any()
        }
        _ if error.status == 401 && error.code != Code::BlockedByProxy => {
            // The guard redirects as soon as the session is removed. Here, the person decides when.
            let return_to = ReturnTo::from_location(&here);
            view! {
                <PageState title="Your session is not accepted any more" is_part>
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
            let is_temporary = matches!(error.status, 0 | 500..)
                || matches!(
                    error.code,
                    Code::RequestTimeout | Code::Unreachable | Code::TooManyRequests | Code::BlockedByProxy
                );
            let retry = retry.filter(|_| is_temporary).map(|retry| {
                view! { <button type="button" class="button primary" on:click=move |_| retry.run(())>"Try again"</button> }
            });
            let title = match error.code {
                Code::NotFound => "There is nothing here",
                Code::InvalidRequest => "This address is not right",
                Code::TooManyRequests => "Too many requests",
                Code::Unreachable => "The server can't be reached",
                Code::KeysUnavailable
                | Code::KeyNotYetKnown
                | Code::StoreUnavailable
                | Code::DeadlineExceeded
                | Code::TooManyConnections => "Not available at the moment",
                _ => "Something went wrong",
            };
            view! {
                <PageState title is_part>
                    <p>{error.message.into_owned()} "."</p>
                    <p class="actions">
                        {retry}
                        <a class="button" href=HOME_PAGE.path>"Go to the home page"</a>
                    </p>
                </PageState>
            }
            .into_any()
        }
    }
}
