//! The queue of writes: bounded, in the order of arrival, and without a thread per waiting write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portcullis_server::Throttle;
use portcullis_server::store::StoreError;
use redb::WriteTransaction;
use tokio::sync::{Semaphore, oneshot};

use super::StorageError;
use super::database::SharedDatabase;
use super::writer::{DatabaseFile, Writer};

/// The maximum number of waiting writes. More are rejected.
pub const MAX_QUEUED_WRITES: usize = 1_024;
/// The maximum number of writes in one commit. The others wait until one of these has its reply, so the processor is
/// free for reads between two commits, no matter how many writes wait.
pub const MAX_BATCH: usize = 8;
/// How long dropping the queue waits for the commit in progress.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A message to the writer.
pub enum Message {
    Write(Box<dyn QueuedWrite>),
    /// A read failed: the database may have to be reopened.
    Check,
}

/// A queued write.
pub trait QueuedWrite: Send {
    /// Makes the change, unless its request has ended, and returns whether it changed anything. A rejected write
    /// changes nothing. May be called again after its transaction was aborted.
    ///
    /// # Errors
    /// [`StorageError::System`] and [`StorageError::Database`]: the transaction must be aborted.
    fn run(&mut self, transaction: &WriteTransaction) -> Result<bool, StorageError>;

    /// Sends the result to the request, after the commit.
    fn answer(self: Box<Self>);

    /// Sends an error to the request.
    fn fail(self: Box<Self>, error: StorageError);
}

struct Queued<T, C> {
    change: C,
    outcome: Option<Result<T, StorageError>>,
    reply: oneshot::Sender<Result<T, StorageError>>,
}

impl<T, C> QueuedWrite for Queued<T, C>
where
    T: Send,
    C: FnMut(&WriteTransaction) -> Result<T, StorageError> + Send,
{
    fn run(&mut self, transaction: &WriteTransaction) -> Result<bool, StorageError> {
        self.outcome = None;
        // Nobody waits for the reply: the client has disconnected, or the request timed out.
        if self.reply.is_closed() {
            return Ok(false);
        }
        let result = catch_unwind(AssertUnwindSafe(|| (self.change)(transaction)))
            .unwrap_or_else(|_| Err(StorageError::Database("a write panicked".into())));
        let is_changed = result.is_ok();
        match result {
            Err(error @ (StorageError::System(_) | StorageError::Database(_))) => return Err(error),
            outcome => self.outcome = Some(outcome),
        }
        Ok(is_changed)
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            let _ = self.reply.send(outcome);
        }
    }

    fn fail(self: Box<Self>, error: StorageError) {
        let _ = self.reply.send(Err(error));
    }
}

/// Queues the writes of requests. Dropping it stops the writer, which closes the database.
pub struct WriteQueue {
    // Dropped first, which tells the writer to stop.
    messages: SyncSender<Message>,
    // Dropped next, which waits for the writer.
    _ended: Ended,
    places: Semaphore,
    turns: Semaphore,
    full_warning: Throttle,
    database: Arc<SharedDatabase>,
}

impl WriteQueue {
    /// Starts the writer of `database`, which reopens `file` after an I/O error.
    ///
    /// # Errors
    /// [`std::io::Error`] if the system cannot start a thread.
    pub fn start(database: Arc<SharedDatabase>, file: DatabaseFile) -> std::io::Result<Self> {
        let (messages, receiver) = sync_channel(MAX_QUEUED_WRITES);
        let (end, ended) = sync_channel(1);
        let writer = Writer::new(database.clone(), file, receiver);
        let thread = std::thread::Builder::new().name("store-writer".into());
        thread.spawn(move || {
            writer.run();
            drop(end);
        })?;
        let (places, turns) = (Semaphore::new(MAX_QUEUED_WRITES), Semaphore::new(MAX_BATCH));
        let full_warning = Throttle::new();
        Ok(Self { messages, _ended: Ended(Mutex::new(ended)), places, turns, full_warning, database })
    }

    /// Makes `change` in a transaction that is on the disk when this returns. The change is not made if this future is
    /// dropped before its turn. `change` may be called again after its transaction was aborted.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if too many writes wait, [`StorageError::System`] if the database cannot be written,
    /// [`StorageError::Database`] if `change` panics, and any [`StorageError`] that `change` returns.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnMut(&WriteTransaction) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        // Not queued, because it would wait until the database is reopened, and that takes longer the larger the file
        // is.
        if let Some(failure) = self.database.failure() {
            return Err(StorageError::System(failure));
        }
        let Ok(_place) = self.places.try_acquire() else {
            if let Some(suppressed) = self.full_warning.admit() {
                tracing::warn!(waiting = MAX_QUEUED_WRITES, suppressed, "write queue full; rejecting writes");
            }
            return Err(StoreError::Busy.into());
        };
        let _turn = self.turns.acquire().await;
        // The database may have failed since.
        if let Some(failure) = self.database.failure() {
            return Err(StorageError::System(failure));
        }
        let (reply, outcome) = oneshot::channel();
        let write = Queued { change, outcome: None, reply };
        match self.messages.try_send(Message::Write(Box::new(write))) {
            Ok(()) => outcome.await.unwrap_or_else(|_| Err(StorageError::Database("the writer panicked".into()))),
            // Writes of ended requests also stay in the queue until their turn.
            Err(TrySendError::Full(_)) => Err(StoreError::Busy.into()),
            Err(TrySendError::Disconnected(_)) => Err(StorageError::System("the writer has ended".into())),
        }
    }

    /// Makes the writer check whether the database must be reopened, after a read failed.
    pub fn check(&self) {
        if self.database.failure().is_none() {
            // A full queue contains writes, which detect the failure as well.
            let _ = self.messages.try_send(Message::Check);
        }
    }
}

/// Waits on drop until the writer has stopped, so that the file is closed and can be opened again. The wait has a
/// limit, so that the process can end even if the disk hangs.
struct Ended(Mutex<Receiver<()>>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(CLOSE_TIMEOUT);
    }
}

#[cfg(test)]
mod request_tests;
#[cfg(test)]
mod tests;
