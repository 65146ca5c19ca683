//! A page of records.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Record, Stored};

/// A page of records. In JSON, the list has the name of the collection: `{"notes":[…],"next":null}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<R> {
    /// The records, in the requested order. There may be fewer than requested, even none, and still a `next` page,
    /// because the store limits how much it reads for one page.
    pub records: Vec<Stored<R>>,
    /// The value of `after` for the next page, or `None` on the last page.
    pub next: Option<String>,
}

impl<R: Record> Serialize for Page<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("Page", 2)?;
        page.serialize_field(R::COLLECTION, &self.records)?;
        page.serialize_field("next", &self.next)?;
        page.end()
    }
}

impl<'de, R: Record> Deserialize<'de> for Page<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PageVisitor(PhantomData))
    }
}

struct PageVisitor<R>(PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for PageVisitor<R> {
    type Value = Page<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<R>, A::Error> {
        let (mut records, mut next) = (None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                name if name == R::COLLECTION => records = Some(map.next_value()?),
                "next" => next = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(Page { records: records.ok_or_else(|| A::Error::missing_field(R::COLLECTION))?, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_record::Thing;
    use super::*;

    #[test]
    fn page_has_the_name_of_the_collection_on_the_wire() {
        let json = r#"{"things":[{"id":"070707070707070707070707","label":"Lamp","created_at":"a","updated_at":"b","version":"c"}],"next":"x"}"#;
        let page: Page<Thing> = serde_json::from_str(json).expect("a page");
        assert_eq!((page.records[0].label.as_str(), page.next.as_deref()), ("Lamp", Some("x")));
        assert_eq!(serde_json::to_string(&page).expect("JSON"), json);
        let last: Page<Thing> = serde_json::from_str(r#"{"next":null,"more":{},"things":[]}"#).expect("a page");
        assert_eq!(serde_json::to_string(&last).expect("JSON"), r#"{"things":[],"next":null}"#);
        assert!(serde_json::from_str::<Page<Thing>>(r#"{"items":[],"next":null}"#).is_err());
    }
}
