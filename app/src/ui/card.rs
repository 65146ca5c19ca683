//! A surface that holds one thing.

use leptos::prelude::*;

/// A section with a title, on its own surface.
#[component]
pub fn Card(
    /// The element's id, unique on the page; that of the title is made from it.
    id: &'static str,
    /// What it is about.
    #[prop(into)]
    title: String,
    /// More classes than `card`.
    #[prop(optional)]
    class: &'static str,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    view! {
        <section class=format!("card {class}") id=id aria-labelledby=title_id>
            <h2 id=title_id.clone()>{title}</h2>
            {children()}
        </section>
    }
    .into_any()
}
