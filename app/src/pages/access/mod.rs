//! The page "Access": what the scopes of whoever is signed in open, page by page and endpoint by endpoint.

mod model;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use portcullis::{Access, Resource, Scope, Scopes};
use portcullis_client::{ReturnTo, Session};

use crate::lazily::{PageCode, later};
use crate::registry::REGISTRY;
use crate::ui::{AskButton, Badge, Heading, ScopeList, Table, Tone};
use model::{Way, missing, ways};

later! { pages:
    /// What the signed-in person may open. Stands behind a guard.
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
            let all: Vec<_> = REGISTRY.resources().iter().flat_map(|resource| ways(resource, &granted)).collect();
            let resources = REGISTRY.resources().iter().map(|resource| view! { <Ways resource granted=granted.clone()/> });
            view! { <Summary all/> {resources.collect_view()} }.into_any()
        })}
    }
    .into_any()
}

/// How much opens, and what would open the rest.
#[component]
fn Summary(all: Vec<Way>) -> impl IntoView {
    let open = all.iter().filter(|way| way.opens()).count();
    let missing = Scope::names(&missing(&all));
    let rest = (!missing.is_empty()).then(|| view! { <Rest scopes=missing/> });
    view! {
        <section class="card" aria-label="Summary">
            <p><strong>{format!("{open} of {}", all.len())}</strong> " pages and endpoints are open to you."</p>
            {rest}
        </section>
    }
    .into_any()
}

/// The scopes that would open the rest, and the way to them.
#[component]
fn Rest(scopes: Vec<String>) -> impl IntoView {
    let session = Session::get();
    let return_to = ReturnTo::from_location(&use_location());
    let label = if scopes.len() == 1 { "This scope would open the rest" } else { "These scopes would open the rest" };
    let (ask, wanted) = (scopes.clone(), scopes.clone());
    let was_refused = move || wanted.iter().any(|scope| session.was_scope_refused(scope));
    let words = move || match was_refused() {
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
        {words}
        <p class="actions"><AskButton scopes=ask return_to/></p>
    }
    .into_any()
}

/// The pages and endpoints of one resource.
#[component]
fn Ways(resource: &'static Resource, granted: Scopes) -> impl IntoView {
    let title = format!("{}-title", resource.name);
    let rows: Vec<_> = ways(resource, &granted).into_iter().map(|way| view! { <Row way/> }).collect();
    view! {
        <section class="card opens" aria-labelledby=title>
            <h2 id=title.clone()>{resource.name}</h2>
            <Table caption=format!("Pages and endpoints of {}", resource.name) heads=&["What", "Asks for", "You"]>
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

#[component]
fn Row(way: Way) -> impl IntoView {
    let asks: Vec<_> = match way.access {
        Access::Public => vec![view! { <span class="quiet">"nothing"</span> }.into_any()],
        Access::SignedIn => vec![view! { <span class="quiet">"a sign-in"</span> " " }.into_any()],
        Access::Scopes(scopes) => {
            scopes.iter().map(|scope| view! { <code class="badge">{scope.0}</code> " " }.into_any()).collect()
        }
    };
    let right = way.right.map(|right| view! { <span class="quiet small">{right}</span> });
    // A path with a parameter leads nowhere by itself, and an endpoint is not for looking at.
    let path = match way.right.is_none() && way.opens() && !way.path.contains('{') {
        true => view! { <a href=way.path><code>{way.path}</code></a> }.into_any(),
        false => view! { <code>{way.path}</code> }.into_any(),
    };
    let verdict = match way.opens() {
        true => view! { <Badge tone=Tone::Good text="Open"/> }.into_any(),
        false => view! { <Badge tone=Tone::Bad text=format!("Missing {}", Scope::names(&way.missing).join(" "))/> }
            .into_any(),
    };
    view! {
        <tr role="row">
            <td role="cell"><code class="quiet">{way.method}</code> <span class="path">{path}</span> <span class="what">{way.what}</span></td>
            <td role="cell">{asks} {right}</td>
            <td role="cell">{verdict}</td>
        </tr>
    }
    .into_any()
}
