//! Light or dark: as the system has it, or as the person chose. The choice is kept in localStorage under `theme`;
//! `public/theme.js` shows it before the first paint, and in all other tabs.

use leptos::ev;
use leptos::prelude::*;

/// The key in localStorage, and the attribute of the document's root.
const KEY: &str = "theme";

/// The look that a person chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Look {
    System,
    Light,
    Dark,
}

impl Look {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name, and what is kept of it.
    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::System => ("System", ""),
            Self::Light => ("Light", "light"),
            Self::Dark => ("Dark", "dark"),
        }
    }

    /// What is shown now; `theme.js` has put it into the document.
    fn shown() -> Self {
        let root = document().document_element();
        let kept = root.and_then(|root| root.get_attribute("data-theme")).unwrap_or_default();
        Self::ALL.into_iter().find(|look| look.name().1 == kept).unwrap_or(Self::System)
    }

    /// Shows and keeps it. Where the browser keeps nothing, it is shown until the page is left.
    fn choose(self) {
        let kept = self.name().1;
        let storage = window().local_storage().ok().flatten();
        let root = document().document_element();
        if kept.is_empty() {
            storage.map(|storage| storage.remove_item(KEY));
            root.map(|root| root.remove_attribute("data-theme"));
        } else {
            storage.map(|storage| storage.set_item(KEY, kept));
            root.map(|root| root.set_attribute("data-theme", kept));
        }
    }
}

/// The choice, for every switch there is; a context of the application.
#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Look>);

impl Theme {
    /// Makes the context, and follows what other tabs choose.
    pub fn provide() {
        let look = RwSignal::new(Look::System);
        provide_context(Self(look));
        Effect::new(move |_| {
            look.set(Look::shown());
            // `theme.js` listens too, and was there first: it has shown what was chosen.
            let following = window_event_listener(ev::storage, move |_| look.set(Look::shown()));
            on_cleanup(move || following.remove());
        });
    }
}

/// Chooses the look: one of three, as radio buttons, which the arrow keys move between.
#[component]
pub fn ThemeSwitch(
    /// The name of its radio buttons, unique on the page.
    name: &'static str,
) -> impl IntoView {
    let Theme(chosen) = expect_context();
    let choices = Look::ALL.map(|look| {
        let choose = move |_| {
            look.choose();
            chosen.set(look);
        };
        view! {
            <label>
                <input type="radio" name=name prop:checked=move || chosen.get() == look on:change=choose/>
                <span>{look.name().0}</span>
            </label>
        }
    });
    view! {
        <fieldset class="theme">
            <legend class="hidden">"Theme"</legend>
            {choices.collect_view()}
        </fieldset>
    }
    .into_any()
}
