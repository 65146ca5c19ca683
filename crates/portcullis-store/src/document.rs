//! Converts records to and from documents, in the same way for both stores. It tolerates the documents of other
//! programs.

use std::cell::Cell;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bson::{Bson, DateTime, Document, doc};
use portcullis::record::{Owner, Record, RecordId, Stored};
use serde::de::IntoDeserializer;
use serde::de::value::MapDeserializer;

/// Returns the record in `document`, or `None` if it has no ObjectId or no searched field. Any other value that is
/// missing or of the wrong type is ignored.
pub fn to_record<R: Record>(document: &Document) -> Option<Stored<R>> {
    let id = document.get_object_id("_id").ok()?;
    let time = |name| rfc3339(document.get_datetime(name).copied().unwrap_or(id.timestamp()));
    let mut record = Stored {
        id: RecordId(id.bytes()),
        fields: to_fields(document)?,
        owner: document.get_document("owner").ok().and_then(to_owner),
        created_at: time("created_at"),
        updated_at: time("updated_at"),
        version: String::new(),
    };
    record.version = version(&record)?;
    Some(record)
}

/// Returns the fields `R` of `document`. Reads them again only if a value is unreadable.
fn to_fields<R: Record>(document: &Document) -> Option<R> {
    document.get_str(R::SEARCHED).ok()?;
    let mut unreadable = Vec::new();
    loop {
        let reading = Cell::new(None);
        let readable = R::FIELDS.iter().filter(|name| !unreadable.contains(*name));
        let values = readable.filter_map(|name| {
            let value = document.get(*name).and_then(Value::of)?;
            reading.set(Some(*name));
            Some((*name, value))
        });
        match R::deserialize(MapDeserializer::<_, bson::error::Error>::new(values)) {
            Ok(fields) => return Some(fields.normalize()),
            // The error is about the value that was read last.
            Err(_) => unreadable.push(reading.get()?),
        }
    }
}

/// A value of a document that a field can be read from.
struct Value(Bson);

impl Value {
    /// Returns the value as a field, if it has a type that a field can have. A whole number is an integer whatever its
    /// BSON type, because drivers of other languages use three different types.
    fn of(value: &Bson) -> Option<Self> {
        match value {
            // All whole doubles below 2^53 are exact.
            Bson::Double(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
                Some(Self(Bson::Int64(*number as i64)))
            }
            Bson::String(_)
            | Bson::Boolean(_)
            | Bson::Int32(_)
            | Bson::Int64(_)
            | Bson::Double(_)
            | Bson::Array(_)
            | Bson::Document(_) => Some(Self(value.clone())),
            _ => None,
        }
    }
}

impl IntoDeserializer<'_, bson::error::Error> for Value {
    type Deserializer = bson::Deserializer;

    fn into_deserializer(self) -> bson::Deserializer {
        bson::Deserializer::new(self.0)
    }
}

/// Returns the version of `record`, a hash of its visible content. A counter would not work, because other programs
/// that write to the collection would not increase it. The same content always has the same version.
fn version<R: Record>(record: &Stored<R>) -> Option<String> {
    let seen = serde_json::to_vec(record).ok()?;
    // 128 bits are enough: random collisions do not happen, and an attacker gains nothing from one.
    digest(&SHA256, &seen).as_ref().get(..16).map(|hash| URL_SAFE_NO_PAD.encode(hash))
}

/// Converts an owner to its form in documents.
pub fn from_owner(Owner { issuer, subject }: Owner) -> Document {
    doc! { "issuer": issuer, "subject": subject }
}

/// Returns the owner in `document`, if it is valid.
pub fn to_owner(document: &Document) -> Option<Owner> {
    let text = |name| document.get_str(name).ok().map(str::to_owned);
    Some(Owner { issuer: text("issuer")?, subject: text("subject")? })
}

fn rfc3339(time: DateTime) -> String {
    // This fails only for years after 9999. Such a time becomes the earliest one instead of an error.
    time.try_to_rfc3339_string().unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use bson::oid::ObjectId;

    use super::*;
    use crate::test_record::Thing;

    fn to_thing(document: &Document) -> Option<Stored<Thing>> {
        to_record(document)
    }

    fn id() -> ObjectId {
        ObjectId::from_bytes([0x65, 0xf0, 0xc0, 0xff, 1, 2, 3, 4, 5, 6, 7, 8])
    }

    #[test]
    fn document_needs_only_a_name_and_times_come_from_the_id() {
        let record = to_thing(&doc! { "_id": id(), "name": "Lamp" }).expect("a record");
        assert_eq!(record.created_at, "2024-03-12T20:54:23Z");
        assert_eq!(record.updated_at, record.created_at);
        assert_eq!(
            (record.fields.description, record.fields.price, record.fields.currency, record.owner),
            (None, None, None, None)
        );
        assert_eq!(to_thing(&doc! { "_id": id() }), None);
        assert_eq!(to_thing(&doc! { "_id": "text", "name": "Lamp" }), None);
    }

    #[test]
    fn fields_of_another_type_are_left_out() {
        let odd = doc! { "_id": id(), "name": "Lamp", "description": 1, "price": "9", "currency": [], "owner": "ada", "created_at": "now" };
        let record = to_thing(&odd).expect("a record");
        assert_eq!(
            (record.fields.description, record.fields.price, record.fields.currency, record.owner),
            (None, None, None, None)
        );
        assert_eq!(record.created_at, "2024-03-12T20:54:23Z");
    }

    #[test]
    fn currency_without_a_price_is_left_out() {
        let currency = |fields: Document| {
            let mut document = doc! { "_id": id(), "name": "Lamp", "currency": "EUR" };
            document.extend(fields);
            to_thing(&document).expect("a record").fields.currency
        };
        assert_eq!(currency(doc! { "price": 4900 }).as_deref(), Some("EUR"));
        assert_eq!(currency(doc! {}), None);
        assert_eq!(currency(doc! { "price": 49.5 }), None);
    }

    #[test]
    fn version_changes_with_visible_fields_only() {
        let before = doc! { "_id": id(), "name": "Lamp" };
        let version = |change: Document| {
            let mut document = before.clone();
            document.extend(change);
            to_thing(&document).expect("a record").version
        };
        let unchanged = version(doc! {});
        assert_eq!(version(doc! { "colour": "red", "price": Bson::Null, "currency": "EUR" }), unchanged);
        let mut seen = std::collections::HashSet::from([unchanged]);
        let owner = doc! { "issuer": "i", "subject": "s" };
        for change in [
            doc! { "_id": ObjectId::from_bytes([7; 12]) },
            doc! { "name": "Lamps" },
            doc! { "description": "" },
            doc! { "price": 1 },
            doc! { "price": 1, "currency": "EUR" },
            doc! { "owner": owner },
            doc! { "created_at": DateTime::from_millis(1) },
            doc! { "updated_at": DateTime::from_millis(1) },
        ] {
            assert!(seen.insert(version(change.clone())), "{change}");
        }
        assert!(seen.iter().all(|version| version.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')));
    }

    #[test]
    fn version_is_the_hash_of_the_record_on_the_wire() {
        let owner = doc! { "issuer": "i", "subject": "s" };
        let document = doc! { "_id": id(), "currency": "EUR", "owner": owner, "price": 1, "name": "Lamp" };
        let seen = br#"{"id":"65f0c0ff0102030405060708","name":"Lamp","price":1,"currency":"EUR","owner":{"issuer":"i","subject":"s"},"created_at":"2024-03-12T20:54:23Z","updated_at":"2024-03-12T20:54:23Z","version":""}"#;
        // Versions must not change in a new release, because clients keep them.
        let hash = URL_SAFE_NO_PAD.encode(&digest(&SHA256, seen).as_ref()[..16]);
        assert_eq!(to_thing(&document).expect("a record").version, hash);
    }

    #[test]
    fn whole_numbers_of_every_kind_are_prices() {
        let price =
            |value: Bson| to_thing(&doc! { "_id": id(), "name": "Lamp", "price": value }).expect("a record").price;
        assert_eq!(price(Bson::Int32(4900)), Some(4900));
        assert_eq!(price(Bson::Int64(-1)), Some(-1));
        assert_eq!(price(Bson::Double(4900.0)), Some(4900));
        assert_eq!(price(Bson::Double(49.5)), None);
        assert_eq!(price(Bson::Double(f64::NAN)), None);
    }
}
