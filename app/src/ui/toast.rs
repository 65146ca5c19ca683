//! Toasts: short messages in a corner about what has just happened, some with an action such as Undo.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::{AppError, Code};
use portcullis_client::{ReturnTo, Session};

use super::Icon;

/// How long a toast is shown. It stays while the pointer or the focus is on it (WCAG 2.2.1).
const TOAST_DURATION: Duration = Duration::from_secs(8);
/// How long a toast with an action is shown.
const ACTION_TOAST_DURATION: Duration = Duration::from_secs(30);

/// The toasts of this tab; a context of the application.
#[derive(Clone, Copy)]
pub struct Toasts {
    /// Created with the first toast, so that its code is not in the first download.
    list: RwSignal<Option<List>>,
    /// How many toasts there were.
    count: StoredValue<u32>,
    session: Session,
}

/// The toasts that are shown, and how to draw them.
type List = (ArcRwSignal<Vec<Toast>>, fn(Toasts) -> AnyView);

/// The button of a toast: its text, and what it does.
type ToastAction = (&'static str, Arc<dyn Fn() + Send + Sync>);

#[derive(Clone)]
struct Toast {
    /// Distinguishes the toast from all others.
    number: u32,
    class: &'static str,
    text: String,
    action: Option<ToastAction>,
}

/// What a person can do about an error.
#[derive(Debug, PartialEq)]
enum Remedy {
    /// Nothing, or only what the text says.
    None,
    /// Request these scopes.
    RequestScopes(Vec<String>),
    /// Sign in again.
    SignIn,
}

/// Returns `message`, which says what failed, with the reason and what may help.
fn explain(message: &str, error: &AppError) -> (String, Remedy) {
    match error.code {
        Code::InsufficientScope => {
            let scopes = error.missing_scopes();
            (format!("{message}: it needs {}.", scopes.join(" and ")), Remedy::RequestScopes(scopes))
        }
        // The provider would issue the same token again.
        Code::SubjectRequired => {
            let why = "Your sign-in doesn't say who you are, so it would belong to no one";
            (format!("{message}. {why}. Signing in again won't help: contact your administrator."), Remedy::None)
        }
        _ if error.status == 401 && error.code != Code::BlockedByProxy => {
            (format!("{message}. Sign in and try again."), Remedy::SignIn)
        }
        _ => (format!("{message}: {error}."), Remedy::None),
    }
}

impl Toasts {
    /// Provides the context. Errors offer to sign in to `session`.
    pub fn provide(session: Session) {
        provide_context(Self { list: RwSignal::new(None), count: StoredValue::new(0), session });
    }

    /// Returns the context that [`Toasts::provide`] provided.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Shows a message.
    pub fn info(self, text: impl Into<String>) {
        self.show("toast", text.into(), None);
    }

    /// Shows an error message.
    pub fn error(self, text: impl Into<String>) {
        self.show("toast bad", text.into(), None);
    }

    /// Shows `message`, which says what failed, with the reason. Offers what may help: to request missing scopes, or to
    /// sign in again. Forms of this page keep their input until the person is back.
    pub fn app_error(self, message: impl Into<String>, error: &AppError) {
        let (text, remedy) = explain(&message.into(), error);
        let action: Option<ToastAction> = match remedy {
            Remedy::None => None,
            Remedy::RequestScopes(scopes) => {
                Some(("Ask for access", Arc::new(move || self.leave(Some(scopes.clone())))))
            }
            Remedy::SignIn => Some(("Sign in again", Arc::new(move || self.leave(None)))),
        };
        self.show("toast bad", text, action);
    }

    /// Leaves for the provider to request `scopes`, or to sign in without them.
    fn leave(self, scopes: Option<Vec<String>>) {
        spawn_local(async move {
            let return_to = ReturnTo::current();
            let result = match scopes {
                Some(scopes) => self.session.request_scopes(scopes, return_to).await,
                None => self.session.sign_in(return_to).await,
            };
            if let Err(error) = result {
                self.error(error.to_string());
            }
        });
    }

    /// Shows a message with a button, for example to undo what was done.
    pub fn info_with_action(self, text: impl Into<String>, label: &'static str, on_press: Arc<dyn Fn() + Send + Sync>) {
        self.show("toast", text.into(), Some((label, on_press)));
    }

    /// Shows a toast. It replaces those without an action; those with one stay for their time.
    fn show(self, class: &'static str, text: String, action: Option<ToastAction>) {
        self.count.update_value(|count| *count += 1);
        let toast = Toast { number: self.count.get_value(), class, text, action };
        match self.list.get_untracked() {
            Some((shown, _)) => shown.update(|shown| {
                shown.retain(|toast| toast.action.is_some());
                shown.push(toast);
            }),
            // The signal has no owner, so it outlives the page that shows the first toast.
            None => {
                let shown = ArcRwSignal::new(vec![toast]);
                self.list.set(Some((shown, |toasts| view! { <ToastList toasts/> }.into_any())));
            }
        }
    }

    fn dismiss(self, number: u32) {
        if let Some((shown, _)) = self.list.get_untracked() {
            shown.update(|shown| shown.retain(|toast| toast.number != number));
        }
    }
}

/// The region of the toasts. It is on the page from the start: screen readers read only what is added to a region they
/// know.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::get();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-atomic="false">
            {move || toasts.list.get().map(|(_, draw)| draw(toasts))}
        </div>
    }
    .into_any()
}

/// The toasts. A toast stays as it is when another is added or removed, so screen readers read each once.
#[component]
fn ToastList(toasts: Toasts) -> impl IntoView {
    let shown = move || toasts.list.get_untracked().map(|(shown, _)| shown.get()).unwrap_or_default();
    view! { <For each=shown key=|toast| toast.number children=|toast| view! { <ToastView toast/> }/> }.into_any()
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let toasts = Toasts::get();
    let duration = if toast.action.is_some() { ACTION_TOAST_DURATION } else { TOAST_DURATION };
    // Counts how often the timer was started or stopped. An earlier timer does nothing.
    let generation = StoredValue::new(0_u32);
    // A toast that is removed loses the focus after its counter is disposed.
    let stop = move || _ = generation.try_update_value(|generation| *generation += 1);
    let start = move || {
        stop();
        let current = generation.try_get_value();
        let end = move || {
            // The toast may be gone by then, with its counter.
            if current.is_some() && generation.try_get_value() == current {
                toasts.dismiss(toast.number);
            }
        };
        set_timeout(end, duration);
    };
    Effect::new(move |_| start());
    let action = toast.action.map(|(label, on_press)| {
        let on_click = move |_| {
            toasts.dismiss(toast.number);
            on_press();
        };
        view! { <button type="button" class="button" on:click=on_click>{label}</button> }
    });
    view! {
        <div
            class=toast.class
            on:mouseenter=move |_| stop()
            on:mouseleave=move |_| start()
            on:focusin=move |_| stop()
            on:focusout=move |_| start()
        >
            <p>{toast.text}</p>
            {action}
            <button type="button" class="button bare close" aria-label="Dismiss" on:click=move |_| toasts.dismiss(toast.number)>
                {Icon::Cross.draw()}
            </button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::Scope;

    #[test]
    fn missing_subject_offers_no_sign_in() {
        let (text, remedy) = explain("It was not added", &AppError::subject_required());
        let words = "It was not added. Your sign-in doesn't say who you are, so it would belong to no one. Signing in again won't help: contact your administrator.";
        assert_eq!((text.as_str(), remedy), (words, Remedy::None));
    }

    #[test]
    fn refused_token_offers_sign_in_and_missing_scope_a_request() {
        let refused = AppError::unauthorized(Code::InvalidToken, "jwt expired");
        assert_eq!(explain("No", &refused), ("No. Sign in and try again.".to_owned(), Remedy::SignIn));
        let missing = AppError::insufficient_scope(&[Scope("write:items")]);
        let remedy = Remedy::RequestScopes(vec!["write:items".to_owned()]);
        assert_eq!(explain("No", &missing), ("No: it needs write:items.".to_owned(), remedy));
        assert_eq!(explain("No", &AppError::not_found("Item")).1, Remedy::None);
    }
}
