//! The page that the provider sends people back to: it ends the sign-in and goes on.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use portcullis_client::{CallbackAddress, Failed, ReturnTo, Session, SignInFault, complete, cut_off};

use super::CALLBACK_PAGE;
use crate::lazily::{Lazily, PageCode, later};
use crate::ui::{PageState, SignInButton, Skeleton};

/// The callback page.
#[component]
pub fn CallbackView() -> impl IntoView {
    view! {
        <Title text=CALLBACK_PAGE.title/>
        <Lazily code=|| Box::pin(end_sign_in())/>
    }
}

later! { sign_in:
    fn end_sign_in() -> PageCode {
        Ok(|| view! { <EndSignIn/> }.into_any())
    }
}

/// Ends the sign-in that the page's address answers.
#[component]
fn EndSignIn() -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    let failed = RwSignal::new(None::<Failed>);
    Effect::new(move |_| {
        let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
        let address = take_address();
        if address.is_empty() {
            // Opened by hand, come back to, or loaded again while the answer was being looked at.
            return navigate(cut_off().unwrap_or_else(ReturnTo::home).as_str(), replace);
        }
        let navigate = navigate.clone();
        spawn_local(async move {
            let ended = complete(&session.how(), address).await;
            let ended = ended.and_then(|outcome| match session.accept(&outcome) {
                Ok(()) => Ok(outcome.return_to),
                Err(fault) => Err(Failed { fault, return_to: outcome.return_to }),
            });
            match ended {
                Ok(return_to) => navigate(return_to.as_str(), replace),
                // An answer that was used before, by the back button or a second click: nothing is lost by it.
                Err(Failed { fault: SignInFault::UnknownState, return_to }) if session.has_tokens() => {
                    navigate(return_to.as_str(), replace);
                }
                Err(found) => failed.set(Some(found)),
            }
        });
    });
    move || match failed.get() {
        None => view! { <h1 class="quiet">"Signing you in…"</h1> <Skeleton/> }.into_any(),
        Some(failed) => view! { <FailedView failed/> }.into_any(),
    }
}

/// Reads what the provider sent, and removes it from the address and so from the history: a code does not
/// belong where it is kept and sent on (RFC 9700 §4.2.4).
fn take_address() -> CallbackAddress {
    let query = location().search().unwrap_or_default();
    let fragment = location().hash().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(CALLBACK_PAGE.path));
    }
    CallbackAddress::parse(&query, &fragment)
}

#[component]
fn FailedView(failed: Failed) -> impl IntoView {
    let title = match failed.fault {
        SignInFault::Denied(_) => "Access was denied",
        _ => "This sign-in did not work",
    };
    view! {
        <PageState title>
            <p role="alert">{failed.fault.to_string()}</p>
            <p class="actions">
                <SignInButton return_to=failed.return_to label="Try again"/>
                <a class="button" href="/">"Go to the home page"</a>
            </p>
        </PageState>
    }
}
