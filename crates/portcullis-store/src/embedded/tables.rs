//! The tables of a kind of record: the documents and their indexes, always changed together.

use bson::Document;
use portcullis::record::RecordId;
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction};

use super::StorageError;
use super::expiring::Expiring;
use crate::schema::Schema;
use crate::words::{Folded, INDEX_VERSION};
use crate::{Clock, KEY_LIFETIME, TRASH_LIFETIME};

/// The number of documents to sort at once when indexes are created. Sorted inserts into a B-tree are faster.
const CHUNK: usize = 50_000;

/// Returns the key of `word` and `id` in [`RecordTables::by_word`]. Words contain no control characters, so a zero ends
/// them.
pub fn word_key(word: &str, id: RecordId) -> Vec<u8> {
    [word.as_bytes(), &[0], &id.0].concat()
}

/// Returns the id in a key of [`RecordTables::by_word`].
pub fn id_of_word_key(key: &[u8]) -> Option<RecordId> {
    key.last_chunk().map(|id| RecordId(*id))
}

/// Decodes a document.
pub fn decode(bytes: &[u8]) -> Result<Document, StorageError> {
    Ok(Document::from_reader(bytes)?)
}

/// The names of the tables of a kind of record.
pub struct RecordTables {
    pub schema: Schema,
    by_name: String,
    by_word: String,
    index_versions: String,
    /// Deleted records by id.
    pub trash: Expiring,
    /// Creations by name.
    pub creations: Expiring,
}

impl RecordTables {
    pub fn of(schema: Schema) -> Self {
        let name = |suffix: &str| format!("{}_{suffix}", schema.collection);
        Self {
            schema,
            by_name: name("by_name"),
            by_word: name("by_word"),
            index_versions: name("editions"),
            trash: Expiring::new(name("deleted"), name("deleted_at")),
            creations: Expiring::new(name("created"), name("created_at")),
        }
    }

    /// The documents by id, which is also the order of creation.
    pub fn documents(&self) -> TableDefinition<'static, [u8; 12], &'static [u8]> {
        TableDefinition::new(self.schema.collection)
    }

    /// The index by name: the keys of all names ([`Folded::key`]).
    pub fn by_name(&self) -> TableDefinition<'_, &'static str, ()> {
        TableDefinition::new(&self.by_name)
    }

    /// The index by word: every word of every name, followed by the id ([`word_key`]).
    pub fn by_word(&self) -> TableDefinition<'_, &'static [u8], ()> {
        TableDefinition::new(&self.by_word)
    }

    /// Returns the searched field of a document as it is stored, if the document is a record.
    pub fn name_of<'d>(&self, document: &'d [u8]) -> Option<&'d str> {
        bson::RawDocument::from_bytes(document).ok()?.get_str(self.schema.searched).ok()
    }

    pub fn open<'t>(&'t self, transaction: &'t WriteTransaction) -> Result<OpenTables<'t>, StorageError> {
        Ok(OpenTables {
            tables: self,
            documents: transaction.open_table(self.documents())?,
            by_name: transaction.open_table(self.by_name())?,
            by_word: transaction.open_table(self.by_word())?,
        })
    }

    /// Creates all tables, so that every later read can open them, and removes expired entries. Returns whether it
    /// created the indexes, as for a file from an older release.
    pub fn prepare(&self, transaction: &WriteTransaction, clock: &Clock) -> Result<bool, StorageError> {
        self.open(transaction)?;
        self.trash.purge(transaction, clock.before(TRASH_LIFETIME))?;
        self.creations.purge(transaction, clock.before(KEY_LIFETIME))?;
        self.index(transaction)
    }

    /// Creates the indexes if they are missing or have another index version. This happens once for an old file. For
    /// any other file, it reads a single entry.
    fn index(&self, transaction: &WriteTransaction) -> Result<bool, StorageError> {
        // The version of the keys and words in the two indexes.
        let versions: TableDefinition<'_, &str, u32> = TableDefinition::new(&self.index_versions);
        let mut versions = transaction.open_table(versions)?;
        let is_current = versions.get("words")?.is_some_and(|version| version.value() == INDEX_VERSION);
        if is_current {
            return Ok(false);
        }
        transaction.delete_table(self.by_name())?;
        transaction.delete_table(self.by_word())?;
        let mut tables = self.open(transaction)?;
        let mut names = Vec::new();
        let mut words = Vec::new();
        let mut read = 0;
        let mut entries = tables.documents.iter()?;
        loop {
            let entry = entries.next().transpose()?;
            let is_last = entry.is_none();
            if let Some((id, document)) = entry {
                read += 1;
                let id = RecordId(id.value());
                if let Some(name) = self.name_of(document.value()).map(Folded::of) {
                    names.push(name.key(id));
                    words.extend(name.tokens().iter().map(|word| word_key(word, id)));
                }
            }
            if is_last || names.len() >= CHUNK {
                names.sort_unstable();
                words.sort_unstable();
                for name in names.drain(..) {
                    tables.by_name.insert(name.as_str(), ())?;
                }
                for word in words.drain(..) {
                    tables.by_word.insert(word.as_slice(), ())?;
                }
            }
            if is_last {
                break;
            }
        }
        versions.insert("words", INDEX_VERSION)?;
        Ok(read > 0)
    }

    /// Adds `documents`, if the collection is empty.
    pub fn fill_if_empty(&self, transaction: &WriteTransaction, documents: &[Document]) -> Result<(), StorageError> {
        let mut tables = self.open(transaction)?;
        if tables.documents.is_empty()? {
            documents.iter().try_for_each(|document| tables.put(document))?;
        }
        Ok(())
    }
}

/// The open tables in a write transaction.
pub struct OpenTables<'t> {
    tables: &'t RecordTables,
    documents: redb::Table<'t, [u8; 12], &'static [u8]>,
    by_name: redb::Table<'t, &'static str, ()>,
    by_word: redb::Table<'t, &'static [u8], ()>,
}

impl OpenTables<'_> {
    /// Returns the document with the id `id`.
    pub fn get(&self, id: RecordId) -> Result<Option<Document>, StorageError> {
        self.documents.get(id.0)?.map(|found| decode(found.value())).transpose()
    }

    /// Adds `document`, or replaces the one with the same id.
    pub fn put(&mut self, document: &Document) -> Result<(), StorageError> {
        let id =
            document.get_object_id("_id").map_err(|_| StorageError::Database("a document without an id".into()))?;
        let id = RecordId(id.bytes());
        self.remove(id)?;
        self.documents.insert(id.0, document.to_vec()?.as_slice())?;
        let Ok(name) = document.get_str(self.tables.schema.searched) else { return Ok(()) };
        let name = Folded::of(name);
        self.by_name.insert(name.key(id).as_str(), ())?;
        for word in name.tokens() {
            self.by_word.insert(word_key(&word, id).as_slice(), ())?;
        }
        Ok(())
    }

    /// Removes the document with the id `id`.
    pub fn remove(&mut self, id: RecordId) -> Result<(), StorageError> {
        let Some(document) = self.documents.remove(id.0)? else { return Ok(()) };
        let Some(name) = self.tables.name_of(document.value()).map(Folded::of) else { return Ok(()) };
        self.by_name.remove(name.key(id).as_str())?;
        for word in name.tokens() {
            self.by_word.remove(word_key(&word, id).as_slice())?;
        }
        Ok(())
    }
}
