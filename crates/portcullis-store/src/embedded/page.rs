//! A page that is being filled.

use portcullis::record::{ListRequest, Page, Position, Record, Stored};

use super::StorageError;
use super::tables::decode;
use crate::document::to_record;
use crate::page_size::{self, MAX_PAGE_BYTES, fitting};
use crate::schema::Schema;

/// A page that is being filled.
pub struct Filling<'r, R> {
    schema: Schema,
    request: &'r ListRequest,
    /// The records, each with its size.
    records: Vec<(Position, Stored<R>, usize)>,
    bytes: usize,
    /// The position where reading stopped before the page was full, although there may be more records.
    pub stopped: Option<Position>,
}

impl<'r, R: Record> Filling<'r, R> {
    /// Creates an empty page for `request`.
    pub fn new(schema: Schema, request: &'r ListRequest) -> Self {
        Self { schema, request, records: Vec::new(), bytes: 0, stopped: None }
    }

    /// Adds the record in `document`, if it is one. Returns whether the page has one record more than fits, which means
    /// that there is a next page.
    pub fn push(&mut self, position: Position, document: &[u8]) -> Result<bool, StorageError> {
        let document = decode(document)?;
        if let Some(record) = to_record(&document) {
            let bytes = page_size::bytes(self.schema, &document);
            self.bytes += bytes;
            self.records.push((position, record, bytes));
        }
        let is_large = self.records.len() > 1 && self.bytes > MAX_PAGE_BYTES;
        Ok(is_large || self.records.len() > self.request.limit())
    }

    /// Returns the page.
    pub fn finish(mut self) -> Page<R> {
        let limit = self.request.limit().min(fitting(self.records.iter().map(|(.., bytes)| *bytes)));
        let next = match self.records.len() > limit {
            true => self.records.get(limit - 1).map(|(position, ..)| position.clone()),
            false => self.stopped,
        };
        self.records.truncate(limit);
        Page {
            records: self.records.into_iter().map(|(_, record, _)| record).collect(),
            next: next.map(|position| self.request.cursor(&position)),
        }
    }
}
