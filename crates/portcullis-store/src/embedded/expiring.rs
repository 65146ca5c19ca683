//! Tables whose entries expire: the trash, and the keys of creations.

use bson::DateTime;
use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::StorageError;

/// The maximum number of entries that one write removes, so that no write takes long.
const MAX_PURGED: usize = 1_000;

/// A pair of tables: the entries, each with its time, and an index of the times.
pub struct Expiring {
    entries: String,
    times: String,
}

/// Converts a time to a key. A time before 1970 becomes 1970.
fn time_key(time: DateTime) -> [u8; 8] {
    time.timestamp_millis().max(0).to_be_bytes()
}

impl Expiring {
    /// Creates the definitions of the tables with these names.
    pub fn new(entries: String, times: String) -> Self {
        Self { entries, times }
    }

    fn entries(&self) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
        TableDefinition::new(&self.entries)
    }

    fn times(&self) -> TableDefinition<'_, &'static [u8], ()> {
        TableDefinition::new(&self.times)
    }

    /// Returns the entry `key`, if its time is `since` or later.
    pub fn get(
        &self,
        transaction: &WriteTransaction,
        key: &[u8],
        since: DateTime,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let entries = transaction.open_table(self.entries())?;
        let found = entries.get(key)?;
        let entry = found.as_ref().and_then(|found| found.value().split_at_checked(8));
        Ok(entry.filter(|(time, _)| *time >= time_key(since).as_slice()).map(|(_, value)| value.to_vec()))
    }

    /// Sets the entry `key` with the time `now`. Replaces an older one.
    pub fn put(
        &self,
        transaction: &WriteTransaction,
        key: &[u8],
        value: &[u8],
        now: DateTime,
    ) -> Result<(), StorageError> {
        self.remove(transaction, key)?;
        let time = time_key(now);
        transaction.open_table(self.entries())?.insert(key, [time.as_slice(), value].concat().as_slice())?;
        transaction.open_table(self.times())?.insert([time.as_slice(), key].concat().as_slice(), ())?;
        Ok(())
    }

    /// Removes the entry `key`.
    pub fn remove(&self, transaction: &WriteTransaction, key: &[u8]) -> Result<(), StorageError> {
        let mut entries = transaction.open_table(self.entries())?;
        let Some(found) = entries.remove(key)? else { return Ok(()) };
        let Some((time, _)) = found.value().split_at_checked(8) else { return Ok(()) };
        transaction.open_table(self.times())?.remove([time, key].concat().as_slice())?;
        Ok(())
    }

    /// Removes entries from before `since`, the oldest first.
    pub fn purge(&self, transaction: &WriteTransaction, since: DateTime) -> Result<(), StorageError> {
        let mut entries = transaction.open_table(self.entries())?;
        let mut times = transaction.open_table(self.times())?;
        let mut old = Vec::new();
        for entry in times.range::<&[u8]>(..time_key(since).as_slice())?.take(MAX_PURGED) {
            old.push(entry?.0.value().to_vec());
        }
        for time_and_key in old {
            times.remove(time_and_key.as_slice())?;
            entries.remove(time_and_key.get(8..).unwrap_or_default())?;
        }
        Ok(())
    }
}
