//! Renewing a session before it ends: when, and with what outcome. One renewal at a time across all tabs.

use std::cell::RefCell;
use std::pin::Pin;

use crate::SplitLoaderError;
use leptos::task::spawn_local;

use crate::grant::{self, GrantFault};
use crate::later;
use crate::retry;
use crate::storage::Kept;
use crate::tabs::About;
use crate::token_answer::TokenAnswer;
use crate::token_store::{self, Stored};
use crate::tokens::Tokens;
use crate::{clock, lock, revocation};

/// How long before the end of a session that cannot be renewed the person is asked to, in seconds.
const WARNING: u64 = 120;
/// A token that ends within this many seconds is not sent any more: it would end on its way.
const ON_ITS_WAY: u64 = 5;

/// What to do with a session next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing, for this many seconds.
    Wait(u64),
    /// Renew it with the refresh token.
    Renew,
    /// Say that it ends in so many seconds: nothing but a sign-in can renew it.
    Warn(u64),
    /// End it.
    End,
}

impl Tokens {
    /// Whether the access token can still be sent.
    pub(crate) fn is_good(&self, now: u64) -> bool {
        self.seconds_left(now) > ON_ITS_WAY
    }

    /// What to do at `now` (seconds since 1970) with the session of these tokens.
    pub(crate) fn next(&self, now: u64) -> Next {
        let left = self.seconds_left(now);
        if self.refresh_token.is_some() {
            return if now < self.renew_at && left > 0 {
                Next::Wait((self.renew_at - now).min(left))
            } else {
                Next::Renew
            };
        }
        // Not before the time in which a token that lives shortly would be renewed.
        let warned_at = self.renew_at.max(self.expires_at.saturating_sub(WARNING));
        match left {
            0 => Next::End,
            _ if now < warned_at => Next::Wait(warned_at - now),
            _ => Next::Warn(left),
        }
    }
}

/// What came of a renewal.
pub enum Renewal {
    /// There are good tokens, of this tab or of another that was first.
    Done,
    /// There are, but in the memory of this tab alone: the storage is full or forbidden.
    NotKept,
    /// Not now; the provider did not answer.
    Later,
    /// Not on this page: the code that renews cannot be downloaded, or the page does not know the provider.
    NotLoaded,
    /// Nobody is signed in any more.
    Gone,
    /// Another app has put its values in the place of the session.
    Displaced,
    /// The provider has ended the session.
    Ended,
    /// What came is not of this session: another person's, or another client's.
    Unfit,
}

/// Renews the session in whose name `used` is an access token that ends soon or was refused.
pub async fn renew(used: String) -> Renewal {
    match begin(used).await {
        Ok(renewing) => renewing.await,
        Err(_) => Renewal::NotLoaded,
    }
}

/// Downloads the code that renews before it is needed: a new release of the site takes that of the old one away.
pub fn fetch_ahead() {
    if token_store::tokens().is_some_and(|tokens| tokens.refresh_token.is_some()) {
        // It does nothing as long as nobody waits for what it gives.
        spawn_local(async { _ = begin(String::new()).await });
    }
}

later! { sign_in:
    fn begin(used: String) -> Result<Pin<Box<dyn Future<Output = Renewal>>>, SplitLoaderError> {
        Ok(Box::pin(async move { lock::exclusively(under_lock(&used)).await.unwrap_or(Renewal::Later) }))
    }
}

async fn under_lock(used: &str) -> Renewal {
    let kept = match token_store::load() {
        Stored::Ours(kept) => kept,
        Stored::Foreign => return Renewal::Displaced,
        Stored::Nothing => return Renewal::Gone,
    };
    if kept.access_token != used && kept.is_good(clock::now()) {
        return Renewal::Done;
    }
    if kept.refresh_token.is_none() {
        return Renewal::Ended;
    }
    // How long new tokens live counts from now.
    if clock::is_doubtful() && !clock::ask().await {
        return Renewal::Later;
    }
    // Another tab may have asked in vain just now, or the provider have said when it wants to be asked again.
    if retry::is_pending(clock::now()) {
        return Renewal::Later;
    }
    let answer = match grant::refresh(&kept).await {
        Ok(answer) => answer,
        // What was refused to one session is nothing to the one that has taken its place.
        Err(error) => return still(&kept).err().unwrap_or_else(|| refused(error)),
    };
    // The refresh token is spent: the one that came with the answer is kept before anything else is judged. The person
    // may have signed out or in while the provider answered; then this answer is nobody's.
    let before = match still(&kept) {
        Ok(()) => grant::rotated(&kept, &answer),
        Err(instead) => return left_over(&kept, &answer, instead),
    };
    let mut renewal = keep(&before);
    let fresh = grant::refreshed(&before, &answer).await;
    if let Err(instead) = still(&before) {
        return left_over(&kept, &answer, instead);
    }
    match fresh {
        Ok(fresh) => {
            match fresh.next(clock::now()) {
                // Tokens that are already expired when they arrive must not trigger another refresh at once.
                Next::Renew => retry::remember(clock::now(), None),
                _ => retry::forget(),
            }
            if let Renewal::NotKept = keep(&fresh) {
                renewal = Renewal::NotKept;
            }
            renewal
        }
        Err(error) => refused(error),
    }
}

/// What came for `used` after its session had gone is revoked. Not while the same person is signed in: a provider may end
/// all that it has issued to them.
fn left_over(used: &Tokens, answer: &TokenAnswer, instead: Renewal) -> Renewal {
    if token_store::tokens().is_none_or(|now| now.whose() != used.whose()) {
        revocation::revoke(answer.fresh_refresh_token());
    }
    instead
}

/// What is to be done where a refresh has brought no tokens.
fn refused(error: GrantFault) -> Renewal {
    match error {
        GrantFault::NoProvider => Renewal::NotLoaded,
        GrantFault::Busy { retry_after } => {
            retry::remember(clock::now(), retry_after);
            Renewal::Later
        }
        GrantFault::Fetch(_) | GrantFault::NotReadable | GrantFault::Unreadable | GrantFault::Answer(_) => {
            retry::remember(clock::now(), None);
            Renewal::Later
        }
        GrantFault::Invalid(_) | GrantFault::Refused(_) | GrantFault::NoRefreshToken => Renewal::Ended,
        GrantFault::IdToken(_)
        | GrantFault::IdTokenRefused(_)
        | GrantFault::AnotherPerson
        | GrantFault::NoIdToken
        | GrantFault::Whoami(_) => Renewal::Unfit,
    }
}

/// Whether the session is still the one that `used` belongs to.
///
/// # Errors
/// What has become of it.
fn still(used: &Tokens) -> Result<(), Renewal> {
    match token_store::load() {
        Stored::Ours(now) if now.refresh_token == used.refresh_token => Ok(()),
        Stored::Ours(now) if now.is_good(clock::now()) => Err(Renewal::Done),
        Stored::Foreign => Err(Renewal::Displaced),
        Stored::Ours(_) | Stored::Nothing => Err(Renewal::Gone),
    }
}

thread_local! {
    /// The tokens that this tab was the last to renew to.
    static OWN: RefCell<Option<Tokens>> = const { RefCell::new(None) };
}

/// Removes what a refresh of this tab wrote over the end of the sign-in that `about` names, and revokes it: what one tab
/// clears another may see later.
pub fn forget_own(about: &About) {
    let Some(own) = OWN.take().filter(|own| about.is_sign_in(&own.principal.sign_in)) else { return };
    if token_store::tokens().is_some_and(|kept| kept.access_token == own.access_token) {
        token_store::clear_local();
        revocation::revoke(own.refresh_token);
    }
}

fn keep(fresh: &Tokens) -> Renewal {
    if token_store::save(fresh).is_ok() {
        OWN.replace(Some(fresh.clone()));
        return Renewal::Done;
    }
    // The old refresh token is used up: what could not be kept for all tabs lives on in this one.
    token_store::save_in_memory(fresh);
    Renewal::NotKept
}

/// Removes the lease of a lock that a tab may have left.
pub fn forget_lease() {
    Kept::Everywhere.delete(lock::NAME);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::Principal;

    /// Came at 1000, renewed at 1675, ends at 1900.
    fn tokens(refresh_token: Option<&str>) -> Tokens {
        Tokens {
            refresh_token: refresh_token.map(Into::into),
            expires_at: 1900,
            renew_at: 1675,
            ..Tokens::of("a", Principal::default())
        }
    }

    #[test]
    fn with_a_refresh_token_it_is_renewed_in_time_and_after_the_end() {
        let next = |now| tokens(Some("r")).next(now);
        assert_eq!(next(1000), Next::Wait(675));
        assert_eq!(next(1674), Next::Wait(1));
        assert_eq!(next(1675), Next::Renew);
        assert_eq!(next(9999), Next::Renew);
    }

    #[test]
    fn without_one_the_person_is_warned_and_then_it_ends() {
        let next = |now| tokens(None).next(now);
        assert_eq!(next(1000), Next::Wait(780));
        assert_eq!(next(1780), Next::Warn(120));
        assert_eq!(next(1899), Next::Warn(1));
        assert_eq!(next(1900), Next::End);
    }

    #[test]
    fn a_token_about_to_end_is_not_sent_any_more() {
        assert!(tokens(None).is_good(1894));
        assert!(!tokens(None).is_good(1895));
    }
}
