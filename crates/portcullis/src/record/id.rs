//! The id of a record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a record: twelve bytes. In JSON and in paths it has 24 hexadecimal digits, like MongoDB's ObjectId.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(pub [u8; 12]);

/// The error for a string that is not an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("id must be 24 hexadecimal digits")]
pub struct InvalidId;

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RecordId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // `from_str_radix` would accept a sign, so the digits are checked first.
        if text.len() != 24 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidId);
        }
        let mut id = [0; 12];
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| InvalidId)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| InvalidId)?;
        }
        Ok(Self(id))
    }
}

impl TryFrom<String> for RecordId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::test_record::Thing;
    use super::*;

    #[test]
    fn record_id_is_24_hexadecimal_digits() {
        let text = "65f0c0ffee0123456789abcd";
        assert_eq!(text.parse::<RecordId>().expect("a good id").to_string(), text);
        let upper = "65F0C0FFEE0123456789ABCD";
        assert_eq!(upper.parse::<RecordId>().expect("a good id").to_string(), text);
        for bad in
            ["", "1", &text[1..], "65f0c0ffee0123456789abcg", "+5f0c0ffee0123456789abcd", "65f0c0ffee0123456789abcd "]
        {
            assert_eq!(bad.parse::<RecordId>(), Err(InvalidId), "{bad:?}");
        }
        assert_eq!("é".repeat(12).parse::<RecordId>(), Err(InvalidId), "24 bytes of UTF-8");
    }

    #[test]
    fn parse_id_malformed_is_400_that_names_the_record() {
        let error = Thing::parse_id("1").expect_err("malformed");
        assert_eq!((error.status, &*error.message), (400, "The thing id must be 24 hexadecimal digits"));
    }
}
