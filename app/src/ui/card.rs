//! Cards: sections on their own surface.

use leptos::prelude::*;

/// A section with a title, on its own surface.
#[component]
pub fn Card(
    /// The element's id, unique on the page. The id of the title starts with it.
    id: &'static str,
    /// The title.
    #[prop(into)]
    title: String,
    /// Classes in addition to `card`.
    #[prop(optional)]
    class: &'static str,
    /// The content.
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
