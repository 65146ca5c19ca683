//! A question that must be answered before anything else: the browser's own `<dialog>`, which keeps the focus inside,
//! closes with Escape and gives the focus back.

use leptos::html;
use leptos::prelude::*;

/// A modal dialog that is there while `open` says so.
#[component]
pub fn Dialog(
    /// The element's id, unique on the page; that of the title is made from it.
    id: &'static str,
    /// What is asked.
    #[prop(into)]
    title: TextProp,
    /// Whether it is open; set to false when the person closes it.
    open: RwSignal<bool>,
    /// The words and the answers.
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let title_id = format!("{id}-title");
    view! {
        <dialog node_ref=element class="dialog" id=id aria-labelledby=title_id on:close=move |_| open.set(false)>
            <h2 id=title_id.clone()>{move || title.get()}</h2>
            {children()}
        </dialog>
    }
    .into_any()
}
