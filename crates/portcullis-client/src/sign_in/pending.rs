//! The sign-ins that this tab has started, in its sessionStorage. The response to each is used once. Where each leads
//! to is in localStorage as well, for a response that is opened in another tab.

use portcullis::Scopes;
use serde::{Deserialize, Serialize};

use crate::return_to::ReturnTo;
use crate::storage::{StorageError, WebStorage};

/// The sessionStorage key of the pending sign-ins.
pub const PENDING_KEY: &str = "portcullis_sign_in";
/// How many pending sign-ins a tab stores. The back button may return to an earlier one.
const MAX_PENDING: usize = 5;
/// The localStorage key of where the sign-ins of all tabs lead to.
pub const RETURNS_KEY: &str = "portcullis_returns";
/// How many of them are stored.
const MAX_RETURNS: usize = 10;

/// A sign-in that the same tab must finish.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// What the response must repeat.
    pub state: String,
    /// The provider. The code is sent to no other (RFC 9700 §4.4).
    pub issuer: String,
    /// The client ID that was used.
    pub client_id: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// The code verifier (RFC 7636 §4.1).
    pub verifier: String,
    /// Where the person was going.
    pub return_to: ReturnTo,
    /// Why it was started.
    pub purpose: Purpose,
    /// The scopes that were requested. Missing if an earlier release started it.
    #[serde(rename = "asked")]
    pub requested_scopes: Option<Scopes>,
    /// How far the sign-in is.
    pub stage: Stage,
}

/// Why a sign-in was started.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Purpose {
    /// A person wants to sign in.
    Person,
    /// The provider shows nothing, and only says whether it has a session (`prompt=none`).
    Silent,
    /// A person who is signed in requests these additional scopes.
    StepUp(Vec<String>),
}

/// How far a sign-in is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stage {
    /// The person is at the provider.
    Away,
    /// The response was taken.
    Answered,
    /// The response was processed.
    Done,
}

/// Where a sign-in leads to, by its `state`. Another tab can't redeem a code with it.
#[derive(Serialize, Deserialize)]
struct Return {
    state: String,
    to: ReturnTo,
}

fn all() -> Vec<PendingSignIn> {
    WebStorage::Session.get(PENDING_KEY).unwrap_or_default()
}

fn returns() -> Vec<Return> {
    WebStorage::Local.get(RETURNS_KEY).unwrap_or_default()
}

fn save_return(state: &str, to: &ReturnTo) {
    let mut all = returns();
    all.push(Return { state: state.to_owned(), to: to.clone() });
    let first = all.len().saturating_sub(MAX_RETURNS);
    // If it is not stored, a response in another tab leads to the home page.
    let _ = WebStorage::Local.set(RETURNS_KEY, &all[first..]);
}

fn remove_return(state: &str) {
    let mut all = returns();
    all.retain(|one| one.state != state);
    match all.is_empty() {
        true => WebStorage::Local.delete(RETURNS_KEY),
        false => _ = WebStorage::Local.set(RETURNS_KEY, &all),
    }
}

/// Returns where the sign-in of `state` leads to, whichever tab started it, or the home page if that is unknown.
pub fn return_to_of(state: &str) -> ReturnTo {
    returns().into_iter().find(|one| one.state == state).map_or_else(ReturnTo::home, |one| one.to)
}

/// Stores `pending`, and removes the oldest if there are too many.
///
/// # Errors
/// [`StorageError`] if the browser does not store it.
pub fn save(pending: PendingSignIn) -> Result<(), StorageError> {
    let (state, return_to) = (pending.state.clone(), pending.return_to.clone());
    let mut all = all();
    all.push(pending);
    let first = all.len().saturating_sub(MAX_PENDING);
    WebStorage::Session.set(PENDING_KEY, &all[first..])?;
    save_return(&state, &return_to);
    Ok(())
}

/// The result of [`take`].
#[derive(PartialEq, Eq, Debug)]
pub enum Taken {
    /// The sign-in, which can't be taken again.
    First(Box<PendingSignIn>),
    /// The sign-in was taken before. The person was going there.
    Again(ReturnTo),
    /// This tab has no such sign-in.
    Unknown,
}

/// Takes the sign-in of `state`.
pub fn take(state: &str) -> Taken {
    let mut all = all();
    let Some(one) = all.iter_mut().find(|one| one.state == state) else { return Taken::Unknown };
    if one.stage != Stage::Away {
        return Taken::Again(one.return_to.clone());
    }
    let taken = one.clone();
    one.stage = Stage::Answered;
    (one.nonce, one.verifier) = Default::default();
    // If it can't be marked as taken, it is not used at all.
    if WebStorage::Session.set(PENDING_KEY, &all).is_err() {
        return Taken::Unknown;
    }
    remove_return(state);
    Taken::First(Box::new(taken))
}

/// Marks the sign-in of `state` as done. Returns whether it was still stored: signing out removes it.
pub fn mark_done(state: &str) -> bool {
    let mut all = all();
    let Some(one) = all.iter_mut().find(|one| one.state == state) else { return false };
    one.stage = Stage::Done;
    let _ = WebStorage::Session.set(PENDING_KEY, &all);
    true
}

/// Returns whether a sign-in of this tab has no response yet.
pub fn has_unanswered() -> bool {
    all().iter().any(|one| one.stage == Stage::Away)
}

/// Returns where the person was going if the last sign-in was interrupted, as by a reload of the callback page.
pub fn last_answered() -> Option<ReturnTo> {
    all().pop().filter(|last| last.stage == Stage::Answered).map(|last| last.return_to)
}
