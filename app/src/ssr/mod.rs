//! The server's side of the shared crate: the gate and the ports that server functions call.

pub mod database;
pub mod identity;
pub mod permit;
mod respond;
pub mod store;
pub mod throttle;

pub use respond::RETRY_AFTER_SECONDS;
