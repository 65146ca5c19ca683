//! Items as documents: one mapping for both stores, forgiving of what people already have.

use app::items::{Item, ItemId, Owner, ValidDraft};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};

/// The fields that an item is made of, besides its id.
pub const FIELDS: [&str; 7] = ["name", "description", "price", "currency", "owner", "created_at", "updated_at"];

/// The item that `document` describes; none without an ObjectId and a name. Whatever else is missing or of
/// another type is left out.
pub fn to_item(document: &Document) -> Option<Item> {
    let id = document.get_object_id("_id").ok()?;
    let text = |name| document.get_str(name).ok().map(str::to_owned);
    let time = |name| rfc3339(document.get_datetime(name).copied().unwrap_or(id.timestamp()));
    let price = document.get("price").and_then(whole_number);
    let mut item = Item {
        id: ItemId(id.bytes()),
        name: text("name")?,
        description: text("description"),
        price,
        // It says nothing without a price, and no draft may have it alone: whoever renames the item would remove it.
        currency: price.and_then(|_| text("currency")),
        owner: document.get_document("owner").ok().and_then(to_owner),
        created_at: time("created_at"),
        updated_at: time("updated_at"),
        version: String::new(),
    };
    item.version = version(&item)?;
    Some(item)
}

/// The version of `item`: made from all that can be seen of it, since other programs that write to the collection
/// would not keep a counter. The same content is the same version, however it came to be.
fn version(item: &Item) -> Option<String> {
    let seen = serde_json::to_vec(item).ok()?;
    // 128 bits: nobody gains from two items that collide, and chance will not find them.
    digest(&SHA256, &seen).as_ref().get(..16).map(|hash| URL_SAFE_NO_PAD.encode(hash))
}

/// An identity as it stands in documents.
pub fn from_owner(Owner { issuer, subject }: Owner) -> Document {
    doc! { "issuer": issuer, "subject": subject }
}

/// The identity that `document` describes.
pub fn to_owner(document: &Document) -> Option<Owner> {
    let text = |name| document.get_str(name).ok().map(str::to_owned);
    Some(Owner { issuer: text("issuer")?, subject: text("subject")? })
}

/// Drivers of other languages write whole numbers as any of these.
fn whole_number(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        // Every whole double below 2^53 is exact.
        Bson::Double(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => Some(*number as i64),
        _ => None,
    }
}

fn rfc3339(time: DateTime) -> String {
    // Fails only beyond the year 9999; such a time is then the earliest one, rather than an error.
    time.try_to_rfc3339_string().unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

/// The document of a new item by the id `id` that belongs to `owner`.
pub fn create(id: ObjectId, draft: &ValidDraft, owner: Owner, now: DateTime) -> Document {
    let mut document = doc! { "_id": id, "owner": from_owner(owner), "created_at": now };
    Change::of(None, draft, now).apply(&mut document);
    document
}

/// What an update does to a document: fields to set and fields to remove. All others stay as they are.
pub struct Change {
    /// The fields with their new values.
    pub set: Document,
    /// The names of the fields that go.
    pub unset: Vec<&'static str>,
}

impl Change {
    /// The change from what was read, if there was something, to what `draft` says.
    pub fn of(before: Option<&Item>, draft: &ValidDraft, now: DateTime) -> Self {
        let draft = draft.draft();
        let mut change = Self { set: doc! { "name": &draft.name, "updated_at": now }, unset: Vec::new() };
        let description = before.and_then(|item| item.description.as_deref());
        change.field("description", description, draft.description.as_deref());
        change.field("price", before.and_then(|item| item.price), draft.price);
        let currency = before.and_then(|item| item.currency.as_deref());
        change.field("currency", currency, draft.currency.as_deref());
        change
    }

    /// What is wanted as it was read stays as it is: a value that could not be read is another program's, and so is
    /// the type of a number.
    fn field<T: Into<Bson> + PartialEq>(&mut self, name: &'static str, before: Option<T>, wanted: Option<T>) {
        if wanted == before {
            return;
        }
        match wanted {
            Some(value) => _ = self.set.insert(name, value),
            None => self.unset.push(name),
        }
    }

    /// Carries the change out.
    pub fn apply(self, document: &mut Document) {
        document.extend(self.set);
        for name in self.unset {
            document.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ObjectId {
        ObjectId::from_bytes([0x65, 0xf0, 0xc0, 0xff, 1, 2, 3, 4, 5, 6, 7, 8])
    }

    #[test]
    fn a_name_is_all_that_is_needed_and_times_come_from_the_id() {
        let item = to_item(&doc! { "_id": id(), "name": "Lamp" }).expect("an item");
        assert_eq!(item.created_at, "2024-03-12T20:54:23Z");
        assert_eq!(item.updated_at, item.created_at);
        assert_eq!((item.description, item.price, item.currency, item.owner), (None, None, None, None));
        assert_eq!(to_item(&doc! { "_id": id() }), None);
        assert_eq!(to_item(&doc! { "_id": "text", "name": "Lamp" }), None);
    }

    #[test]
    fn fields_of_another_type_are_left_out() {
        let odd = doc! { "_id": id(), "name": "Lamp", "description": 1, "price": "9", "currency": [], "owner": "ada", "created_at": "now" };
        let item = to_item(&odd).expect("an item");
        assert_eq!((item.description, item.price, item.currency, item.owner), (None, None, None, None));
        assert_eq!(item.created_at, "2024-03-12T20:54:23Z");
    }

    #[test]
    fn a_currency_is_one_of_a_price() {
        let currency = |fields: Document| {
            let mut document = doc! { "_id": id(), "name": "Lamp", "currency": "EUR" };
            document.extend(fields);
            to_item(&document).expect("an item").currency
        };
        assert_eq!(currency(doc! { "price": 4900 }).as_deref(), Some("EUR"));
        assert_eq!(currency(doc! {}), None);
        assert_eq!(currency(doc! { "price": 49.5 }), None);
    }

    #[test]
    fn the_version_changes_with_whatever_can_be_seen_and_with_nothing_else() {
        let before = doc! { "_id": id(), "name": "Lamp" };
        let version = |change: Document| {
            let mut document = before.clone();
            document.extend(change);
            to_item(&document).expect("an item").version
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
    fn whole_numbers_of_every_kind_are_prices() {
        let price =
            |value: Bson| to_item(&doc! { "_id": id(), "name": "Lamp", "price": value }).expect("an item").price;
        assert_eq!(price(Bson::Int32(4900)), Some(4900));
        assert_eq!(price(Bson::Int64(-1)), Some(-1));
        assert_eq!(price(Bson::Double(4900.0)), Some(4900));
        assert_eq!(price(Bson::Double(49.5)), None);
        assert_eq!(price(Bson::Double(f64::NAN)), None);
    }
}
