//! Tables whose entries go after a while: the trash, and the keys of creations.

use bson::DateTime;
use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::StorageError;

/// What is deleted at once at most, so that no write has to wait for a crowd.
const MOST_PURGED: usize = 1_000;

/// A pair of tables: the entries, each behind the time when it was made, and the times in their order.
pub struct Expiring {
    entries: String,
    times: String,
}

/// Times before 1970 are no times of entries.
fn time_key(time: DateTime) -> [u8; 8] {
    time.timestamp_millis().max(0).to_be_bytes()
}

impl Expiring {
    /// The tables of these names.
    pub fn new(entries: String, times: String) -> Self {
        Self { entries, times }
    }

    fn entries(&self) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
        TableDefinition::new(&self.entries)
    }

    fn times(&self) -> TableDefinition<'_, &'static [u8], ()> {
        TableDefinition::new(&self.times)
    }

    /// The entry `key`, if it was made at `since` or later.
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

    /// Makes the entry `key` at the time `now`, in the place of an older one.
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

    /// Removes what was made before `since`, the oldest first.
    pub fn purge(&self, transaction: &WriteTransaction, since: DateTime) -> Result<(), StorageError> {
        let mut entries = transaction.open_table(self.entries())?;
        let mut times = transaction.open_table(self.times())?;
        let mut old = Vec::new();
        for entry in times.range::<&[u8]>(..time_key(since).as_slice())?.take(MOST_PURGED) {
            old.push(entry?.0.value().to_vec());
        }
        for time_and_key in old {
            times.remove(time_and_key.as_slice())?;
            entries.remove(time_and_key.get(8..).unwrap_or_default())?;
        }
        Ok(())
    }
}
