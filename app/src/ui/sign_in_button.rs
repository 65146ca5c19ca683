//! The button that signs a person in.

use leptos::prelude::*;

use crate::session::{ReturnTo, Session, SignInFault};

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
