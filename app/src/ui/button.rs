//! Buttons. A blocked button, for example for lack of a scope, can be focused, does nothing and says why.

use leptos::prelude::*;
use portcullis::{Access, Scope};
use portcullis_client::{Session, Verdict};

use super::Icon;

/// How prominent a button is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ButtonKind {
    /// The main action.
    Primary,
    /// Another action.
    #[default]
    Plain,
    /// An action that removes something.
    Danger,
}

impl ButtonKind {
    /// Returns the class of the button.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Plain => "button",
            Self::Danger => "button danger",
        }
    }
}

/// Why a button is blocked, in words for the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blocked(pub String);

impl Blocked {
    /// Returns why the person of `session` can't do what requires `access`, or `None` if they can. Tracks changes.
    #[must_use]
    pub fn for_access(session: Session, access: Access) -> Option<Self> {
        match session.verdict(access) {
            Verdict::Missing(scopes) => Some(Self::missing_scopes(&scopes)),
            Verdict::SignIn => Some(Self("Needs a sign-in".into())),
            _ => None,
        }
    }

    /// Creates a reason that names the `missing` scopes.
    fn missing_scopes(missing: &[Scope]) -> Self {
        let scopes: Vec<_> = missing.iter().map(|scope| scope.0).collect();
        let noun = if scopes.len() == 1 { "the scope" } else { "the scopes" };
        Self(format!("Needs {noun} {}", scopes.join(" ")))
    }
}

/// A button that calls `on_press`, unless it is `blocked`: then it can be focused, does nothing and says why.
#[component]
pub fn Button(
    /// The element's id, unique on the page. The id of the reason starts with it.
    id: &'static str,
    /// Called when the button is pressed.
    #[prop(into)]
    on_press: Callback<()>,
    /// How prominent the button is.
    #[prop(optional)]
    kind: ButtonKind,
    /// Why the button is blocked, if it is.
    #[prop(optional, into)]
    blocked: Signal<Option<Blocked>>,
    /// Whether the action of the last press is still running.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The text of the button.
    #[prop(into)]
    label: TextProp,
) -> impl IntoView {
    // When a session ends, these signals may be disposed before the button that reads them.
    let is_blocked = move || blocked.try_with(Option::is_some).unwrap_or_default();
    let is_busy = move || busy.try_get().unwrap_or_default();
    let reason_id = format!("{id}-reason");
    let described_by = {
        let reason_id = reason_id.clone();
        move || is_blocked().then(|| reason_id.clone())
    };
    let reason = move || {
        let reason_id = reason_id.clone();
        blocked
            .try_get()
            .flatten()
            .map(|Blocked(why)| view! { <span class="reason" id=reason_id>{Icon::Lock.draw()} {why}</span> })
    };
    // Not `disabled`: a control that cannot be focused cannot say why (ARIA Authoring Practices, "Focusability of
    // disabled controls").
    view! {
        <span class="with-reason">
            <button
                type="button"
                id=id
                class=kind.class()
                aria-disabled=move || (is_blocked() || is_busy()).then_some("true")
                aria-describedby=described_by
                on:click=move |_| {
                    if !is_blocked() && !is_busy() {
                        on_press.run(());
                    }
                }
            >
                {move || label.get()}
            </button>
            {reason}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocked_button_names_the_missing_scopes() {
        let one = Blocked::missing_scopes(&[Scope("write:items")]);
        assert_eq!(one.0, "Needs the scope write:items");
        let two = Blocked::missing_scopes(&[Scope("write:items"), Scope("delete:items")]);
        assert_eq!(two.0, "Needs the scopes write:items delete:items");
    }
}
