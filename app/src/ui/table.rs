//! Tables.

use leptos::prelude::*;

/// A table with the headings `columns` and the rows `children`, each a `<tr>`.
///
/// On narrow screens, the rows are blocks (`style/components/table.css`). Some browsers then drop the roles of a table,
/// so they are explicit.
#[component]
pub fn Table(
    /// What it lists, for screen readers.
    #[prop(into)]
    caption: String,
    /// The headings of the columns.
    columns: &'static [&'static str],
    /// The rows.
    children: Children,
) -> impl IntoView {
    let headings: Vec<_> =
        columns.iter().map(|heading| view! { <th role="columnheader" scope="col">{*heading}</th> }).collect();
    view! {
        <table class="table" role="table">
            <caption class="hidden">{caption}</caption>
            <thead role="rowgroup"><tr role="row">{headings}</tr></thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
    .into_any()
}
