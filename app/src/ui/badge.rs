//! Badges: short highlighted texts, such as a scope or a verdict.

use leptos::prelude::*;

use super::Icon;

/// The meaning of a badge, which its text says too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Allowed, or successful.
    Good,
    /// Denied, or failed.
    Bad,
}

/// A short verdict with an icon and a color. The text alone says everything.
#[component]
pub fn Badge(
    /// The meaning.
    tone: Tone,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Good => ("badge good", Icon::Check),
        Tone::Bad => ("badge bad", Icon::Cross),
    };
    view! { <span class=class>{icon.draw()} {text}</span> }.into_any()
}

/// Scopes, as the provider names them.
#[component]
pub fn ScopeList(
    /// The scopes, in the order in which they are shown.
    scopes: Vec<String>,
) -> impl IntoView {
    let scopes: Vec<_> =
        scopes.into_iter().map(|scope| view! { <li><code class="badge">{scope}</code></li> }).collect();
    view! { <ul class="scopes">{scopes}</ul> }.into_any()
}
