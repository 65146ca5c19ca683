//! The document and the routes of the client.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::any_nested_route::AnyNestedRoute;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;
use portcullis::sign_in::SignInConfig;
use portcullis::{ClientFiles, Registry};
use portcullis_client::records::OptimisticDeletes;
use portcullis_client::{Session, SessionConfig, sign_in_script};

use crate::boot;
use crate::guard::Guarded;
use crate::pages::{
    ACCESS_PAGE, CALLBACK_PAGE, CallbackView, HOME_PAGE, HomeView, NotFoundView, PROFILE_PAGE, access_page,
    profile_page,
};
use crate::records::{AppResource, routes_of};
use crate::registry::{REGISTRY, RESOURCES};
use crate::ui::{RouteFocus, SessionNotice, Theme, ThemeSwitch, ToastRegion, Toasts, TopBar};

/// The only policy for Trusted Types, by our Content Security Policy. Leptos creates elements from texts in our source,
/// with the `innerHTML` of a template. The policy therefore accepts every text that contains nothing executable.
const TRUSTED_TYPES: &str = r#"window.trustedTypes?.createPolicy("default",{createHTML:t=>/<\s*(script|iframe|object|embed|base|meta|link)|[\s"'\/]on\w+\s*=|srcdoc|javascript:/i.test(t)?null:t})"#;

/// What the session needs to know of this app.
static SESSION: SessionConfig =
    SessionConfig { home: HOME_PAGE.path, callback: CALLBACK_PAGE.path, clock: portcullis::HEALTH.path };

/// Returns the HTML document that the server sends around the application.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    document(options, || view! { <App/> }.into_any())
}

/// Returns the HTML document around `app`.
pub fn document(options: LeptosOptions, app: fn() -> AnyView) -> impl IntoView {
    let sign_in = use_context::<SignInConfig>().unwrap_or_default();
    let ClientFiles { root, splitter } = use_context().unwrap_or_default();
    let pkg = format!("{root}/{}", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="A Rust web application whose every endpoint stands behind one gate."/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <script src="/theme.js" nonce=use_nonce()></script>
                <link rel="stylesheet" href=format!("{pkg}/{}.css", options.output_name)/>
                // The client's script loads this file, but only after the browser has read the script.
                {splitter.map(|file| view! { <link rel="modulepreload" href=format!("{pkg}/{file}")/> })}
                <script nonce=use_nonce()>{TRUSTED_TYPES}</script>
                <AutoReload options=options.clone()/>
                {boot::scripts(&format!("{pkg}/{}", options.output_name))}
                {sign_in_script(sign_in)}
                <MetaTags/>
            </head>
            <body>
                <noscript>
                    <p id="boot">"This page needs JavaScript, and it is turned off. Turn it on, then reload."</p>
                </noscript>
                <div id="app">{app()}</div>
            </body>
        </html>
    }
}

/// The application.
#[component]
pub fn App() -> impl IntoView {
    view! { <Composed registry=&REGISTRY resources=RESOURCES/> }
}

/// The application with the pages of `resources`.
#[component]
pub fn Composed(
    /// The declarations of the application.
    registry: &'static Registry,
    /// The resources, in the order of the navigation.
    resources: &'static [AppResource],
) -> impl IntoView {
    provide_meta_context();
    Toasts::provide(Session::provide(&SESSION));
    Theme::provide();
    RouteFocus::provide();
    OptimisticDeletes::provide();
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Portcullis".into() } else { format!("{page} · Portcullis") }/>
        <Router>
            <TopBar registry/>
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=NotFoundView>
                    <Route path=path!("/") view=HomeView/>
                    <Route path=path!("/callback") view=CallbackView/>
                    <Route path=path!("/profile") view=|| view! { <Guarded page=PROFILE_PAGE code=|| Box::pin(profile_page())/> }/>
                    <Route path=path!("/access") view=|| view! { <Guarded page=ACCESS_PAGE code=|| Box::pin(access_page())/> }/>
                    <ResourceRoutes resources/>
                </FlatRoutes>
            </main>
            <footer class="bottom">
                <p>"Every item stands behind one gate."</p>
                <ThemeSwitch name="theme"/>
            </footer>
            <div class="over">
                <ToastRegion/>
                <SessionNotice/>
            </div>
        </Router>
    }
}

#[component(transparent)]
fn ResourceRoutes(resources: &'static [AppResource]) -> AnyNestedRoute {
    routes_of(resources)
}
