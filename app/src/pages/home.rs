//! The home page: what is guarded and how, and the way in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::items::LIST_PAGE;
use crate::session::{ReturnTo, Session, SessionState};
use crate::ui::SignInButton;

/// The home page, with a notice for those whom a guard sent here.
#[component]
pub fn HomeView() -> impl IntoView {
    let session = Session::get();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.read().get(ReturnTo::PARAMETER).map(|path| ReturnTo::new(&path)));
    // The server does not know by what name it is called; the browser does.
    let origin = RwSignal::new(String::new());
    Effect::new(move |_| origin.set(location().origin().unwrap_or_default()));
    let notice = move || {
        let wanted = wanted.get()?;
        matches!(session.state(), SessionState::SignedOut).then(|| {
            view! {
                <section class="notice" role="status">
                    <p><strong>"That page needs a sign-in."</strong> " Sign in, and you are brought back to it."</p>
                    <p class="actions"><SignInButton return_to=wanted label="Sign in and go there"/></p>
                </section>
            }
        })
    };
    view! {
        <Title text=""/>
        {notice}
        <section class="hero">
            <h1>"No way in but the gate"</h1>
            <p class="lead">
                "Portcullis is a Rust web application in which reading data takes a permit, and only one place "
                "makes permits. Code that reads the store without a check does not compile."
            </p>
            <p class="actions"><a class="button primary" href=LIST_PAGE.path>"Open the guarded items"</a></p>
        </section>
        <section aria-labelledby="how">
            <h2 id="how">"The way of a request"</h2>
            <ol class="steps">
                <li class="card"><h3>"You sign in"</h3><p>"At your own identity provider, with a code and PKCE. Portcullis never sees a password."</p></li>
                <li class="card"><h3>"The token comes along"</h3><p>"The browser keeps it and sends it with every call, as a bearer token."</p></li>
                <li class="card"><h3>"The gate checks it"</h3><p>"Signature, issuer, audience, times and scopes, on every endpoint, before anything is read."</p></li>
                <li class="card"><h3>"A permit opens the store"</h3><p>"Every method of the store asks for one. Nobody else can make it."</p></li>
            </ol>
        </section>
        <section aria-labelledby="try">
            <h2 id="try">"Try the lock"</h2>
            <p>"The same items answer to curl, and to nobody without a token:"</p>
            <pre tabindex="0"><code>"$ curl -i " {origin} "/api/items\n\nHTTP/1.1 401 Unauthorized\nwww-authenticate: Bearer"</code></pre>
        </section>
    }
}
