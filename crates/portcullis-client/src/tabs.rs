//! What other tabs do, and what happens to this one: storage events, waking up, coming back, being online again.

use std::time::Duration;

use js_sys::JSON;
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::StorageEvent;

use crate::record::{RECORD, digest};
use crate::storage::{Kept, key_of};
use crate::tokens::Tokens;

/// The localStorage key by which tabs tell each other what cannot be seen from the tokens. That a session has ended stays
/// there, with digests of the sign-in and the person, until the next sign-in or until a page is loaded: a tab may see the
/// tokens gone before it is told.
pub const SIGNAL: &str = "portcullis_signal";

/// What a tab tells the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// The person has signed out.
    SignedOut,
    /// The session has ended by itself: whoever looks at a page keeps it.
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

/// Whose session a signal is about, as digests: what is told must fit where there is hardly any room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    sign_in: String,
    person: String,
}

impl About {
    /// Whether it is about this sign-in.
    pub fn is_sign_in(&self, name: &str) -> bool {
        self.sign_in == digest(name)
    }

    /// Whether it is about this person.
    pub fn is_person(&self, name: &str) -> bool {
        self.person == digest(name)
    }
}

/// Tells the other tabs that `signal` has happened to the session of `tokens`.
pub fn tell(signal: Signal, tokens: &Tokens) {
    let (sign_in, person) = (digest(&tokens.principal.sign_in), digest(&tokens.whose()));
    let _ = Kept::Everywhere.put(SIGNAL, format!("{} {sign_in} {person}", signal.name()));
    if signal == Signal::SignedOut {
        clear_signal();
    }
}

/// Removes the stored signal.
pub fn clear_signal() {
    Kept::Everywhere.delete(SIGNAL);
}

/// Returns the session that last ended, if no new one has started.
pub fn last_ended() -> Option<About> {
    let (signal, about) = read(&Kept::Everywhere.text(SIGNAL)?)?;
    (signal == Signal::Ended).then_some(about)
}

/// What another tab has told.
fn told(value: &str) -> Option<(Signal, About)> {
    read(&JSON::parse(value).ok()?.as_string()?)
}

fn read(value: &str) -> Option<(Signal, About)> {
    let mut words = value.split(' ');
    let (name, sign_in, person) = (words.next()?, words.next()?.to_owned(), words.next()?.to_owned());
    let signal = [Signal::SignedOut, Signal::Ended].into_iter().find(|signal| signal.name() == name)?;
    Some((signal, About { sign_in, person }))
}

/// Something that a session should look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Another tab has told something of a session.
    Told(Signal, About),
    /// Another tab has changed the session in localStorage.
    Changed,
    /// Another page of the origin has cleared all of localStorage, as another app's sign-out may.
    Cleared,
    /// The tab is looked at again, or the device has woken up.
    Woken,
    /// The page was put away when the tab went on to another, heard nothing meanwhile, and is back as it was.
    Back,
    /// The network is there again.
    Online,
}

/// Calls `hear` on every event, as long as the page lives.
pub fn listen(hear: impl Fn(Event) + Copy + 'static) {
    // The listeners live as long as the application: the page.
    let _ = window_event_listener_untyped("storage", move |event| {
        let event: StorageEvent = event.unchecked_into();
        let Some(key) = event.key() else {
            return hear(Event::Cleared);
        };
        match event.new_value().as_deref().and_then(told) {
            Some((signal, about)) if key == key_of(SIGNAL) => hear(Event::Told(signal, about)),
            // The record is written last, and removed last.
            _ if key == key_of(RECORD) => hear(Event::Changed),
            _ => {}
        }
    });
    for name in ["visibilitychange", "pageshow", "focus"] {
        let _ = window_event_listener_untyped(name, move |event| {
            let was_away = js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|away| away.is_truthy());
            hear(if was_away { Event::Back } else { Event::Woken });
        });
    }
    let _ = window_event_listener(ev::online, move |_| hear(Event::Online));
}

/// Whether the browser says that it has no network.
pub fn is_offline() -> bool {
    let online = js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("onLine"));
    online.is_ok_and(|online| online == JsValue::FALSE)
}

/// The longest wait of a timer: whoever waits longer looks in between, for a sleeping device's timers stand still.
pub const LONGEST: Duration = Duration::from_secs(60);
