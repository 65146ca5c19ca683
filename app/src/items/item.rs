//! What an item is, and what a page of them is: pure types with the rules for reading them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::AppError;

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
}

/// An identity: a subject is unique only within its issuer (OpenID Connect Core §2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Owner {
    /// The `iss` of the owner's tokens.
    pub issuer: String,
    /// The `sub` of the owner's tokens.
    pub subject: String,
}

/// What a person may say of an item.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ItemDraft {
    /// What it is called.
    pub name: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// The price in the currency's minor unit.
    pub price: Option<i64>,
    /// The currency of the price, an ISO 4217 code.
    pub currency: Option<String>,
}

/// One page of items.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemPage {
    /// The items, newest first.
    pub items: Vec<Item>,
    /// What to give as `after` for the next page; missing on the last one.
    pub next: Option<ItemId>,
}

/// Which page of items is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// The last item of the page before; none for the first page.
    pub after: Option<ItemId>,
    /// How many items the page holds at most, 1 to [`PageRequest::MOST`].
    pub limit: u8,
}

impl PageRequest {
    /// The page size where none is asked for.
    pub const USUAL: u8 = 20;
    /// The largest page size.
    pub const MOST: u8 = 100;

    /// Reads the parameters `after` and `limit` of a request.
    ///
    /// # Errors
    /// 400 for a malformed id and for a limit that is no number from 1 to 100.
    pub fn parse(after: Option<&str>, limit: Option<&str>) -> Result<Self, AppError> {
        let after = after.map(str::parse).transpose()?;
        let limit = match limit {
            None => Self::USUAL,
            Some(text) => match text.parse() {
                Ok(limit @ 1..=Self::MOST) => limit,
                _ => return Err(AppError::invalid_request("limit must be a number from 1 to 100")),
            },
        };
        Ok(Self { after, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_page_has_1_to_100_items() {
        assert_eq!(PageRequest::parse(None, None).expect("defaults").limit, 20);
        assert_eq!(PageRequest::parse(None, Some("1")).expect("least").limit, 1);
        assert_eq!(PageRequest::parse(None, Some("100")).expect("most").limit, 100);
        for bad in ["0", "101", "256", "-1", "ten", ""] {
            assert_eq!(PageRequest::parse(None, Some(bad)).expect_err(bad).status, 400, "{bad:?}");
        }
        assert_eq!(PageRequest::parse(Some("x"), None).expect_err("a bad cursor").status, 400);
    }
}
