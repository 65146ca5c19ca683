//! The home page: a short introduction, and the link to the items.

use leptos::prelude::*;
use leptos_meta::Title;
use portcullis_client::{ReturnTo, Session, SessionState};

use crate::items::LIST_PAGE;
use crate::query;
use crate::ui::{Heading, SignInButton};

/// The path of a token as a drawing, in a wide and a tall version. `style/pages/home.css` shows one of the two, and
/// sets the colors.
const TOKEN_PATH: &str = concat!(include_str!("way-wide.svg"), include_str!("way-tall.svg"));

/// The home page, with a sign-in notice for people whom a guard redirected here.
#[component]
pub fn HomeView() -> impl IntoView {
    let session = Session::get();
    let wanted = query::use_value(ReturnTo::PARAMETER);
    // Only the browser knows the origin of the site.
    let origin = RwSignal::new(String::new());
    Effect::new(move |_| origin.set(location().origin().unwrap_or_default()));
    let notice = move || {
        let wanted = ReturnTo::new(&wanted.get()?);
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
            <div>
                <Heading text="No way in but the gate"/>
                <p class="lead">
                    "Portcullis is a Rust web application, Leptos and Axum, whose data open only to a permit, which one "
                    "gate makes from a verified token."
                </p>
                <p class="actions"><a class="button primary" href=LIST_PAGE.path>"Open the guarded items"</a></p>
            </div>
            <figure inner_html=TOKEN_PATH></figure>
        </section>
        <ul class="facts">
            <li>
                <h2>"Every endpoint, one gate"</h2>
                <p>"What is not declared is not served. What is declared is checked before anything is read."</p>
            </li>
            <li>
                <h2>"No permit, no build"</h2>
                <p>"Code that calls the store without the permit for it does not compile."</p>
            </li>
            <li>
                <h2>"Your identity provider"</h2>
                <p>"Any that speaks OpenID Connect. Portcullis never sees a password."</p>
            </li>
        </ul>
        <section aria-labelledby="try">
            <h2 id="try">"Try the lock"</h2>
            <p>"The same items answer to curl, and to nobody without a token:"</p>
            <pre><code>"$ curl -i " {origin} "/api/items\n\nHTTP/1.1 401 Unauthorized\nwww-authenticate: Bearer …"</code></pre>
        </section>
    }
}
