//! The kinds of records of an app: each has REST endpoints and a store.

use axum::extract::FromRef;
use portcullis::FromFields;
use portcullis::record::{Record, RecordEndpoints};
use portcullis_server::Api;
use portcullis_server::store::Database;

use crate::Registration;

/// Kinds of records, with their REST endpoints and their stores. Handlers have the state `S`.
pub struct RecordKinds<S> {
    /// The REST endpoints.
    pub api: Api<S>,
    /// The record kinds that the database is opened for.
    pub registrations: Vec<Registration>,
}

impl<S: Clone + Send + Sync + 'static> RecordKinds<S>
where
    Database: FromRef<S>,
{
    /// Creates a list with the endpoints `api` and no records.
    #[must_use]
    pub fn new(api: Api<S>) -> Self {
        Self { api, registrations: Vec::new() }
    }

    /// Adds the records `R`.
    #[must_use]
    pub fn with<R: Record + FromFields>(self, endpoints: RecordEndpoints<R>) -> Self {
        self.registered(endpoints, Registration::of::<R>())
    }

    /// Adds the records `R`. For development, `samples` are added to a new database.
    #[must_use]
    pub fn with_samples<R: Record + FromFields>(self, endpoints: RecordEndpoints<R>, samples: fn() -> Vec<R>) -> Self {
        self.registered(endpoints, Registration::with_samples(samples))
    }

    fn registered<R: Record + FromFields>(mut self, endpoints: RecordEndpoints<R>, registration: Registration) -> Self {
        self.registrations.push(registration);
        Self { api: self.api.records(endpoints), ..self }
    }
}
