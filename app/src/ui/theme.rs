//! The light or dark theme, by the system or by choice. The choice is stored in localStorage under `theme`.
//! `public/theme.js` applies it before the first paint, and in all other tabs.

use leptos::ev;
use leptos::prelude::*;

/// The key in localStorage.
const KEY: &str = "theme";

/// The theme that a person chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Look {
    System,
    Light,
    Dark,
}

impl Look {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Returns the label, and the stored value.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::System => ("System", ""),
            Self::Light => ("Light", "light"),
            Self::Dark => ("Dark", "dark"),
        }
    }

    /// Returns the theme that is shown now: `theme.js` has written it into the document.
    fn shown() -> Self {
        let root = document().document_element();
        let stored = root.and_then(|root| root.get_attribute("data-theme")).unwrap_or_default();
        Self::ALL.into_iter().find(|look| look.names().1 == stored).unwrap_or(Self::System)
    }

    /// Shows and stores the theme. If the browser stores nothing, the theme is shown until the page is left.
    fn choose(self) {
        let value = self.names().1;
        let storage = window().local_storage().ok().flatten();
        let root = document().document_element();
        if value.is_empty() {
            storage.map(|storage| storage.remove_item(KEY));
            root.map(|root| root.remove_attribute("data-theme"));
        } else {
            storage.map(|storage| storage.set_item(KEY, value));
            root.map(|root| root.set_attribute("data-theme", value));
        }
    }
}

/// The choice, which all switches share; a context of the application.
#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Look>);

impl Theme {
    /// Provides the context, and follows the choice of other tabs.
    pub fn provide() {
        let look = RwSignal::new(Look::System);
        provide_context(Self(look));
        Effect::new(move |_| {
            look.set(Look::shown());
            // `theme.js` has registered its listener before, so the document already shows the new choice.
            let listener = window_event_listener(ev::storage, move |_| look.set(Look::shown()));
            on_cleanup(move || listener.remove());
        });
    }
}

/// A choice of three themes, as radio buttons.
#[component]
pub fn ThemeSwitch(
    /// The name of the radio buttons, unique on the page.
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
                <span>{look.names().0}</span>
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
