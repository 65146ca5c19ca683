//! The notice of a form that holds a restored draft, with the button that discards it.

use leptos::prelude::*;
use portcullis_client::FormDraft;

use super::OnPage;

/// "Draft restored" with "Discard", while a form shows its draft. It must be the first element of the form, which must
/// have `data-draft="own"`. As long as it is on the page, it stores what the person types.
#[component]
pub fn DraftStatus(
    /// The draft of the form.
    draft: FormDraft,
    /// The content of the form, or `None` while it is unchanged. Tracks changes.
    #[prop(into)]
    unsaved: Signal<Option<String>>,
    /// Resets the form to what it started with.
    #[prop(into)]
    discard: Callback<()>,
) -> impl IntoView {
    Effect::new(move |_| draft.save(unsaved.get()));
    let here = OnPage::new();
    draft.hold_while(move || here.is_connected());
    // Set after the live region is on the page: screen readers do not read its initial content.
    let shown = RwSignal::new(false);
    Effect::new(move |_| {
        let is_restored = draft.is_restored();
        request_animation_frame(move || _ = shown.try_set(is_restored));
    });
    let button = move || {
        let discard = move |_| {
            draft.remove();
            discard.run(());
        };
        shown.get().then(|| view! { <button type="button" class="button" on:click=discard>"Discard"</button> })
    };
    view! {
        <div class="draft" node_ref=here.node()>
            <p role="status">{move || shown.get().then_some("Draft restored")}</p>
            {button}
        </div>
    }
    .into_any()
}
