//! The kinds of records: where each is served, and where it is stored.

use app::items;
use portcullis::FromFields;
use portcullis::record::{Record, RecordEndpoints};
use portcullis_server::state::ServerState;
use portcullis_server::{Api, get_record};
use portcullis_store::Registration;

use crate::samples;

fn records() -> Records {
    Records::default()
        // A new resource is one line here.
        .with_samples(items::REST, samples::items)
}

/// Returns the kinds of records that the database is opened for.
#[must_use]
pub fn all() -> Vec<Registration> {
    records().registrations
}

/// Returns the REST endpoints.
pub fn api() -> Api<ServerState> {
    records().api.on(items::GET_SINGLE, get_record::<items::ItemDraft>)
}

/// Kinds of records, with their REST endpoints and their stores.
#[derive(Default)]
pub struct Records {
    /// The REST endpoints.
    pub api: Api<ServerState>,
    /// What the database is opened for.
    pub registrations: Vec<Registration>,
}

impl Records {
    /// Adds the records `R`.
    #[must_use]
    pub fn with<R: Record + FromFields>(self, endpoints: RecordEndpoints<R>) -> Self {
        self.registered(endpoints, Registration::of::<R>())
    }

    /// Adds the records `R`. For development, `samples` are put into a database that is new.
    #[must_use]
    pub fn with_samples<R: Record + FromFields>(self, endpoints: RecordEndpoints<R>, samples: fn() -> Vec<R>) -> Self {
        self.registered(endpoints, Registration::with_samples(samples))
    }

    fn registered<R: Record + FromFields>(mut self, endpoints: RecordEndpoints<R>, registration: Registration) -> Self {
        self.registrations.push(registration);
        Self { api: self.api.records(endpoints), ..self }
    }
}
