//! Moves the focus to the heading when the router shows another page, so that screen readers read it and the keyboard
//! continues from there, as after a load.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::hooks::use_location;

/// Whether a navigation within the application still has to focus the heading of its page; a context of the
/// application.
#[derive(Clone, Copy)]
pub struct RouteFocus(StoredValue<bool>);

impl RouteFocus {
    /// Provides the context.
    pub fn provide() {
        provide_context(Self(StoredValue::new(false)));
    }

    /// Moves the focus on every change of the path from now on. Callers must be within the router.
    pub fn watch() {
        let pending: Self = expect_context();
        let path = use_location().pathname;
        Effect::new(move |before: Option<String>| {
            let current = path.get();
            if before.is_some_and(|before| before != current) {
                pending.0.set_value(true);
                // The focused element is about to be removed. The heading takes over as soon as it is on the page.
                request_animation_frame(|| _ = focus("main h1") || focus("main"));
            }
            current
        });
    }
}

/// Focuses the first element that matches `selector`, and returns whether there is one.
pub fn focus(selector: &str) -> bool {
    let element = document().query_selector(selector).ok().flatten();
    let element = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

/// The heading of a page. Each page has exactly one.
#[component]
pub fn Heading(
    /// What the page is about.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let element = NodeRef::<html::H1>::new();
    if let Some(RouteFocus(is_pending)) = use_context() {
        Effect::new(move |_| {
            let Some(heading) = element.get() else { return };
            // If the heading appears late, the person may have moved the focus since. Then it stays.
            let is_focus_free = document()
                .active_element()
                .is_none_or(|focused| matches!(focused.tag_name().as_str(), "BODY" | "MAIN"));
            if is_pending.get_value() && is_focus_free {
                is_pending.set_value(false);
                let _ = heading.focus();
            }
        });
    }
    view! { <h1 node_ref=element tabindex="-1" dir="auto">{text}</h1> }.into_any()
}
