//! Every kind of record that the database is opened for. A new resource adds its line here.

use portcullis_store::Registration;

use crate::samples;

/// Returns every kind of record.
#[must_use]
pub fn all() -> Vec<Registration> {
    vec![Registration::with_samples(samples::items)]
}
