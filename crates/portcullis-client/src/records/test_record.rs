//! A record with every kind of field, and a fake server that stores one such record, for tests.

use std::cell::RefCell;
use std::task::{Context, Poll, Waker};

use portcullis::record::{Record, RecordId, Stored};
use portcullis::{Access, AppError, FieldErrors, Right, Scope};
use serde::{Deserialize, Serialize};

use super::values::{erase, to_values};
use super::*;
use crate::fields;

pub struct UseThings;
impl Right for UseThings {
    const NAME: &'static str = "UseThings";
    const ACCESS: Access = Access::Scopes(&[Scope("use:things")]);
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Thing {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(default)]
    pub is_done: bool,
    #[serde(default)]
    pub stars: Option<i64>,
    #[serde(default)]
    pub due: Option<String>,
    /// Not in the form.
    #[serde(default)]
    pub hidden: u8,
}

impl Thing {
    pub fn named(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

impl Record for Thing {
    type Read = UseThings;
    type Write = UseThings;
    type Delete = UseThings;
    type Admin = UseThings;
    const NAME: &'static str = "Thing";
    const COLLECTION: &'static str = "things";
    const FIELDS: &'static [&'static str] =
        &["name", "description", "price", "currency", "is_done", "stars", "due", "hidden"];
    const SEARCHED: &'static str = "name";

    fn check(&self, stored: Option<&Self>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut checked = self.clone();
        if stored.is_none_or(|stored| stored.name != self.name) {
            checked.name = self.name.trim().to_owned();
        }
        if checked.name.is_empty() {
            errors.add("name", "A thing needs a name");
        }
        let is_stored = stored.is_some_and(|stored| stored.price == self.price && stored.currency == self.currency);
        if self.price.is_some() && self.currency.is_none() && !is_stored {
            errors.add("currency", "A price needs a currency");
        }
        if errors.is_empty() { Ok(checked) } else { Err(errors) }
    }
}

struct Things;
impl Definition for Things {
    type Record = Thing;
    const FIELDS: &'static [Field] = fields![Thing {
        name: Text("Name").required(),
        description: LongText("Description"),
        price: Money("Price").hint("For example 49.90") + currency: ("Currency"),
        is_done: Checkbox("Done"),
        stars: Integer("Stars"),
        due: Date("Due"),
    }];
    const CALLS: Calls<Thing> = Calls {
        get: |_| Box::pin(async { Server::get() }),
        list: |_| Box::pin(async { Err(AppError::internal()) }),
        create: |_, _| Box::pin(async { Err(AppError::internal()) }),
        update: |_, version, thing| Box::pin(async move { Server::update(&version, thing) }),
        delete: |_, version| Box::pin(async move { Server::delete(&version) }),
        restore: |_| Box::pin(async { Server::restore() }),
    };
}

pub const THING: &RecordType = &RecordType::of::<Things>();

pub fn thing(name: &str, description: &str) -> Thing {
    Thing { description: Some(description.into()), ..Thing::named(name) }
}

pub fn values(thing: &Thing) -> Values {
    to_values(thing)
}

fn typed(thing: &Thing, version: &str) -> Stored<Thing> {
    Stored {
        id: RecordId([0x11; 12]),
        fields: thing.clone(),
        owner: None,
        created_at: String::new(),
        updated_at: String::new(),
        version: version.into(),
    }
}

pub fn stored(thing: &Thing, version: &str) -> StoredRecord {
    erase(typed(thing, version))
}

/// A fake server that stores one thing, or none.
pub struct Server;

#[derive(Default)]
struct State {
    stored: Option<(Thing, String)>,
    trash: Option<(Thing, String)>,
    loses_response: bool,
    fails_get: bool,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

impl Server {
    pub fn start_with(thing: Thing, version: &str) {
        STATE.set(State { stored: Some((thing, version.into())), ..State::default() });
    }

    pub fn start_empty() {
        STATE.set(State::default());
    }

    pub fn lose_next_response() {
        STATE.with_borrow_mut(|state| state.loses_response = true);
    }

    pub fn fail_next_get() {
        STATE.with_borrow_mut(|state| state.fails_get = true);
    }

    pub fn stored() -> Thing {
        STATE.with_borrow(|state| state.stored.clone().expect("a thing").0)
    }

    fn get() -> Result<Stored<Thing>, AppError> {
        STATE.with_borrow_mut(|state| {
            if std::mem::take(&mut state.fails_get) {
                return Err(AppError::deadline_exceeded());
            }
            let (thing, version) = state.stored.as_ref().ok_or_else(|| AppError::not_found("Thing"))?;
            Ok(typed(thing, version))
        })
    }

    fn delete(version: &str) -> Result<(), AppError> {
        STATE.with_borrow_mut(|state| {
            let (_, now) = state.stored.as_ref().ok_or_else(|| AppError::not_found("Thing"))?;
            if now != version {
                return Err(AppError::precondition_failed("Thing"));
            }
            state.trash = state.stored.take();
            if std::mem::take(&mut state.loses_response) { Err(AppError::deadline_exceeded()) } else { Ok(()) }
        })
    }

    fn restore() -> Result<Stored<Thing>, AppError> {
        STATE.with_borrow_mut(|state| {
            state.stored = Some(state.trash.take().ok_or_else(|| AppError::not_found("Thing"))?);
            let (thing, version) = state.stored.as_ref().ok_or_else(AppError::internal)?;
            if std::mem::take(&mut state.loses_response) {
                return Err(AppError::deadline_exceeded());
            }
            Ok(typed(thing, version))
        })
    }

    fn update(version: &str, thing: Thing) -> Result<Stored<Thing>, AppError> {
        STATE.with_borrow_mut(|state| {
            let (stored, now) = state.stored.as_mut().ok_or_else(|| AppError::not_found("Thing"))?;
            if now != version {
                return Err(AppError::precondition_failed("Thing"));
            }
            (*stored, *now) = (thing, format!("{version}1"));
            if std::mem::take(&mut state.loses_response) {
                Err(AppError::deadline_exceeded())
            } else {
                Ok(typed(stored, now))
            }
        })
    }
}

/// Polls `future` once, and returns its output. The future must be ready.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is pending"),
    }
}
