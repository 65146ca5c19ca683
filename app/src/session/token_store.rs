//! Where tokens live: in localStorage, or in the memory of this tab alone (`AUTH_TOKEN_STORE`).

use std::cell::{Cell, RefCell};

use super::provider::TokenPlace;
use super::storage::{Kept, StorageFault};
use super::tabs::{self, Signal};
use super::tokens::Tokens;
use crate::policy::Scopes;

/// The key of the access token in localStorage.
pub const ACCESS_TOKEN: &str = "access_token";
const ID_TOKEN: &str = "id_token";
const REFRESH_TOKEN: &str = "refresh_token";
/// The key that is written last: who sees it change finds the others in place.
pub const EXPIRES_AT: &str = "expires_at";
const RENEW_AT: &str = "renew_at";
const SCOPES: &str = "scopes";

/// A place for the tokens of a session.
pub trait TokenStore {
    /// The tokens that are kept, if they are whole.
    fn load(&self) -> Option<Tokens>;

    /// Keeps `tokens` in place of any others: all of them or none.
    ///
    /// # Errors
    /// When the browser does not keep them. Then there are none.
    fn save(&self, tokens: &Tokens) -> Result<(), StorageFault>;

    /// Removes everything that [`TokenStore::save`] keeps, and nothing else.
    fn clear(&self);
}

/// localStorage: shared by all tabs, and there after a reload.
pub struct Local;

impl TokenStore for Local {
    fn load(&self) -> Option<Tokens> {
        let kept = Kept::Everywhere;
        // One that could not stand in a header is none (RFC 6750 §2.1): it would make fetch throw.
        let access_token = kept.text(ACCESS_TOKEN)?;
        if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let expires_at = kept.number(EXPIRES_AT)?;
        Some(Tokens {
            access_token,
            id_token: kept.text(ID_TOKEN),
            refresh_token: kept.text(REFRESH_TOKEN),
            expires_at,
            renew_at: kept.number(RENEW_AT).unwrap_or_else(|| expires_at.saturating_sub(60)),
            scopes: Scopes::parse(&kept.text(SCOPES)?),
        })
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StorageFault> {
        let kept = Kept::Everywhere;
        let keep = |key, value: &Option<String>| match value {
            Some(value) => kept.put(key, value),
            None => {
                kept.delete(key);
                Ok(())
            }
        };
        let keep_all = || {
            // First what cannot be had again: a refresh token that was rotated is good once.
            keep(REFRESH_TOKEN, &tokens.refresh_token)?;
            kept.put(ACCESS_TOKEN, &tokens.access_token)?;
            keep(ID_TOKEN, &tokens.id_token)?;
            kept.put(SCOPES, tokens.scopes.to_string())?;
            kept.put(RENEW_AT, tokens.renew_at as f64)?;
            kept.put(EXPIRES_AT, tokens.expires_at as f64)
        };
        keep_all().inspect_err(|_| {
            // The session of the other tabs ends with what was there. The refresh token makes room to tell them:
            // whoever sees the tokens go and is not told takes it for a sign-out, and leaves its page.
            kept.delete(REFRESH_TOKEN);
            tabs::tell(Signal::Ended);
            self.clear();
        })
    }

    fn clear(&self) {
        for key in [ACCESS_TOKEN, ID_TOKEN, REFRESH_TOKEN, RENEW_AT, SCOPES, EXPIRES_AT] {
            Kept::Everywhere.delete(key);
        }
    }
}

thread_local! {
    static TOKENS: RefCell<Option<Tokens>> = const { RefCell::new(None) };
    static PLACE: Cell<TokenPlace> = const { Cell::new(TokenPlace::LocalStorage) };
}

/// The memory of this tab: gone with a reload, and no other script of the site finds them in a storage.
pub struct Memory;

impl TokenStore for Memory {
    fn load(&self) -> Option<Tokens> {
        TOKENS.with_borrow(Clone::clone)
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StorageFault> {
        TOKENS.replace(Some(tokens.clone()));
        Ok(())
    }

    fn clear(&self) {
        TOKENS.take();
    }
}

/// The place that is in use.
#[must_use]
pub fn store() -> &'static dyn TokenStore {
    match PLACE.get() {
        TokenPlace::LocalStorage => &Local,
        TokenPlace::Memory => &Memory,
    }
}

/// Removes what is kept and cannot be read. Not while another tab writes: the time of the end is written last.
pub fn sweep() {
    if Kept::Everywhere.holds(EXPIRES_AT) && Local.load().is_none() {
        Local.clear();
    }
}

/// Uses `place` from now on.
pub fn keep_in(place: TokenPlace) {
    PLACE.set(place);
}

/// Goes back to `place` from a memory that was used for want of room, once somebody has signed in there.
pub fn come_back(place: TokenPlace) {
    if place == TokenPlace::LocalStorage && Local.load().is_some() {
        Memory.clear();
        keep_in(place);
    }
}

/// Whether tokens are in memory now.
#[must_use]
pub fn is_memory() -> bool {
    PLACE.get() == TokenPlace::Memory
}
