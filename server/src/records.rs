//! The kinds of records: where each is served, and where it is stored.

use app::items;
use portcullis::FromFields;
use portcullis::record::{Record, RecordEndpoints};
use portcullis_server::state::ServerState;
use portcullis_server::{Api, get_record};
use portcullis_store::Registration;

use crate::samples;

/// Returns every kind of record of this app.
#[must_use]
pub fn records() -> RecordKinds {
    RecordKinds::new(Api::new().on(items::GET_SINGLE, get_record::<items::ItemDraft>))
        // A new resource is one line here.
        .with_samples(items::REST, samples::items)
}

/// Returns the kinds of records that the database is opened for.
#[must_use]
pub fn all() -> Vec<Registration> {
    records().registrations
}

/// Returns the REST endpoints.
#[must_use]
pub fn api() -> Api<ServerState> {
    records().api
}

/// Kinds of records, with their REST endpoints and their stores.
pub struct RecordKinds {
    /// The REST endpoints.
    pub api: Api<ServerState>,
    /// What the database is opened for.
    pub registrations: Vec<Registration>,
}

impl RecordKinds {
    /// Starts with the endpoints `api` and no records.
    #[must_use]
    pub fn new(api: Api<ServerState>) -> Self {
        Self { api, registrations: Vec::new() }
    }

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
