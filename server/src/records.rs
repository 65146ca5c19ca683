//! The kinds of records: where each is served, and where it is stored.

use app::items;
use portcullis_server::application::ServerState;
use portcullis_server::{Api, get_record};
use portcullis_store::{RecordKinds, Registration};

use crate::samples;

/// Returns every kind of record of this app.
#[must_use]
pub fn records() -> RecordKinds<ServerState> {
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
