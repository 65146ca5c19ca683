//! Toasts: what has just happened, said in a corner and to those who hear the page, at times with a way back.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::Icon;

/// How long a toast stays. It waits while the pointer or the focus is on it (WCAG 2.2.1).
const STAYS: Duration = Duration::from_secs(8);
/// How long one with something to press stays.
const STAYS_TO_ANSWER: Duration = Duration::from_secs(30);

/// The toasts of this tab; a context of the application.
#[derive(Clone, Copy)]
pub struct Toasts {
    /// How to build the one that is shown: by whoever shows it, since the first download shows none.
    shown: RwSignal<Option<Arc<dyn Fn() -> AnyView + Send + Sync>>>,
}

/// Something to press in a toast: its words, and what it does.
type Offer = (&'static str, Arc<dyn Fn() + Send + Sync>);

#[derive(Clone)]
struct Toast {
    class: &'static str,
    text: String,
    offer: Option<Offer>,
}

impl Toasts {
    /// Makes the context.
    pub fn provide() {
        provide_context(Self { shown: RwSignal::new(None) });
    }

    /// The toasts that [`Toasts::provide`] made.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Says that something went well.
    pub fn say(self, text: impl Into<String>) {
        self.show("toast", text.into(), None);
    }

    /// Says that something did not.
    pub fn fail(self, text: impl Into<String>) {
        self.show("toast bad", text.into(), None);
    }

    /// Says that something was done, and offers to do `press`, for example to undo it.
    pub fn offer(self, text: impl Into<String>, label: &'static str, press: Arc<dyn Fn() + Send + Sync>) {
        self.show("toast", text.into(), Some((label, press)));
    }

    /// One at a time: the newest is what has just happened.
    fn show(self, class: &'static str, text: String, offer: Option<Offer>) {
        let toast = Toast { class, text, offer };
        self.shown.set(Some(Arc::new(move || view! { <ToastView toast=toast.clone()/> }.into_any())));
    }

    fn dismiss(self) {
        self.shown.set(None);
    }
}

/// Where toasts appear. It is there from the start: what hears the page notices only what comes into a region it knows.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::get();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-atomic="false">
            {move || toasts.shown.get().map(|build| build())}
        </div>
    }
    .into_any()
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let toasts = Toasts::get();
    let stays = if toast.offer.is_some() { STAYS_TO_ANSWER } else { STAYS };
    // Counts the times that waiting began or was broken off: a timer that is not of the last one does nothing.
    let turn = StoredValue::new(0_u32);
    // A toast that is going loses the focus, after its counter has gone.
    let hold = move || _ = turn.try_update_value(|turn| *turn += 1);
    let start = move || {
        hold();
        let mine = turn.try_get_value();
        let end = move || {
            // The toast may be gone by then, and its counter with it.
            if mine.is_some() && turn.try_get_value() == mine {
                toasts.dismiss();
            }
        };
        set_timeout(end, stays);
    };
    Effect::new(move |_| start());
    let offer = toast.offer.map(|(label, press)| {
        let press = move |_| {
            toasts.dismiss();
            press();
        };
        view! { <button type="button" class="button" on:click=press>{label}</button> }
    });
    view! {
        <div
            class=toast.class
            on:mouseenter=move |_| hold()
            on:mouseleave=move |_| start()
            on:focusin=move |_| hold()
            on:focusout=move |_| start()
        >
            <p>{toast.text}</p>
            {offer}
            <button type="button" class="button bare close" aria-label="Dismiss" on:click=move |_| toasts.dismiss()>
                {Icon::Cross.draw()}
            </button>
        </div>
    }
    .into_any()
}
