//! The notice about the session, which is shown over the page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use portcullis_client::{Notice, ReturnTo, Session};

use super::SignInButton;

/// A bar over the page with the notice about the session, and a button for the next step.
#[component]
pub fn SessionNotice() -> impl IntoView {
    let session = Session::get();
    let here = use_location();
    let shown = move || {
        let notice = session.notice()?;
        // Read again on every change of the address, so that a sign-in comes back to the page that is shown.
        here.pathname.track();
        here.search.track();
        here.hash.track();
        let action = if notice.needs_sign_in() {
            view! { <SignInButton return_to=ReturnTo::from_location(&here) label="Sign in to go on"/> }.into_any()
        } else if notice == Notice::Outdated {
            view! { <button type="button" class="button primary" on:click=move |_| session.reload()>"Load again"</button> }
                .into_any()
        } else if notice.is_refresh_pending() {
            view! { <button type="button" class="button" on:click=move |_| session.retry_refresh()>"Try again now"</button> }
                .into_any()
        } else {
            view! { <button type="button" class="button" on:click=move |_| session.dismiss_notice()>"Close"</button> }
                .into_any()
        };
        let (title, text) = message(notice);
        Some(view! {
            <section class="session-notice" role="alert">
                <p><strong>{title}</strong> " " {text}</p>
                <p class="actions">{action}</p>
            </section>
        })
    };
    view! { {shown} }
}

/// Returns the title and the text of `notice`.
fn message(notice: Notice) -> (&'static str, &'static str) {
    match notice {
        Notice::EndsSoon => (
            "Your session ends in a moment.",
            "Sign in again to go on: you come back to this page, with what you have typed.",
        ),
        Notice::Ended => {
            ("Your session has ended.", "Sign in to go on: you come back to this page, with what you have typed.")
        }
        Notice::Mismatch => (
            "Your session has ended.",
            "The identity provider's answer did not fit your session, so it was not used. Sign in to go on.",
        ),
        Notice::Unreachable => (
            "Your session waits to be renewed.",
            "It has run out, and the identity provider can't be reached. It is tried again by itself.",
        ),
        Notice::Outdated => (
            "This page has to be loaded again.",
            "Your session has run out, and the page can't renew it as it is. What you have typed is kept.",
        ),
        Notice::Offline => {
            ("You are offline.", "Your session has run out. It is renewed as soon as there is a connection.")
        }
        Notice::NotPersisted => (
            "This sign-in is kept in this tab only.",
            "The browser's storage for this site is full or forbidden. Other tabs are signed out, and a reload signs \
             this one out.",
        ),
        Notice::SignedOut => ("You are signed out,", "here and at your identity provider."),
        Notice::SignedOutTokenNotRevoked => (
            "You are signed out here.",
            "Your identity provider ended its session. It did not confirm that this app's access was revoked.",
        ),
        Notice::SignedOutLocally => (
            "You are signed out here.",
            "Your identity provider offers no sign-out and may still know you. On a device that others use, close \
             the browser.",
        ),
        Notice::SignedOutUnconfirmed => {
            ("You are signed out here.", "Whether your identity provider has ended its own session is not known.")
        }
    }
}
