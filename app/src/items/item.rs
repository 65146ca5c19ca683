//! What an item is, whose it is, and who may change it: pure types with the rules for reading them.

use std::fmt;
use std::str::FromStr;

use portcullis::{AppError, Caller, Right};
use serde::{Deserialize, Serialize};

use super::draft::ItemDraft;

/// The id of an item: twelve bytes, on the wire and in paths 24 hexadecimal digits, as MongoDB's ObjectId.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemId(pub [u8; 12]);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ItemId {
    type Err = AppError;

    fn from_str(text: &str) -> Result<Self, AppError> {
        let malformed = || AppError::invalid_request("The item id must be 24 hexadecimal digits");
        // `from_str_radix` would take a sign, so the digits are looked at first.
        if text.len() != 24 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        let mut id = [0; 12];
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| malformed())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| malformed())?;
        }
        Ok(Self(id))
    }
}

impl TryFrom<String> for ItemId {
    type Error = AppError;

    fn try_from(text: String) -> Result<Self, AppError> {
        text.parse()
    }
}

impl From<ItemId> for String {
    fn from(id: ItemId) -> Self {
        id.to_string()
    }
}

/// An item. Only the name is certain: the rest is missing where the document does not have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// The id, unique in the store.
    pub id: ItemId,
    /// What it is called.
    pub name: String,
    /// What there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The price in the currency's minor unit, for example cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// The currency of the price, an ISO 4217 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// When it was made, RFC 3339 in UTC; the id's own time where the document does not say.
    pub created_at: String,
    /// When it was last changed, RFC 3339 in UTC; the id's own time where the document does not say.
    pub updated_at: String,
    /// Which state of the item this is: it changes with all that stands above, and stands in the `ETag` (RFC 9110
    /// §8.8.3) as it is. A change must name the version that it starts from.
    pub version: String,
}

impl Item {
    /// What a person may change of it, as it is stored.
    #[must_use]
    pub fn draft(&self) -> ItemDraft {
        let Self { name, description, price, currency, .. } = self.clone();
        ItemDraft { name, description, price, currency }
    }

    /// What to call it where people look for it: never blank, so that there is something to press.
    #[must_use]
    pub fn title(&self) -> &str {
        let is_seen = |c: char| !(c.is_whitespace() || c.is_control() || is_unseen(c));
        if self.name.chars().any(is_seen) { &self.name } else { UNNAMED }
    }
}

/// What an item without a name is called.
const UNNAMED: &str = "Unnamed item";

/// Whether `c` is not seen: the format characters of Unicode (general category Cf), and letters and marks without a shape
/// of their own, such as the fillers of Korean and the empty pattern of Braille.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// An identity: a subject is unique only within its issuer (OpenID Connect Core §2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Owner {
    /// The `iss` of the owner's tokens.
    pub issuer: String,
    /// The `sub` of the owner's tokens.
    pub subject: String,
}

impl Owner {
    /// Who `caller` is. Nobody in particular without a subject: such a caller owns nothing.
    #[must_use]
    pub fn of(caller: &Caller) -> Option<Self> {
        let subject = caller.known_subject()?.to_owned();
        Some(Self { issuer: caller.issuer.to_string(), subject })
    }
}

/// Whether `caller` may change or delete what belongs to `owner`: their own, or with `admin:items` everything. What
/// belongs to nobody is for those with `admin:items` alone.
///
/// The client asks it for what to show. What counts is that the stores ask it in the step that writes.
#[must_use]
pub fn may_change(caller: &Caller, owner: Option<&Owner>) -> bool {
    let is_own = owner.is_some() && Owner::of(caller).as_ref() == owner;
    is_own || caller.has(super::AdminItems::ACCESS).is_ok()
}

/// One page of items.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemPage {
    /// The items, in the order that was asked for. They may be fewer than were asked for, even none, while there is
    /// a `next`: the store reads only so much for one page.
    pub items: Vec<Item>,
    /// What to give as `after` for the next page; `null` on the last one.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::Scopes;

    #[test]
    fn an_id_is_24_hexadecimal_digits_and_nothing_else() {
        let text = "65f0c0ffee0123456789abcd";
        assert_eq!(text.parse::<ItemId>().expect("a good id").to_string(), text);
        let upper = "65F0C0FFEE0123456789ABCD";
        assert_eq!(upper.parse::<ItemId>().expect("a good id").to_string(), text);
        for bad in
            ["", "1", &text[1..], "65f0c0ffee0123456789abcg", "+5f0c0ffee0123456789abcd", "65f0c0ffee0123456789abcd "]
        {
            assert_eq!(bad.parse::<ItemId>().expect_err(bad).status, 400, "{bad:?}");
        }
        assert_eq!("é".repeat(12).parse::<ItemId>().expect_err("24 bytes of UTF-8").status, 400);
    }

    #[test]
    fn title_of_an_item_without_a_name_is_not_blank() {
        let item = |name: &str| Item {
            id: ItemId([0; 12]),
            name: name.into(),
            description: None,
            price: None,
            currency: None,
            owner: None,
            created_at: String::new(),
            updated_at: String::new(),
            version: String::new(),
        };
        for blank in [
            "",
            "  ",
            "\t\n",
            "\u{200b}",
            "\u{3164}\u{2800}",
            "\u{a0}\u{feff}",
            "\u{2062}\u{2063}",
            "\u{202e}",
            "\u{61c}",
            "\u{180e}",
            "\u{17b4}",
            "\u{e0041}",
            "\u{2066}\u{2069}",
            "\u{fff9}",
        ] {
            assert_eq!(item(blank).title(), "Unnamed item", "{blank:?}");
        }
        assert_eq!(item(" Lamp").title(), " Lamp");
        assert_eq!(item("\u{1f389}").title(), "\u{1f389}");
    }

    fn caller(issuer: &str, subject: Option<&str>, scopes: &str) -> Caller {
        Caller { issuer: issuer.into(), subject: subject.map(Into::into), scopes: Scopes::parse(scopes) }
    }

    #[test]
    fn an_item_is_changed_by_its_owner_and_by_administrators() {
        let owner = Owner { issuer: "i".into(), subject: "s".into() };
        assert!(may_change(&caller("i", Some("s"), "write:items"), Some(&owner)));
        for other in [caller("i", Some("t"), "write:items"), caller("j", Some("s"), ""), caller("i", None, "")] {
            assert!(!may_change(&other, Some(&owner)), "{other:?}");
            assert!(!may_change(&other, None), "{other:?}");
        }
        let admin = caller("j", None, "admin:items");
        assert!(may_change(&admin, Some(&owner)) && may_change(&admin, None));
    }

    #[test]
    fn a_caller_without_a_subject_owns_nothing() {
        assert_eq!(Owner::of(&caller("i", None, "")), None);
        assert_eq!(Owner::of(&caller("i", Some(""), "")), None);
        assert_eq!(Owner::of(&caller("i", Some(" "), "")), None);
        let nobody = Owner { issuer: "i".into(), subject: String::new() };
        assert!(!may_change(&caller("i", Some(""), ""), Some(&nobody)));
    }
}
