//! The sign-ins that this tab started, in its sessionStorage: each answers once. Where each was going is in
//! localStorage as well, for an answer that is opened in another tab.

use portcullis::Scopes;
use serde::{Deserialize, Serialize};

use crate::return_to::ReturnTo;
use crate::storage::{Kept, StorageFault};

/// The sessionStorage key.
pub const BEGUN: &str = "portcullis_sign_in";
/// How many a tab remembers: the back button may return to an earlier one.
const REMEMBERED: usize = 5;

/// A sign-in that was begun and must be ended by the same tab.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// What the answer must bring back.
    pub state: String,
    /// The provider that was asked: the code that answers goes to no other (RFC 9700 §4.4).
    pub issuer: String,
    /// The client that asked.
    pub client_id: String,
    /// What the ID token must bring back.
    pub nonce: String,
    /// The code verifier (RFC 7636 §4.1).
    pub verifier: String,
    /// Where the person was going.
    pub return_to: ReturnTo,
    /// What it is for.
    pub purpose: Purpose,
    /// The scopes that were asked for; missing where a release before this began it.
    pub asked: Option<Scopes>,
    /// How far it has come.
    pub stage: Stage,
}

/// What a sign-in is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Purpose {
    /// A person wants in.
    Person,
    /// The provider is asked whether its own session stands, and shows nothing (`prompt=none`).
    Silent,
    /// Somebody who is signed in asks for these scopes besides.
    StepUp(Vec<String>),
}

/// How far a sign-in has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stage {
    /// The person is at the provider.
    Away,
    /// The answer was taken.
    Answered,
    /// Somebody was signed in by it.
    Done,
}

fn all() -> Vec<Begun> {
    Kept::InThisTab.get(BEGUN).unwrap_or_default()
}

/// The localStorage key of where the sign-ins of all tabs were going.
pub const RETURNS: &str = "portcullis_returns";
/// How many of them are remembered.
const REMEMBERED_RETURNS: usize = 10;

/// Where a sign-in was going, by its `state`. Nothing here lets another tab redeem a code.
#[derive(Serialize, Deserialize)]
struct Return {
    state: String,
    to: ReturnTo,
}

fn remember_return(state: &str, to: &ReturnTo) {
    let mut all: Vec<Return> = Kept::Everywhere.get(RETURNS).unwrap_or_default();
    all.push(Return { state: state.to_owned(), to: to.clone() });
    let oldest = all.len().saturating_sub(REMEMBERED_RETURNS);
    // Where it cannot be kept, an answer in another tab leads home.
    let _ = Kept::Everywhere.set(RETURNS, &all[oldest..]);
}

fn forget_return(state: &str) {
    let mut all: Vec<Return> = Kept::Everywhere.get(RETURNS).unwrap_or_default();
    all.retain(|one| one.state != state);
    match all.is_empty() {
        true => Kept::Everywhere.delete(RETURNS),
        false => _ = Kept::Everywhere.set(RETURNS, &all),
    }
}

/// Where the sign-in of `state` was going, whichever tab began it; home if that is not known.
pub fn return_of(state: &str) -> ReturnTo {
    let all: Vec<Return> = Kept::Everywhere.get(RETURNS).unwrap_or_default();
    all.into_iter().find(|one| one.state == state).map_or_else(ReturnTo::home, |one| one.to)
}

/// Remembers `one` and forgets the oldest.
///
/// # Errors
/// When the browser does not keep it.
pub fn remember(one: Begun) -> Result<(), StorageFault> {
    let mut all = all();
    all.push(one);
    let oldest = all.len().saturating_sub(REMEMBERED);
    Kept::InThisTab.set(BEGUN, &all[oldest..])?;
    if let Some(one) = all.last() {
        remember_return(&one.state, &one.return_to);
    }
    Ok(())
}

/// What is known of a state that an answer brought.
#[derive(PartialEq, Eq, Debug)]
pub enum Found {
    /// It is this one's, which is now used up.
    First(Box<Begun>),
    /// It was used up before; the person was going there.
    Again(ReturnTo),
    /// No sign-in of this tab was begun with it.
    Unknown,
}

/// Uses up the sign-in of `state`.
pub fn take(state: &str) -> Found {
    let mut all = all();
    let Some(one) = all.iter_mut().find(|one| one.state == state) else { return Found::Unknown };
    if one.stage != Stage::Away {
        return Found::Again(one.return_to.clone());
    }
    let taken = one.clone();
    one.stage = Stage::Answered;
    (one.nonce, one.verifier) = Default::default();
    // Where it cannot be marked as used up it is not used at all.
    if Kept::InThisTab.set(BEGUN, &all).is_err() {
        return Found::Unknown;
    }
    forget_return(state);
    Found::First(Box::new(taken))
}

/// Marks the sign-in of `state` as done.
pub fn done(state: &str) {
    let mut all = all();
    if let Some(one) = all.iter_mut().find(|one| one.state == state) {
        one.stage = Stage::Done;
        let _ = Kept::InThisTab.set(BEGUN, &all);
    }
}

/// Whether a sign-in of this tab has not been answered yet.
pub fn is_pending() -> bool {
    all().iter().any(|one| one.stage == Stage::Away)
}

/// Where a person was going whose last sign-in was cut off, as by a reload of the callback page.
pub fn cut_off() -> Option<ReturnTo> {
    all().pop().filter(|last| last.stage == Stage::Answered).map(|last| last.return_to)
}
