//! The server's side of the shared crate: the ports that server functions call.

pub mod items;
