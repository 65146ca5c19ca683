//! Where tokens live: in localStorage, or in the memory of this tab alone (`AUTH_TOKEN_STORE`).

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use portcullis::Scopes;
use portcullis::sign_in::TokenPlace;

use crate::record::{RECORD, Record, TOKENS, values};
use crate::storage::{Kept, StorageFault};
use crate::tabs::{self, Signal};
use crate::tokens::Tokens;

const EXPIRES_AT: &str = "expires_at";
const RENEW_AT: &str = "renew_at";
const SCOPES: &str = "scopes";

thread_local! {
    static MEMORY: RefCell<Option<Tokens>> = const { RefCell::new(None) };
    static PLACE: Cell<TokenPlace> = const { Cell::new(TokenPlace::LocalStorage) };
}

/// What is found where tokens live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stored {
    /// A session of this app.
    Ours(Tokens),
    /// Values that this app did not write, or not for this provider and client.
    Foreign,
    /// No session.
    Nothing,
}

/// Reads the place that is in use.
#[must_use]
pub fn load() -> Stored {
    match PLACE.get() {
        TokenPlace::LocalStorage => load_local(),
        TokenPlace::Memory => MEMORY.with_borrow(Clone::clone).map_or(Stored::Nothing, Stored::Ours),
    }
}

/// The tokens of this app's session, if there is one.
#[must_use]
pub fn tokens() -> Option<Tokens> {
    match load() {
        Stored::Ours(tokens) => Some(tokens),
        Stored::Foreign | Stored::Nothing => None,
    }
}

fn load_local() -> Stored {
    let Some(record) = Record::read() else {
        return if Kept::Everywhere.holds(RECORD) { Stored::Foreign } else { Stored::Nothing };
    };
    let [refresh_token, access_token, id_token] =
        TOKENS.map(|key| Kept::Everywhere.text(key).filter(|value| record.owns(key, value)));
    let Some(access_token) = access_token else { return Stored::Foreign };
    // Our token beside a time or scopes that cannot be read is one that must be refreshed.
    let rest = Kept::Everywhere.number(EXPIRES_AT).zip(Kept::Everywhere.text(SCOPES));
    let (expires_at, scopes) = rest.unwrap_or_default();
    Stored::Ours(Tokens {
        access_token,
        id_token,
        refresh_token,
        expires_at,
        renew_at: Kept::Everywhere.number(RENEW_AT).unwrap_or_else(|| expires_at.saturating_sub(60)),
        scopes: Scopes::parse(&scopes),
        principal: Arc::new(record.principal()),
    })
}

/// Keeps `tokens` in place of any others: all of them or none.
///
/// # Errors
/// When the browser does not keep them. Then no session is left.
pub fn save(tokens: &Tokens) -> Result<(), StorageFault> {
    match PLACE.get() {
        TokenPlace::LocalStorage => save_local(tokens),
        TokenPlace::Memory => {
            save_in_memory(tokens);
            Ok(())
        }
    }
}

/// Keeps `tokens` in this tab alone from now on.
pub fn save_in_memory(tokens: &Tokens) {
    keep_in(TokenPlace::Memory);
    MEMORY.replace(Some(tokens.clone()));
}

fn save_local(tokens: &Tokens) -> Result<(), StorageFault> {
    let kept = Kept::Everywhere;
    let before = Record::read();
    let was_ours = |key, value: &str| before.as_ref().is_some_and(|before| before.owns(key, value));
    // Not for another person: their name would stand over tokens of the one before.
    let refreshed = before.as_ref().filter(|before| before.principal().name() == tokens.whose());
    let keep_all = || {
        if refreshed.is_some() {
            Record::write(tokens, refreshed)?;
        }
        for (key, value) in values(tokens) {
            match value {
                Some(value) => kept.put(key, value)?,
                None => remove(&[key], was_ours),
            }
        }
        kept.put(SCOPES, tokens.scopes.to_string())?;
        kept.put(RENEW_AT, tokens.renew_at as f64)?;
        kept.put(EXPIRES_AT, tokens.expires_at as f64)?;
        tabs::clear_signal();
        Record::write(tokens, None)
    };
    keep_all().inspect_err(|_| {
        // The session of the other tabs ends with what was there. The refresh token makes room to tell them: a tab that
        // sees the tokens go and is not told takes it for a sign-out, and leaves its page.
        let is_ours = |key, value: &str| was_ours(key, value) || values(tokens).contains(&(key, Some(value)));
        remove(&TOKENS[..1], is_ours);
        if before.is_some() {
            tabs::tell(Signal::Ended, tokens);
        }
        remove_session(is_ours);
    })
}

/// Removes the session of this app, and nothing that another app has written.
pub fn clear() {
    MEMORY.take();
    clear_local();
}

/// Removes this app's session from localStorage.
pub fn clear_local() {
    if let Some(record) = Record::read() {
        remove_session(|key, value| record.owns(key, value));
    }
}

/// Removes the tokens that are ours, the times and scopes that belong to the access token, and the record.
fn remove_session(is_ours: impl Fn(&'static str, &str) -> bool) {
    remove(&TOKENS, is_ours);
    let [_, access_token, _] = TOKENS;
    if !Kept::Everywhere.holds(access_token) {
        for key in [SCOPES, RENEW_AT, EXPIRES_AT] {
            Kept::Everywhere.delete(key);
        }
    }
    Kept::Everywhere.delete(RECORD);
}

/// Removes what is under each of `keys`, if it is ours.
fn remove(keys: &[&'static str], is_ours: impl Fn(&'static str, &str) -> bool) {
    for key in keys {
        if Kept::Everywhere.text(key).is_some_and(|value| is_ours(key, &value)) {
            Kept::Everywhere.delete(key);
        }
    }
}

/// Uses `place` from now on.
pub fn keep_in(place: TokenPlace) {
    PLACE.set(place);
}

/// Goes back to `place` from a memory that was used for want of room, once somebody has signed in there.
pub fn come_back(place: TokenPlace) {
    if place == TokenPlace::LocalStorage && matches!(load_local(), Stored::Ours(_)) {
        MEMORY.take();
        keep_in(place);
    }
}

/// Whether tokens are in memory now.
#[must_use]
pub fn is_memory() -> bool {
    PLACE.get() == TokenPlace::Memory
}
