//! The tables of items: the documents, and what they are found and sorted by, always changed together.

use app::items::ItemId;
use bson::Document;
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction};

use super::Fault;
use crate::store::words::{Folded, INDEX_VERSION};

/// The documents by their ids, whose order is that of their creation.
pub const ITEMS: TableDefinition<[u8; 12], &[u8]> = TableDefinition::new("items");
/// The keys of all names ([`Folded::key`]), which are the order by name.
pub const BY_NAME: TableDefinition<&str, ()> = TableDefinition::new("items_by_name");
/// Every word of every name, each with the id after it ([`word_key`]).
pub const BY_WORD: TableDefinition<&[u8], ()> = TableDefinition::new("items_by_word");
/// The index version of the keys and words that the other two hold.
const INDEX_VERSIONS: TableDefinition<&str, u32> = TableDefinition::new("items_editions");

/// How many documents are sorted at once when the tables are made: B-trees are made faster in order.
const CHUNK: usize = 50_000;

/// The key of `word` and `id` in [`BY_WORD`]. Words hold no control characters, so that the zero ends them.
pub fn word_key(word: &str, id: ItemId) -> Vec<u8> {
    [word.as_bytes(), &[0], &id.0].concat()
}

/// The id of a key of [`BY_WORD`].
pub fn id_of_word_key(key: &[u8]) -> Option<ItemId> {
    key.last_chunk().map(|id| ItemId(*id))
}

/// The name of a document as it is stored, if it is one of an item.
pub fn name_of(document: &[u8]) -> Option<&str> {
    bson::RawDocument::from_bytes(document).ok()?.get_str("name").ok()
}

/// The document that `bytes` are.
pub fn decode(bytes: &[u8]) -> Result<Document, Fault> {
    Ok(Document::from_reader(bytes)?)
}

/// The tables in a transaction that writes.
pub struct Tables<'t> {
    items: redb::Table<'t, [u8; 12], &'static [u8]>,
    by_name: redb::Table<'t, &'static str, ()>,
    by_word: redb::Table<'t, &'static [u8], ()>,
}

impl<'t> Tables<'t> {
    pub fn open(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            items: transaction.open_table(ITEMS)?,
            by_name: transaction.open_table(BY_NAME)?,
            by_word: transaction.open_table(BY_WORD)?,
        })
    }

    /// Whether there are no documents at all.
    pub fn is_empty(&self) -> Result<bool, Fault> {
        Ok(self.items.is_empty()?)
    }

    /// The document by `id`.
    pub fn get(&self, id: ItemId) -> Result<Option<Document>, Fault> {
        self.items.get(id.0)?.map(|found| decode(found.value())).transpose()
    }

    /// Puts `document` in the place of what is there by its id.
    pub fn put(&mut self, document: &Document) -> Result<(), Fault> {
        let id = document.get_object_id("_id").map_err(|_| Fault::Database("a document without an id".into()))?;
        let id = ItemId(id.bytes());
        self.remove(id)?;
        self.items.insert(id.0, document.to_vec()?.as_slice())?;
        let Ok(name) = document.get_str("name") else { return Ok(()) };
        let name = Folded::of(name);
        self.by_name.insert(name.key(id).as_str(), ())?;
        for word in name.tokens() {
            self.by_word.insert(word_key(&word, id).as_slice(), ())?;
        }
        Ok(())
    }

    /// Removes what is there by `id`.
    pub fn remove(&mut self, id: ItemId) -> Result<(), Fault> {
        let Some(document) = self.items.remove(id.0)? else { return Ok(()) };
        let Some(name) = name_of(document.value()).map(Folded::of) else { return Ok(()) };
        self.by_name.remove(name.key(id).as_str())?;
        for word in name.tokens() {
            self.by_word.remove(word_key(&word, id).as_slice())?;
        }
        Ok(())
    }
}

/// Makes the tables beside the documents, if they are not there or of another index version: once for an old file, and a
/// look at one entry for every other. Says whether it did.
pub fn prepare(transaction: &WriteTransaction) -> Result<bool, Fault> {
    let mut versions = transaction.open_table(INDEX_VERSIONS)?;
    let is_current = versions.get("words")?.is_some_and(|version| version.value() == INDEX_VERSION);
    if is_current {
        return Ok(false);
    }
    transaction.delete_table(BY_NAME)?;
    transaction.delete_table(BY_WORD)?;
    let mut tables = Tables::open(transaction)?;
    let mut names = Vec::new();
    let mut words = Vec::new();
    let mut read = 0;
    let mut entries = tables.items.iter()?;
    loop {
        let entry = entries.next().transpose()?;
        let is_last = entry.is_none();
        if let Some((id, document)) = entry {
            read += 1;
            let id = ItemId(id.value());
            if let Some(name) = name_of(document.value()).map(Folded::of) {
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
