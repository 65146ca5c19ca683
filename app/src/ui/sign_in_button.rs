//! The buttons that lead to the provider: to sign in, and to ask for more.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis_client::{ReturnTo, Session, SignInError};

use super::Kind;

/// The button that signs a person in and brings them to `return_to`.
#[component]
pub fn SignInButton(
    /// Where to come back to.
    return_to: ReturnTo,
    /// What the button says.
    #[prop(into, default = "Sign in".into())]
    label: String,
    /// How much it asks to be pressed.
    #[prop(default = Kind::Primary)]
    kind: Kind,
) -> impl IntoView {
    let session = Session::get();
    let error = RwSignal::new(None::<SignInError>);
    let go = move |_| {
        let return_to = return_to.clone();
        spawn_local(async move { error.set(session.sign_in(return_to).await.err()) });
    };
    view! {
        <button type="button" class=kind.class() on:click=go>{label}</button>
        <span role="alert" class="fault">{move || error.get().map(|error| error.to_string())}</span>
    }
}

/// The button that asks the provider for scopes that are missing, and comes back to this page.
#[component]
pub fn AskButton(
    /// The scopes to ask for.
    scopes: Vec<String>,
    /// Where to come back to.
    return_to: ReturnTo,
) -> impl IntoView {
    let session = Session::get();
    let error = RwSignal::new(None::<SignInError>);
    let go = move |_| {
        let (scopes, return_to) = (scopes.clone(), return_to.clone());
        spawn_local(async move { error.set(session.request_scopes(scopes, return_to).await.err()) });
    };
    view! {
        <button type="button" class="button primary" on:click=go>"Ask for access"</button>
        <span role="alert" class="fault">{move || error.get().map(|error| error.to_string())}</span>
    }
}
