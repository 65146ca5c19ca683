//! Events from other tabs and from the browser: storage changes, a resumed or restored page, the network.

use std::time::Duration;

use js_sys::{JSON, Reflect};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::StorageEvent;

use crate::storage::{WebStorage, key_of};
use crate::token_manifest::{MANIFEST_KEY, digest};
use crate::tokens::Tokens;

/// The longest wait of a timer. The timers of a sleeping device are paused, so a longer wait is split.
pub const MAX_TIMER: Duration = Duration::from_secs(60);

/// The localStorage key of the last signal, which says what tabs can't see from the tokens. [`Signal::Ended`] stays
/// there, with digests of the sign-in and the person, until the next sign-in or the next load of a page: a tab may see
/// the tokens disappear before it receives the signal.
pub const SIGNAL_KEY: &str = "portcullis_signal";

/// What a tab tells the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// The person has signed out.
    SignedOut,
    /// The session has ended by itself. Pages stay as they are.
    Ended,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Ended => "ended",
        }
    }
}

/// The session that a signal is about, as digests: they must fit when the storage is nearly full.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionDigest {
    sign_in: String,
    person: String,
}

impl SessionDigest {
    /// Returns whether the signal is about this sign-in.
    pub fn matches_sign_in(&self, sign_in: &str) -> bool {
        self.sign_in == digest(sign_in)
    }

    /// Returns whether the signal is about this person.
    pub fn matches_person(&self, person_key: &str) -> bool {
        self.person == digest(person_key)
    }
}

/// Tells the other tabs that `signal` has happened to the session of `tokens`.
pub fn broadcast(signal: Signal, tokens: &Tokens) {
    let (sign_in, person) = (digest(&tokens.principal.sign_in), digest(&tokens.person_key()));
    let _ = WebStorage::Local.set_js(SIGNAL_KEY, format!("{} {sign_in} {person}", signal.name()));
    if signal == Signal::SignedOut {
        clear_signal();
    }
}

/// Removes the stored signal.
pub fn clear_signal() {
    WebStorage::Local.delete(SIGNAL_KEY);
}

/// Returns the session that last ended, if no new one has started.
pub fn last_ended() -> Option<SessionDigest> {
    let (signal, session) = parse(&WebStorage::Local.text(SIGNAL_KEY)?)?;
    (signal == Signal::Ended).then_some(session)
}

fn parse(value: &str) -> Option<(Signal, SessionDigest)> {
    let mut parts = value.split(' ');
    let (name, sign_in, person) = (parts.next()?, parts.next()?.to_owned(), parts.next()?.to_owned());
    let signal = [Signal::SignedOut, Signal::Ended].into_iter().find(|signal| signal.name() == name)?;
    Some((signal, SessionDigest { sign_in, person }))
}

/// Something that may change the session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Another tab has sent a signal about a session.
    Signaled(Signal, SessionDigest),
    /// Another tab has changed the session in localStorage.
    Changed,
    /// Another page of the origin has cleared localStorage, as another app's sign-out may.
    Cleared,
    /// The tab is visible again, or the device has woken up.
    Resumed,
    /// The page comes from the back/forward cache. It has missed all events since the person left it.
    Restored,
    /// The network is back.
    Online,
}

/// Calls `on_event` for every event, as long as the page exists.
pub fn listen(on_event: impl Fn(Event) + Copy + 'static) {
    // The listeners are never removed: they exist as long as the page.
    let _ = window_event_listener_untyped("storage", move |event| {
        let event: StorageEvent = event.unchecked_into();
        let Some(key) = event.key() else {
            return on_event(Event::Cleared);
        };
        let signal = |value: String| parse(&JSON::parse(&value).ok()?.as_string()?);
        match event.new_value().and_then(signal) {
            Some((signal, session)) if key == key_of(SIGNAL_KEY) => on_event(Event::Signaled(signal, session)),
            // The manifest is written last, and removed last.
            _ if key == key_of(MANIFEST_KEY) => on_event(Event::Changed),
            _ => {}
        }
    });
    for name in ["visibilitychange", "pageshow", "focus"] {
        let _ = window_event_listener_untyped(name, move |event| {
            let is_restored = Reflect::get(&event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy());
            on_event(if is_restored { Event::Restored } else { Event::Resumed });
        });
    }
    let _ = window_event_listener(ev::online, move |_| on_event(Event::Online));
}

/// Returns whether the browser says that there is no network.
pub fn is_offline() -> bool {
    let online = Reflect::get(&window().navigator(), &JsValue::from_str("onLine"));
    online.is_ok_and(|online| online == JsValue::FALSE)
}
