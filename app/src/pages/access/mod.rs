//! The page "Access": which pages and endpoints the scopes of the signed-in person allow.

mod model;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use portcullis::{Access, Resource, Scope, Scopes};
use portcullis_client::{ReturnTo, Session};

use crate::lazily::{PageCode, later};
use crate::registry::REGISTRY;
use crate::ui::{Badge, Heading, RequestScopesButton, ScopeList, Table, Tone};
use model::{Route, missing, routes};

later! { pages:
    /// The page "Access". It has a guard.
    pub fn access_page() -> PageCode {
        Ok(|| view! { <AccessView/> }.into_any())
    }
}

#[component]
fn AccessView() -> impl IntoView {
    let session = Session::get();
    view! {
        <Heading text="Access"/>
        <p class="lead">"What your scopes open, as the registry declares it. The server decides anew at each request."</p>
        {move || session.tokens().map(|tokens| {
            let granted = tokens.scopes;
            let all: Vec<_> = REGISTRY.resources().iter().flat_map(|resource| routes(resource, &granted)).collect();
            let resources = REGISTRY.resources().iter().map(|resource| view! { <Routes resource granted=granted.clone()/> });
            view! { <Summary all/> {resources.collect_view()} }.into_any()
        })}
    }
    .into_any()
}

/// How many routes are allowed, and what the others require.
#[component]
fn Summary(all: Vec<Route>) -> impl IntoView {
    let allowed = all.iter().filter(|route| route.is_allowed()).count();
    let missing = Scope::names(&missing(&all));
    let missing = (!missing.is_empty()).then(|| view! { <MissingScopes scopes=missing/> });
    view! {
        <section class="card" aria-label="Summary">
            <p><strong>{format!("{allowed} of {}", all.len())}</strong> " pages and endpoints are open to you."</p>
            {missing}
        </section>
    }
    .into_any()
}

/// The missing scopes, with the button that requests them.
#[component]
fn MissingScopes(scopes: Vec<String>) -> impl IntoView {
    let session = Session::get();
    let return_to = ReturnTo::from_location(&use_location());
    let label = if scopes.len() == 1 { "This scope would open the rest" } else { "These scopes would open the rest" };
    let (requested, wanted) = (scopes.clone(), scopes.clone());
    let was_refused = move || wanted.iter().any(|scope| session.was_scope_refused(scope));
    let status = move || match was_refused() {
        true => view! {
            <p role="alert">"You asked, and the provider did not grant it. Whoever manages your access can."</p>
        }
        .into_any(),
        false => {
            view! { <p class="quiet">"You can ask the provider for more, and come back to this page."</p> }.into_any()
        }
    };
    view! {
        <p class="label">{label}</p>
        <ScopeList scopes/>
        {status}
        <p class="actions"><RequestScopesButton scopes=requested return_to/></p>
    }
    .into_any()
}

/// The pages and endpoints of one resource.
#[component]
fn Routes(resource: &'static Resource, granted: Scopes) -> impl IntoView {
    let title = format!("{}-title", resource.name);
    let rows: Vec<_> = routes(resource, &granted).into_iter().map(|route| view! { <Row route/> }).collect();
    view! {
        <section class="card opens" aria-labelledby=title>
            <h2 id=title.clone()>{resource.name}</h2>
            <Table caption=format!("Pages and endpoints of {}", resource.name) columns=&["What", "Asks for", "You"]>
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

#[component]
fn Row(route: Route) -> impl IntoView {
    let requirements: Vec<_> = match route.access {
        Access::Public => vec![view! { <span class="quiet">"nothing"</span> }.into_any()],
        Access::SignedIn => vec![view! { <span class="quiet">"a sign-in"</span> " " }.into_any()],
        Access::Scopes(scopes) => {
            scopes.iter().map(|scope| view! { <code class="badge">{scope.0}</code> " " }.into_any()).collect()
        }
    };
    let right = route.right.map(|right| view! { <span class="quiet small">{right}</span> });
    // Only pages without parameters can be links.
    let path = match route.right.is_none() && route.is_allowed() && !route.path.contains('{') {
        true => view! { <a href=route.path><code>{route.path}</code></a> }.into_any(),
        false => view! { <code>{route.path}</code> }.into_any(),
    };
    let verdict = match route.is_allowed() {
        true => view! { <Badge tone=Tone::Good text="Open"/> }.into_any(),
        false => view! { <Badge tone=Tone::Bad text=format!("Missing {}", Scope::names(&route.missing).join(" "))/> }
            .into_any(),
    };
    view! {
        <tr role="row">
            <td role="cell"><code class="quiet">{route.method}</code> <span class="path">{path}</span> <span class="what">{route.what}</span></td>
            <td role="cell">{requirements} {right}</td>
            <td role="cell">{verdict}</td>
        </tr>
    }
    .into_any()
}
