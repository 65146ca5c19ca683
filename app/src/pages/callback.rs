//! The page that the provider redirects to. It finishes the sign-in and leads to where the person was going.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use portcullis_client::{FailedSignIn, Session, SignInError};

use super::CALLBACK_PAGE;
use crate::lazily::{Lazily, PageCode, later};
use crate::ui::{PageState, SignInButton, Skeleton};

/// The callback page.
#[component]
pub fn CallbackView() -> impl IntoView {
    view! {
        <Title text=CALLBACK_PAGE.title/>
        <Lazily code=|| Box::pin(finish_sign_in())/>
    }
}

later! { sign_in:
    fn finish_sign_in() -> PageCode {
        Ok(|| view! { <FinishSignIn/> }.into_any())
    }
}

#[component]
fn FinishSignIn() -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    let failed = RwSignal::new(None::<FailedSignIn>);
    Effect::new(move |_| {
        let navigate = navigate.clone();
        // The history entry is replaced: the back button must not lead to this page again.
        let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
        spawn_local(async move {
            match session.finish_sign_in().await {
                Ok(return_to) => navigate(return_to.as_str(), options),
                Err(error) => failed.set(Some(error)),
            }
        });
    });
    move || match failed.get() {
        None => view! { <h1 class="quiet">"Signing you in…"</h1> <Skeleton/> }.into_any(),
        Some(failed) => view! { <FailedView failed/> }.into_any(),
    }
}

#[component]
fn FailedView(failed: FailedSignIn) -> impl IntoView {
    let title = match failed.error {
        SignInError::Denied(_) => "Access was denied",
        _ => "This sign-in did not work",
    };
    view! {
        <PageState title>
            <p role="alert">{failed.error.to_string()}</p>
            <p class="actions">
                <SignInButton return_to=failed.return_to label="Try again"/>
                <a class="button" href="/">"Go to the home page"</a>
            </p>
        </PageState>
    }
}
