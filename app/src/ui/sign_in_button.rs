//! The buttons that lead to the provider: to sign in, and to request more scopes.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis_client::{ReturnTo, Session, SignInError};

use super::ButtonKind;

/// The button that signs a person in and leads to `return_to`.
#[component]
pub fn SignInButton(
    /// Where to come back to.
    return_to: ReturnTo,
    /// The text of the button.
    #[prop(into, default = "Sign in".into())]
    label: String,
    /// How prominent the button is.
    #[prop(default = ButtonKind::Primary)]
    kind: ButtonKind,
) -> impl IntoView {
    let session = Session::get();
    let error = RwSignal::new(None::<SignInError>);
    let sign_in = move |_| {
        let return_to = return_to.clone();
        spawn_local(async move { error.set(session.sign_in(return_to).await.err()) });
    };
    view! {
        <button type="button" class=kind.class() on:click=sign_in>{label}</button>
        <span role="alert" class="fault">{move || error.get().map(|error| error.to_string())}</span>
    }
}

/// The button that requests missing scopes at the provider, and leads to `return_to`.
#[component]
pub fn RequestScopesButton(
    /// The scopes to request.
    scopes: Vec<String>,
    /// Where to come back to.
    return_to: ReturnTo,
) -> impl IntoView {
    let session = Session::get();
    let error = RwSignal::new(None::<SignInError>);
    let request = move |_| {
        let (scopes, return_to) = (scopes.clone(), return_to.clone());
        spawn_local(async move { error.set(session.request_scopes(scopes, return_to).await.err()) });
    };
    view! {
        <button type="button" class="button primary" on:click=request>"Ask for access"</button>
        <span role="alert" class="fault">{move || error.get().map(|error| error.to_string())}</span>
    }
}
