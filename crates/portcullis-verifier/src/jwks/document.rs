//! A document of the provider, read tolerantly if its meaning is clear: a byte order mark, gzip, blank members.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use http::{HeaderMap, header};
use serde::de::Error;
use serde_json::{Map, Value};
use url::Url;

use super::fetch::FetchError;

/// The maximum size of a document in bytes, before and after decompression.
pub(super) const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// The first bytes of every gzip file (RFC 1952 §2.3.1). JSON never starts with them.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// U+FEFF in UTF-8. RFC 8259 §8.1 allows readers to ignore it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A document and where it came from.
#[derive(Debug)]
pub struct Document {
    /// The URL that was requested.
    pub url: Url,
    /// The response headers.
    pub headers: HeaderMap,
    /// The response body, decompressed and without a byte order mark.
    pub body: Vec<u8>,
}

impl Document {
    /// Creates a document from the response `body` of `url`.
    ///
    /// The request asks for an uncompressed body, but some servers and proxies compress it anyway, without a correct
    /// `Content-Encoding` header. So the first bytes decide, not the header.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`] if it is too large once it is decompressed, [`FetchError::Content`] if it starts
    /// like a gzip file but is incomplete or corrupt.
    pub fn new(url: Url, headers: HeaderMap, body: Vec<u8>) -> Result<Self, FetchError> {
        let mut document = Self { url, headers, body };
        if document.body.starts_with(&GZIP_MAGIC) {
            let mut plain = Vec::new();
            // Reading one more byte than allowed detects a larger document without decompressing all of it.
            let mut limited = MultiGzDecoder::new(document.body.as_slice()).take(MAX_DOCUMENT_BYTES as u64 + 1);
            if limited.read_to_end(&mut plain).is_err() {
                return Err(document.unfit("it starts like a gzip file but is incomplete or corrupt"));
            }
            if plain.len() > MAX_DOCUMENT_BYTES {
                return Err(FetchError::TooLarge { url: document.url });
            }
            document.body = plain;
        }
        if document.body.starts_with(BYTE_ORDER_MARK) {
            document.body.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(document)
    }

    /// Returns the error for a document that cannot be used.
    #[must_use]
    pub fn unfit(self, reason: impl std::fmt::Display) -> FetchError {
        let encoding = self.headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        // Mention an encoding only if it explains why the body is unreadable.
        let unknown =
            encoding.and_then(|named| ["br", "deflate", "zstd", "compress"].into_iter().find(|name| named == *name));
        let hint = unknown.map(|name| format!(" (compressed with {name}, although identity was asked for)"));
        FetchError::Content { url: self.url, reason: format!("{reason}{}", hint.unwrap_or_default()) }
    }
}

/// Returns the members of the JSON object `json`, without those that are null or blank.
///
/// # Errors
/// [`serde_json::Error`] if it is not a JSON object.
pub fn members(json: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::from_slice(json)? {
        Value::Object(members) => Ok(without_blanks(members)),
        _ => Err(serde_json::Error::custom("it is no JSON object")),
    }
}

/// Returns `members` without those that are null or blank strings.
pub(super) fn without_blanks(members: Map<String, Value>) -> Map<String, Value> {
    let is_blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    members.into_iter().filter(|(_, value)| !is_blank(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn document(headers: HeaderMap, body: &[u8]) -> Result<Document, FetchError> {
        Document::new(Url::parse("https://i.example/jwks").expect("a URL"), headers, body.to_vec())
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("written");
        encoder.finish().expect("compressed")
    }

    fn named(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_ENCODING, http::HeaderValue::from_static(encoding))])
    }

    #[test]
    fn document_byte_order_mark_is_dropped() {
        for plain in [b"\xef\xbb\xbf{}".to_vec(), gzip(b"\xef\xbb\xbf{}"), b"{}".to_vec()] {
            assert_eq!(document(HeaderMap::new(), &plain).expect("a document").body, b"{}");
        }
    }

    #[test]
    fn document_gzip_is_read_whatever_the_header_says() {
        for headers in [HeaderMap::new(), named("gzip"), named("identity"), named("utf-8")] {
            assert_eq!(document(headers.clone(), &gzip(b"{}")).expect("a document").body, b"{}", "{headers:?}");
            assert_eq!(document(headers.clone(), b"{}").expect("a document").body, b"{}", "{headers:?}");
        }
        let broken = document(named("gzip"), &gzip(b"{}")[..12]).expect_err("a half");
        assert!(broken.to_string().contains("incomplete or corrupt"), "{broken}");
    }

    #[test]
    fn document_gzip_bomb_is_cut_at_the_limit() {
        let fits = gzip(&vec![b' '; MAX_DOCUMENT_BYTES]);
        assert_eq!(document(HeaderMap::new(), &fits).expect("a document").body.len(), MAX_DOCUMENT_BYTES);
        let bomb = gzip(&vec![b' '; 64 * MAX_DOCUMENT_BYTES]);
        assert!(bomb.len() < MAX_DOCUMENT_BYTES, "it passes the limit of the network");
        let error = document(HeaderMap::new(), &bomb).expect_err("a bomb");
        assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    }

    #[test]
    fn document_other_compression_is_named() {
        let unread = document(named("br"), b"\x8b\x00\x80{}\x03").expect("not looked at yet").unfit("no JSON");
        assert!(unread.to_string().contains("compressed with br"), "{unread}");
        let plain = document(named("utf-8"), b"<html>").expect("not looked at yet").unfit("no JSON");
        assert_eq!(plain.to_string(), "https://i.example/jwks: no JSON");
    }

    #[test]
    fn members_that_are_blank_are_absent() {
        let read = members(br#"{"a": "", "b": " \t", "c": null, "d": "x", "e": false, "f": 0}"#).expect("an object");
        assert_eq!(read.keys().collect::<Vec<_>>(), ["d", "e", "f"]);
        assert!(members(b"[]").is_err() && members(b"<html>").is_err());
    }
}
