//! The fields of a record as JSON, so that the client contains the code of forms and pages once, and not for each
//! record.

use portcullis::record::{Record, Stored};
use serde_json::{Map, Value};

/// The fields of a record by their names, as the record type serializes them. Empty if there is no record yet.
pub type Values = Map<String, Value>;

/// A stored record of any kind.
pub type StoredRecord = Stored<Values>;

/// Returns the fields of `record`.
pub fn to_values<R: Record>(record: &R) -> Values {
    match serde_json::to_value(record) {
        Ok(Value::Object(values)) => values,
        // A record type is a struct with named fields (`Record`).
        _ => Values::new(),
    }
}

/// Reads `values` as a record. Returns `None` if they are of another type, as in a draft of another release.
pub fn to_record<R: Record>(values: &Values) -> Option<R> {
    serde_json::from_value(Value::Object(values.clone())).ok()
}

/// Returns `stored` without its type.
pub fn erase<R: Record>(stored: Stored<R>) -> StoredRecord {
    let Stored { id, fields, owner, created_at, updated_at, version } = stored;
    Stored { id, fields: to_values(&fields), owner, created_at, updated_at, version }
}

/// Returns `stored` with its type, or `None` if it is of another type.
pub fn to_typed<R: Record>(stored: StoredRecord) -> Option<Stored<R>> {
    let Stored { id, fields, owner, created_at, updated_at, version } = stored;
    Some(Stored { id, fields: to_record(&fields)?, owner, created_at, updated_at, version })
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{Thing, thing};
    use super::*;

    #[test]
    fn values_read_back_are_the_same_record() {
        let thing = thing("Lamp", "Bright");
        assert_eq!(to_record::<Thing>(&to_values(&thing)), Some(thing));
        assert_eq!(to_record::<Thing>(&Values::new()), None);
    }
}
