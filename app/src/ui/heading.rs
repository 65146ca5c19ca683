//! Where the focus goes when the page changes without being loaded: to its heading, so that it is heard (and the
//! keyboard goes on from there), as it would be after a load.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::hooks::use_location;

/// Whether the person has just come to a page within the application; a context of it.
#[derive(Clone, Copy)]
pub struct Arrival(StoredValue<bool>);

impl Arrival {
    /// Makes the context.
    pub fn provide() {
        provide_context(Self(StoredValue::new(false)));
    }

    /// Moves the focus on every change of the path from now on; to be called within the router.
    pub fn watch() {
        let arrival: Self = expect_context();
        let path = use_location().pathname;
        Effect::new(move |before: Option<String>| {
            let now = path.get();
            if before.is_some_and(|before| before != now) {
                arrival.0.set_value(true);
                // What was focused is about to go. The heading takes over as soon as it is there.
                request_animation_frame(|| _ = focus("main h1") || focus("main"));
            }
            now
        });
    }
}

/// Puts the focus on the first element by `selector`, and says whether there is one.
pub fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let element = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

/// The heading of a page. There is one a page.
#[component]
pub fn Heading(
    /// What the page is about.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let element = NodeRef::<html::H1>::new();
    if let Some(Arrival(arrived)) = use_context() {
        Effect::new(move |_| {
            let Some(heading) = element.get() else { return };
            // Only for a heading that comes late: whoever has gone on to something else is left there.
            let is_free =
                document().active_element().is_none_or(|at| matches!(at.tag_name().as_str(), "BODY" | "MAIN"));
            if arrived.get_value() && is_free {
                arrived.set_value(false);
                let _ = heading.focus();
            }
        });
    }
    view! { <h1 node_ref=element tabindex="-1">{text}</h1> }.into_any()
}
