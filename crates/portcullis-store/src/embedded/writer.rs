//! The only thread that writes. Waiting writes share a commit, and a database is reopened after a failure.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use portcullis_server::Throttle;
use redb::Database;

use super::StorageError;
use super::database::{SharedDatabase, commit};
use super::queue::{MAX_BATCH, Message, QueuedWrite};
use crate::OpenError;

/// The minimum time between two attempts to recover.
pub const RECOVERY_INTERVAL: Duration = Duration::from_secs(1);

/// The functions with which the writer accesses the file.
pub struct DatabaseFile {
    /// Opens the database.
    pub open: Box<dyn Fn() -> Result<Database, OpenError> + Send>,
    /// Writes a file next to the database, to find out whether the disk has room.
    pub probe: Box<dyn Fn() -> io::Result<()> + Send>,
}

/// The state of the writer thread.
pub struct Writer {
    database: Arc<SharedDatabase>,
    file: DatabaseFile,
    messages: Receiver<Message>,
    /// When the next attempt to recover is due; `None` while the database works.
    retry_at: Option<Instant>,
    /// When the last attempt to recover ended.
    recovered_at: Option<Instant>,
    /// The time before which a file that could not be opened is not tried again.
    reopen_at: Option<Instant>,
    /// Whether the last probe found room.
    has_room: bool,
    failures: Throttle,
    failed_openings: Throttle,
    /// Whether the current failure has been logged.
    is_logged: bool,
}

impl Writer {
    pub fn new(database: Arc<SharedDatabase>, file: DatabaseFile, messages: Receiver<Message>) -> Self {
        Self {
            database,
            file,
            messages,
            retry_at: None,
            recovered_at: None,
            reopen_at: None,
            has_room: true,
            failures: Throttle::default(),
            failed_openings: Throttle::default(),
            is_logged: false,
        }
    }

    /// Writes until the queue is closed, then closes the database.
    pub fn run(mut self) {
        // A panic in the database fails only the writes of its batch.
        while catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            self.on_failure("the writer panicked".into());
            // Its state is unknown, so reopen it.
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

    /// Returns the write `first` and the writes that wait behind it.
    fn batch(&self, first: Box<dyn QueuedWrite>) -> Vec<Box<dyn QueuedWrite>> {
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH {
            match self.messages.try_recv() {
                Ok(Message::Write(next)) => batch.push(next),
                // The write itself detects a failure.
                Ok(Message::Check) => {}
                Err(_) => break,
            }
        }
        batch
    }

    /// Makes the writes of `batch` in one commit. If one of them fails, each is retried in its own commit. A write that
    /// may already be on the disk is never retried.
    fn write(&mut self, batch: Vec<Box<dyn QueuedWrite>>) {
        if let Some(failure) = self.database.failure() {
            return batch.into_iter().for_each(|write| write.fail(StorageError::System(failure.clone())));
        }
        let mut batch = batch;
        match self.transact(&mut batch) {
            Ok(()) => batch.into_iter().for_each(|write| write.answer()),
            Err(StorageError::Database(_)) if batch.len() > 1 => {
                batch.into_iter().for_each(|write| self.write(vec![write]));
            }
            Err(StorageError::System(failure)) => {
                // Reported before the first of them can check it.
                self.on_failure(failure.clone());
                batch.into_iter().for_each(|write| write.fail(StorageError::System(failure.clone())));
            }
            Err(error) => {
                let reason = error.to_string();
                batch.into_iter().for_each(|write| write.fail(StorageError::Database(reason.clone())));
            }
        }
    }

    fn transact(&self, batch: &mut [Box<dyn QueuedWrite>]) -> Result<(), StorageError> {
        let transaction = self.database.begin_write().map_err(|error| StorageError::System(error.to_string()))?;
        let mut is_changed = false;
        for write in batch {
            is_changed |= write.run(&transaction)?;
        }
        // Rejected writes change nothing, so they need no sync.
        if is_changed { commit(transaction) } else { Ok(()) }
    }

    /// Checks whether the database still accepts writes. It does not after an I/O error in a read.
    fn check(&mut self) {
        if self.retry_at.is_some() {
            return;
        }
        if let Err(error) = self.try_begin() {
            self.on_failure(error.to_string());
        }
    }

    fn try_begin(&self) -> Result<(), StorageError> {
        Ok(self.database.begin_write()?.abort()?)
    }

    fn on_failure(&mut self, failure: String) {
        self.is_logged = false;
        self.log_failure(&failure);
        self.database.set_failure(Some(failure.clone()));
        self.reject_queued(&failure);
        let next_attempt = self.recovered_at.map(|at| at + RECOVERY_INTERVAL);
        self.retry_at = next_attempt.max(Some(Instant::now()));
    }

    /// Logs `failure`, unless another one was logged shortly before. In that case an attempt to recover logs it, if it
    /// persists.
    fn log_failure(&mut self, failure: &str) {
        if !self.is_logged && self.failures.admit().is_some() {
            tracing::error!(failure, "database error; rejecting writes until it recovers");
            self.is_logged = true;
        }
    }

    /// Rejects the writes that were queued before the failure. They must not wait for the database to be reopened.
    fn reject_queued(&self, failure: &str) {
        while let Ok(message) = self.messages.try_recv() {
            if let Message::Write(write) = message {
                write.fail(StorageError::System(failure.to_owned()));
            }
        }
    }

    /// Accepts writes again if the disk has room for them. After an I/O error, redb rejects all work outside of its
    /// cache until the database is reopened. That happens only once, so that reads still work while the disk is full.
    fn recover(&mut self) {
        let started = Instant::now();
        // Also set now, in case this panics.
        self.recovered_at = Some(started);
        let has_room = (self.file.probe)().is_ok();
        let had_room = std::mem::replace(&mut self.has_room, has_room);
        // Opening checks the whole file. So a failed attempt is repeated rarely, but immediately after there is room
        // again.
        let is_due = self.reopen_at.is_none_or(|at| at <= started) || (has_room && !had_room);
        let is_usable = self.try_begin().is_ok() || (is_due && self.reopen());
        let now = Instant::now();
        self.recovered_at = Some(now);
        if is_usable && has_room {
            return self.on_recovery();
        }
        self.retry_at = Some(now + RECOVERY_INTERVAL);
        if let Some(failure) = self.database.failure() {
            self.log_failure(&failure);
        }
    }

    /// Closes the database, because the file is locked, and opens it again.
    fn reopen(&mut self) -> bool {
        let started = Instant::now();
        self.database.replace(None);
        match (self.file.open)() {
            Ok(database) => {
                self.database.replace(Some(database));
                self.reopen_at = None;
                true
            }
            Err(error) => {
                if let Some(suppressed) = self.failed_openings.admit() {
                    tracing::warn!(%error, suppressed, "cannot reopen the database");
                }
                self.reopen_at = Some(Instant::now() + started.elapsed() * 3);
                false
            }
        }
    }

    fn on_recovery(&mut self) {
        if self.is_logged {
            tracing::info!("database recovered");
        }
        self.database.set_failure(None);
        self.retry_at = None;
    }
}

#[cfg(test)]
mod tests;
