//! Modal dialogs with the browser's own `<dialog>`, which keeps the focus inside, closes with Escape and restores the
//! focus.

use leptos::html;
use leptos::prelude::*;

/// A modal dialog that is shown while `open` is true.
#[component]
pub fn Dialog(
    /// The element's id, unique on the page. The id of the title starts with it.
    id: &'static str,
    /// The title.
    #[prop(into)]
    title: TextProp,
    /// Whether the dialog is open. It is set to false when the person closes the dialog.
    open: RwSignal<bool>,
    /// The text and the buttons.
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
