//! Creations that can be repeated.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Values;

/// Returns the idempotency key of one creation: the same values from the same form, sent again after a lost response,
/// do not create a second record.
#[must_use]
pub fn creation_key(origin: &str, values: &Values) -> String {
    let mut hash = DefaultHasher::new();
    // The keys of a map are sorted, so equal values have equal JSON.
    serde_json::to_string(values).unwrap_or_default().hash(&mut hash);
    format!("{origin}-{:x}", hash.finish())
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{Thing, values};
    use super::*;

    #[test]
    fn creation_key_names_the_form_and_its_values() {
        let key = |origin: &str, name: &str| creation_key(origin, &values(&Thing::named(name)));
        assert_eq!(key("a", "Lamp"), key("a", "Lamp"));
        assert_ne!(key("a", "Lamp"), key("b", "Lamp"));
        assert_ne!(key("a", "Lamp"), key("a", "Torch"));
    }
}
