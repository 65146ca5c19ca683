//! Rows of facts under columns.

use leptos::prelude::*;

/// A table with the columns `heads` and the rows `children`, each a `<tr>`.
///
/// On narrow screens its rows are blocks (`style/components/table.css`), which takes the roles of a table away in some
/// browsers; so they are said.
#[component]
pub fn Table(
    /// What it lists, for screen readers.
    #[prop(into)]
    caption: String,
    /// The columns.
    heads: &'static [&'static str],
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = heads.iter().map(|head| view! { <th role="columnheader" scope="col">{*head}</th> }).collect();
    view! {
        <table class="table" role="table">
            <caption class="hidden">{caption}</caption>
            <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
    .into_any()
}
