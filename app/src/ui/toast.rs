//! Toasts: short messages in a corner about what has just happened, some with an action such as Undo.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::{AppError, Code};
use portcullis_client::{ReturnTo, Session};

use super::Icon;

/// How long a toast stays. It waits while the pointer or the focus is on it (WCAG 2.2.1).
const STAYS: Duration = Duration::from_secs(8);
/// How long one with something to press stays.
const STAYS_TO_ANSWER: Duration = Duration::from_secs(30);

/// The toasts of this tab; a context of the application.
#[derive(Clone, Copy)]
pub struct Toasts {
    /// Created with the first toast, so that its code is not in the first download.
    list: RwSignal<Option<List>>,
    /// How many there were.
    count: StoredValue<u32>,
    session: Session,
}

/// The toasts that are shown, and how to draw them.
type List = (ArcRwSignal<Vec<Toast>>, fn(Toasts) -> AnyView);

/// Something to press in a toast: its words, and what it does.
type Offer = (&'static str, Arc<dyn Fn() + Send + Sync>);

#[derive(Clone)]
struct Toast {
    /// Tells it from all others.
    number: u32,
    class: &'static str,
    text: String,
    offer: Option<Offer>,
}

/// What a person can do about an error.
#[derive(Debug, PartialEq)]
enum Remedy {
    /// Nothing, or only what the text says.
    None,
    /// Ask the provider for these scopes.
    AskFor(Vec<String>),
    /// Sign in again.
    SignIn,
}

/// Puts `error` into words after `said`, which tells what was not done.
fn explain(said: &str, error: &AppError) -> (String, Remedy) {
    match error.code {
        Code::InsufficientScope => {
            let scopes = error.missing_scopes();
            (format!("{said}: it needs {}.", scopes.join(" and ")), Remedy::AskFor(scopes))
        }
        // The provider would issue the same token again.
        Code::SubjectRequired => {
            let why = "Your sign-in doesn't say who you are, so it would belong to no one";
            (format!("{said}. {why}. Signing in again won't help: contact your administrator."), Remedy::None)
        }
        _ if error.status == 401 && error.code != Code::BlockedByProxy => {
            (format!("{said}. Sign in and try again."), Remedy::SignIn)
        }
        _ => (format!("{said}: {error}."), Remedy::None),
    }
}

impl Toasts {
    /// Provides the context. `session` is the one that errors offer to renew.
    pub fn provide(session: Session) {
        provide_context(Self { list: RwSignal::new(None), count: StoredValue::new(0), session });
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

    /// Says that something failed with `error`, and offers what may help: to ask the provider for missing scopes, or to sign
    /// in again. Forms of this page keep their input until the person is back.
    pub fn failed(self, said: impl Into<String>, error: &AppError) {
        let (text, remedy) = explain(&said.into(), error);
        let offer: Option<Offer> = match remedy {
            Remedy::None => None,
            Remedy::AskFor(scopes) => Some(("Ask for access", Arc::new(move || self.leave(Some(scopes.clone()))))),
            Remedy::SignIn => Some(("Sign in again", Arc::new(move || self.leave(None)))),
        };
        self.show("toast bad", text, offer);
    }

    /// Leaves for the provider, for `scopes` besides or for a sign-in.
    fn leave(self, scopes: Option<Vec<String>>) {
        spawn_local(async move {
            let return_to = ReturnTo::current();
            let left = match scopes {
                Some(scopes) => self.session.request_scopes(scopes, return_to).await,
                None => self.session.sign_in(return_to).await,
            };
            if let Err(fault) = left {
                self.fail(fault.to_string());
            }
        });
    }

    /// Says that something was done, and offers to do `press`, for example to undo it.
    pub fn offer(self, text: impl Into<String>, label: &'static str, press: Arc<dyn Fn() + Send + Sync>) {
        self.show("toast", text.into(), Some((label, press)));
    }

    /// What can only be read makes room for what has just happened; what can be pressed keeps its time.
    fn show(self, class: &'static str, text: String, offer: Option<Offer>) {
        self.count.update_value(|count| *count += 1);
        let toast = Toast { number: self.count.get_value(), class, text, offer };
        match self.list.get_untracked() {
            Some((shown, _)) => shown.update(|shown| {
                shown.retain(|toast| toast.offer.is_some());
                shown.push(toast);
            }),
            // Without an owner, so that it outlives the page that shows the first toast.
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

/// Where toasts appear. It is there from the start: what hears the page notices only what comes into a region it knows.
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

/// One stays as it is when another comes or goes: what hears the page says each once.
#[component]
fn ToastList(toasts: Toasts) -> impl IntoView {
    let shown = move || toasts.list.get_untracked().map(|(shown, _)| shown.get()).unwrap_or_default();
    view! { <For each=shown key=|toast| toast.number children=|toast| view! { <ToastView toast/> }/> }.into_any()
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let toasts = Toasts::get();
    let stays = if toast.offer.is_some() { STAYS_TO_ANSWER } else { STAYS };
    // Counts how often the wait was started or stopped. A timer of an earlier wait does nothing.
    let turn = StoredValue::new(0_u32);
    // A toast that is going loses the focus, after its counter has gone.
    let hold = move || _ = turn.try_update_value(|turn| *turn += 1);
    let start = move || {
        hold();
        let mine = turn.try_get_value();
        let end = move || {
            // The toast may be gone by then, and its counter with it.
            if mine.is_some() && turn.try_get_value() == mine {
                toasts.dismiss(toast.number);
            }
        };
        set_timeout(end, stays);
    };
    Effect::new(move |_| start());
    let offer = toast.offer.map(|(label, press)| {
        let press = move |_| {
            toasts.dismiss(toast.number);
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
    fn refused_token_offers_sign_in_and_missing_scope_asks_for_it() {
        let refused = AppError::unauthorized(Code::InvalidToken, "jwt expired");
        assert_eq!(explain("No", &refused), ("No. Sign in and try again.".to_owned(), Remedy::SignIn));
        let missing = AppError::insufficient_scope(&[Scope("write:items")]);
        let asked = Remedy::AskFor(vec!["write:items".to_owned()]);
        assert_eq!(explain("No", &missing), ("No: it needs write:items.".to_owned(), asked));
        assert_eq!(explain("No", &AppError::not_found("Item")).1, Remedy::None);
    }
}
