//! Pages of the embedded store. Their cost does not depend on the position in the list.
//!
//! The cost of a page in rows, for n records and a page of l:
//!
//! - without a search: l + 1, found by seeking to the end of the previous page;
//! - with a word that at most [`Limits::gather`] records have: the rows of these records, read again for each page,
//!   because the index of words has the same order for all lists;
//! - if all words are in more records than that: the rows of the order, from the start of the page. Names without the
//!   words are skipped. At least one in n / gather records has such a word, so a page for one word takes about l × n /
//!   gather rows, but never more than [`Limits::scan`]: then the page ends early, and its `next` is the position where
//!   reading stopped.

use std::ops::Bound;

use portcullis::record::{ListRequest, Page, Position, Record, RecordId, Sort};
use redb::{ReadOnlyTable, ReadTransaction};

use super::StorageError;
use super::page::Filling;
use super::tables::{RecordTables, id_of_word_key};
use crate::words::{Folded, Search};

/// The maximum number of rows to read for one page.
#[derive(Clone, Copy)]
pub struct Limits {
    /// A word in at most this many records is rare.
    pub gather: usize,
    /// The number of rows to scan if all words are frequent.
    pub scan: usize,
}

impl Limits {
    /// Each takes about ten milliseconds.
    pub const USUAL: Self = Self { gather: 4_000, scan: 50_000 };
    /// The number of words to try when looking for a rare one. Few words of a search make a difference.
    pub const TRIED: usize = 4;
}

/// Returns the page for `request`, and the number of rows that were read for it.
pub fn list<R: Record>(
    transaction: &ReadTransaction,
    tables: &RecordTables,
    request: &ListRequest,
    limits: Limits,
) -> Result<(Page<R>, usize), StorageError> {
    let search = Search::of(request.search());
    let documents = transaction.open_table(tables.documents())?;
    let mut lister = Lister { tables, documents, request, search, limits, rows: 0 };
    let page = match lister.gather(&transaction.open_table(tables.by_word())?)? {
        Some(ids) => lister.among(ids)?,
        None if request.sort() == Sort::Name => lister.by_name(&transaction.open_table(tables.by_name())?)?,
        None => lister.by_id()?,
    };
    Ok((page, lister.rows))
}

struct Lister<'r> {
    tables: &'r RecordTables,
    documents: ReadOnlyTable<[u8; 12], &'static [u8]>,
    request: &'r ListRequest,
    search: Search,
    limits: Limits,
    rows: usize,
}

impl Lister<'_> {
    /// Returns the ids of the records that contain a rare word of the search, or `None` if no word is rare.
    fn gather(&mut self, by_word: &ReadOnlyTable<&'static [u8], ()>) -> Result<Option<Vec<RecordId>>, StorageError> {
        for word in self.search.words().iter().take(Limits::TRIED) {
            let mut ids = Vec::new();
            let mut is_rare = true;
            for entry in by_word.range::<&[u8]>(word.as_bytes()..)? {
                let key = entry?.0;
                if !key.value().starts_with(word.as_bytes()) {
                    break;
                }
                self.rows += 1;
                if ids.len() == self.limits.gather {
                    is_rare = false;
                    break;
                }
                ids.extend(id_of_word_key(key.value()));
            }
            if is_rare {
                ids.sort_unstable();
                ids.dedup();
                return Ok(Some(ids));
            }
        }
        Ok(None)
    }

    /// Returns the page from the records `ids`, which are sorted by id.
    fn among<R: Record>(&mut self, mut ids: Vec<RecordId>) -> Result<Page<R>, StorageError> {
        if self.request.sort() == Sort::Newest {
            ids.reverse();
        }
        let mut page = Filling::new(self.tables.schema, self.request);
        let mut by_name = Vec::new();
        for id in ids {
            let position = Position::Id(id);
            if self.request.sort() != Sort::Name && !self.is_beyond(&position) {
                continue;
            }
            self.rows += 1;
            let Some(found) = self.documents.get(id.0)? else { continue };
            let Some(name) = self.tables.name_of(found.value()).map(Folded::of).filter(|name| self.search.finds(name))
            else {
                continue;
            };
            if self.request.sort() == Sort::Name {
                let position = Position::Name(name.key(id));
                if self.is_beyond(&position) {
                    by_name.push((position, id));
                }
            } else if page.push(position, found.value())? {
                break;
            }
        }
        by_name.sort_unstable_by(|(a, _), (b, _)| key(a).cmp(key(b)));
        for (position, id) in by_name {
            if let Some(found) = self.documents.get(id.0)?
                && page.push(position, found.value())?
            {
                break;
            }
        }
        Ok(page.finish())
    }

    /// Returns the page by reading documents in the order of their ids.
    fn by_id<R: Record>(&mut self) -> Result<Page<R>, StorageError> {
        let after = match self.request.after() {
            Some(Position::Id(id)) => Bound::Excluded(id.0),
            _ => Bound::Unbounded,
        };
        let is_upwards = self.request.sort() == Sort::Oldest;
        let bounds = if is_upwards { (after, Bound::Unbounded) } else { (Bound::Unbounded, after) };
        let mut range = self.documents.range::<[u8; 12]>(bounds)?;
        let mut page = Filling::new(self.tables.schema, self.request);
        let mut seen = 0;
        while let Some(entry) = if is_upwards { range.next() } else { range.next_back() } {
            let (id, document) = entry?;
            let position = Position::Id(RecordId(id.value()));
            seen += 1;
            self.rows += 1;
            let is_found = self.search.words().is_empty()
                || self.tables.name_of(document.value()).is_some_and(|name| self.finds(name));
            if is_found && page.push(position.clone(), document.value())? {
                break;
            }
            if seen == self.limits.scan {
                page.stopped = Some(position);
                break;
            }
        }
        Ok(page.finish())
    }

    /// Returns the page by reading the keys of names in their order.
    fn by_name<R: Record>(&mut self, by_name: &ReadOnlyTable<&'static str, ()>) -> Result<Page<R>, StorageError> {
        let after = match self.request.after() {
            Some(Position::Name(key)) => Bound::Excluded(key.as_str()),
            _ => Bound::Unbounded,
        };
        let mut page = Filling::new(self.tables.schema, self.request);
        for (seen, entry) in by_name.range::<&str>((after, Bound::Unbounded))?.enumerate() {
            let key = entry?.0;
            self.rows += 1;
            let found = Folded::of_key(key.value()).filter(|(name, _)| self.search.finds(name));
            let document = found.map(|(_, id)| self.documents.get(id.0)).transpose()?.flatten();
            let position = Position::Name(key.value().to_owned());
            if let Some(document) = document
                && page.push(position.clone(), document.value())?
            {
                break;
            }
            if seen + 1 == self.limits.scan {
                page.stopped = Some(position);
                break;
            }
        }
        Ok(page.finish())
    }

    fn finds(&self, name: &str) -> bool {
        self.search.finds(&Folded::of(name))
    }

    /// Returns whether `position` is after the end of the previous page.
    fn is_beyond(&self, position: &Position) -> bool {
        match (self.request.sort(), self.request.after(), position) {
            (Sort::Newest, Some(Position::Id(after)), Position::Id(id)) => id < after,
            (Sort::Oldest, Some(Position::Id(after)), Position::Id(id)) => id > after,
            (Sort::Name, Some(Position::Name(after)), Position::Name(key)) => key > after,
            _ => true,
        }
    }
}

fn key(position: &Position) -> &str {
    match position {
        Position::Name(key) => key,
        Position::Id(_) => "",
    }
}

#[cfg(test)]
mod tests;
