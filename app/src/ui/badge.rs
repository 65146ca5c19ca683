//! A highlighted word or two: a scope, a verdict.

use leptos::prelude::*;

use super::Icon;

/// What a badge means, besides its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// It is allowed, or went well.
    Good,
    /// It is not.
    Bad,
}

/// A short verdict: a sign, words and a color. The words alone say it all.
#[component]
pub fn Badge(
    /// What it means.
    tone: Tone,
    /// The words.
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
