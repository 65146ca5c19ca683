//! Refreshing a session: one refresh at a time across all tabs.

mod next_step;
mod request;

use std::cell::RefCell;
use std::pin::Pin;

use leptos::task::spawn_local;

pub use next_step::NextStep;

use crate::later::SplitLoaderError;
use crate::sign_out::revoke_in_background;
use crate::storage::WebStorage;
use crate::tabs::SessionDigest;
use crate::token_endpoint::TokenError;
use crate::token_response::TokenResponse;
use crate::token_store::{self, StoredSession};
use crate::tokens::Tokens;
use crate::{back_off, clock, later, lock};

/// The result of a refresh.
pub enum RefreshOutcome {
    /// These tokens are valid. This tab or another has refreshed them.
    Refreshed(Tokens),
    /// These tokens are valid, but only this tab has them: the storage is full or forbidden.
    NotPersisted(Tokens),
    /// The provider did not answer.
    RetryLater,
    /// This page can't refresh: its code can't be downloaded, or it does not know the provider.
    NotLoaded,
    /// Nobody is signed in any more.
    SignedOut,
    /// Another app has overwritten the session.
    Displaced,
    /// The provider has ended the session.
    Ended,
    /// The response belongs to another person or another client.
    Mismatch,
}

/// Refreshes the session whose access token `used` expires soon or was refused.
pub async fn refresh(used: String) -> RefreshOutcome {
    match start(used).await {
        Ok(refreshing) => refreshing.await,
        Err(_) => RefreshOutcome::NotLoaded,
    }
}

/// Downloads the code that refreshes before it is needed: a new release of the site removes the code of the old one.
pub fn preload() {
    if token_store::tokens().is_some_and(|tokens| tokens.refresh_token.is_some()) {
        // Only the download matters: the returned future is not awaited, so it does nothing.
        spawn_local(async { _ = start(String::new()).await });
    }
}

later! { sign_in:
    fn start(used: String) -> Result<Pin<Box<dyn Future<Output = RefreshOutcome>>>, SplitLoaderError> {
        Ok(Box::pin(async move {
            lock::with_lock(refresh_under_lock(&used)).await.unwrap_or(RefreshOutcome::RetryLater)
        }))
    }
}

async fn refresh_under_lock(used: &str) -> RefreshOutcome {
    let stored = match token_store::load() {
        StoredSession::Own(stored) => stored,
        StoredSession::Foreign => return RefreshOutcome::Displaced,
        StoredSession::Missing => return RefreshOutcome::SignedOut,
    };
    if stored.access_token != used && stored.is_usable(clock::now()) {
        return RefreshOutcome::Refreshed(stored);
    }
    if stored.refresh_token.is_none() {
        return RefreshOutcome::Ended;
    }
    // The lifetime of the new tokens counts from now.
    if clock::is_uncertain() && !clock::synchronize().await {
        return RefreshOutcome::RetryLater;
    }
    // Another tab may have failed just now, or the provider may have said when to ask again.
    if back_off::is_active(clock::now()) {
        return RefreshOutcome::RetryLater;
    }
    let response = match request::send(&stored).await {
        Ok(response) => response,
        // If another session has taken the place of this one, the refusal does not concern it.
        Err(error) => return check_unchanged(&stored).err().unwrap_or_else(|| on_error(error)),
    };
    // The refresh token is spent: the new one is stored before the rest of the response is checked. The person may have
    // signed out or in while the provider answered. Then the response belongs to nobody.
    let rotated = match check_unchanged(&stored) {
        Ok(()) => request::with_rotated_token(&stored, &response),
        Err(outcome) => return discard(&stored, &response, outcome),
    };
    let is_rotated_persisted = save(&rotated);
    let fresh = request::check(&rotated, &response).await;
    if let Err(outcome) = check_unchanged(&rotated) {
        return discard(&stored, &response, outcome);
    }
    match fresh {
        Ok(fresh) => {
            match fresh.next_step(clock::now()) {
                // Tokens that are already expired when they arrive must not trigger another refresh at once.
                NextStep::Refresh => back_off::start(clock::now(), None),
                _ => back_off::clear(),
            }
            match save(&fresh) && is_rotated_persisted {
                true => RefreshOutcome::Refreshed(fresh),
                false => RefreshOutcome::NotPersisted(fresh),
            }
        }
        Err(error) => on_error(error),
    }
}

/// Revokes what the provider returned for `used` after that session had ended, and returns `outcome`. Revokes nothing
/// while the same person is signed in: a provider may revoke everything that it has issued to them.
fn discard(used: &Tokens, response: &TokenResponse, outcome: RefreshOutcome) -> RefreshOutcome {
    if token_store::tokens().is_none_or(|now| now.person_key() != used.person_key()) {
        revoke_in_background(response.new_refresh_token());
    }
    outcome
}

fn on_error(error: TokenError) -> RefreshOutcome {
    match error {
        TokenError::UnknownProvider => RefreshOutcome::NotLoaded,
        TokenError::Busy { retry_after } => {
            back_off::start(clock::now(), retry_after);
            RefreshOutcome::RetryLater
        }
        TokenError::Fetch(_) | TokenError::CorsForbidden | TokenError::Unreadable | TokenError::Response(_) => {
            back_off::start(clock::now(), None);
            RefreshOutcome::RetryLater
        }
        TokenError::InvalidGrant(_) | TokenError::Refused(_) | TokenError::NoRefreshToken => RefreshOutcome::Ended,
        TokenError::IdToken(_)
        | TokenError::IdTokenRefused(_)
        | TokenError::AnotherPerson
        | TokenError::NoIdToken
        | TokenError::Whoami(_) => RefreshOutcome::Mismatch,
    }
}

/// Checks that the session is still the one that `used` belongs to.
///
/// # Errors
/// The outcome of the refresh if it is not.
fn check_unchanged(used: &Tokens) -> Result<(), RefreshOutcome> {
    match token_store::load() {
        StoredSession::Own(now) if now.refresh_token == used.refresh_token => Ok(()),
        StoredSession::Own(now) if now.is_usable(clock::now()) => Err(RefreshOutcome::Refreshed(now)),
        StoredSession::Foreign => Err(RefreshOutcome::Displaced),
        StoredSession::Own(_) | StoredSession::Missing => Err(RefreshOutcome::SignedOut),
    }
}

thread_local! {
    /// The tokens of the last refresh in this tab.
    static LAST_REFRESHED: RefCell<Option<Tokens>> = const { RefCell::new(None) };
}

/// Removes and revokes what a refresh of this tab wrote after another tab had ended its sign-in, which `session` names:
/// one tab may see late what another clears.
pub fn undo_late_write(session: &SessionDigest) {
    let last = LAST_REFRESHED.take().filter(|last| session.matches_sign_in(&last.principal.sign_in));
    let Some(last) = last else { return };
    if token_store::tokens().is_some_and(|stored| stored.access_token == last.access_token) {
        token_store::clear_local();
        revoke_in_background(last.refresh_token);
    }
}

/// Stores `fresh` and returns whether all tabs have it.
fn save(fresh: &Tokens) -> bool {
    let is_persisted = token_store::save(fresh).is_ok();
    if is_persisted {
        LAST_REFRESHED.replace(Some(fresh.clone()));
    } else {
        // The old refresh token is spent, so this tab goes on with the new one alone.
        token_store::save_in_memory(fresh);
    }
    is_persisted
}

/// Removes a lease of the lock that a tab may have left.
pub fn clear_lease() {
    WebStorage::Local.delete(lock::REFRESH_LOCK);
}
