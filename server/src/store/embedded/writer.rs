//! The one thread that writes. Writes that wait share a commit, and a database that fails is reopened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use redb::{Database, TableDefinition};

use super::Fault;
use super::database::{SharedDatabase, commit};
use super::queue::{Message, QueuedWrite};
use crate::store::OpenError;

/// How many writes share a commit at most: a commit of more would take longer than its sync saves.
pub const MAX_BATCH: usize = 64;
/// How often a database that failed is reopened at most.
pub const REOPEN_INTERVAL: Duration = Duration::from_secs(1);
/// How much room there must be before writes are taken again: enough for a full batch of usual ones.
const PROBE_BYTES: usize = 1024 * 1024;
/// Where that is tried.
const PROBE: TableDefinition<(), &[u8]> = TableDefinition::new("portcullis_probe");

/// Opens the database.
pub type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send>;

/// What the thread owns.
pub struct Writer {
    database: Arc<SharedDatabase>,
    open: Opener,
    messages: Receiver<Message>,
    is_full: Arc<AtomicBool>,
    /// When a database that failed is seen to next; `None` while it works.
    retry_at: Option<Instant>,
    reopened_at: Option<Instant>,
}

impl Writer {
    pub fn new(
        database: Arc<SharedDatabase>,
        open: Opener,
        messages: Receiver<Message>,
        is_full: Arc<AtomicBool>,
    ) -> Self {
        Self { database, open, messages, is_full, retry_at: None, reopened_at: None }
    }

    /// Writes until nobody can queue more, then closes the database.
    pub fn run(mut self) {
        // A panic inside the database fails the writes of its batch, and no others.
        while catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            self.on_failure("the writer panicked".into());
            // Whatever state it is in, it is opened anew.
            let _ = catch_unwind(AssertUnwindSafe(|| self.database.replace(None)));
        }
        self.database.replace(None);
    }

    fn work(&mut self) {
        loop {
            if self.retry_at.is_some_and(|at| at <= Instant::now()) {
                self.recover();
            }
            let message = match self.retry_at {
                None => self.messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => self.messages.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(Message::Write(first)) => {
                    let batch = self.batch(first);
                    self.write(batch);
                }
                Ok(Message::Check) => self.check(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// The write `first`, and those that wait behind it.
    fn batch(&self, first: Box<dyn QueuedWrite>) -> Vec<Box<dyn QueuedWrite>> {
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH {
            match self.messages.try_recv() {
                Ok(Message::Write(next)) => batch.push(next),
                // The commit will tell.
                Ok(Message::Check) => {}
                Err(_) => {
                    self.is_full.store(false, Ordering::Relaxed);
                    break;
                }
            }
        }
        batch
    }

    /// Makes the writes of `batch` in one commit. If something is wrong with one of them, each is made by itself. No
    /// write is tried again once it may be on the disk.
    fn write(&mut self, batch: Vec<Box<dyn QueuedWrite>>) {
        if let Some(failure) = self.database.failure() {
            return batch.into_iter().for_each(|write| write.fail(Fault::System(failure.clone())));
        }
        let mut batch = batch;
        match self.transact(&mut batch) {
            Ok(()) => batch.into_iter().for_each(|write| write.answer()),
            Err(Fault::Database(_)) if batch.len() > 1 => {
                batch.into_iter().for_each(|write| self.write(vec![write]));
            }
            Err(Fault::System(failure)) => {
                // Reported before the first of them can ask.
                self.on_failure(failure.clone());
                batch.into_iter().for_each(|write| write.fail(Fault::System(failure.clone())));
            }
            Err(fault) => {
                let reason = fault.to_string();
                batch.into_iter().for_each(|write| write.fail(Fault::Database(reason.clone())));
            }
        }
    }

    fn transact(&self, batch: &mut [Box<dyn QueuedWrite>]) -> Result<(), Fault> {
        let transaction = self.database.begin_write().map_err(|fault| Fault::System(fault.to_string()))?;
        let mut is_changed = false;
        for write in batch {
            is_changed |= write.run(&transaction)?;
        }
        // Refusals alone need no sync.
        if is_changed { commit(transaction) } else { Ok(()) }
    }

    /// Sees whether the database still takes writes: after an I/O error in a read, it takes none.
    fn check(&mut self) {
        if self.retry_at.is_some() {
            return;
        }
        let check = || Ok::<_, Fault>(self.database.begin_write()?.abort()?);
        if let Err(fault) = check() {
            self.on_failure(fault.to_string());
        }
    }

    fn on_failure(&mut self, failure: String) {
        tracing::error!(%failure, "the database fails: writes are refused until it works again");
        self.database.set_failure(Some(failure));
        let next_reopening = self.reopened_at.map(|at| at + REOPEN_INTERVAL);
        self.retry_at = next_reopening.max(Some(Instant::now()));
    }

    /// Takes writes again if the database has room for them. Otherwise reopens it, for reads: redb refuses all that is not
    /// in its cache after an I/O error.
    fn recover(&mut self) {
        let was_open = self.database.is_open();
        if was_open && self.probe().is_ok() {
            return self.on_recovery();
        }
        let begun = Instant::now();
        self.reopened_at = Some(begun);
        // Closed before it is opened: the file is locked.
        self.database.replace(None);
        match (self.open)() {
            Ok(database) => {
                self.database.replace(Some(database));
                if !was_open && self.probe().is_ok() {
                    return self.on_recovery();
                }
            }
            Err(error) => tracing::warn!(%error, "the database cannot be reopened"),
        }
        // Opening checks the whole file: one that takes long is not checked all the time.
        self.retry_at = Some(begun + REOPEN_INTERVAL.max(begun.elapsed() * 4));
    }

    fn on_recovery(&mut self) {
        tracing::info!("the database works again");
        self.database.set_failure(None);
        self.retry_at = None;
    }

    /// Writes as much as a batch may need. In two commits: what one transaction makes and removes is never written.
    fn probe(&self) -> Result<(), Fault> {
        self.database.write(|transaction| {
            transaction.open_table(PROBE)?.insert((), vec![0; PROBE_BYTES].as_slice())?;
            Ok(())
        })?;
        self.database.write(|transaction| Ok(_ = transaction.delete_table(PROBE)?))
    }
}

#[cfg(test)]
mod tests;
