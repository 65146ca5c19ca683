//! The measurements of `cargo xtask bench`: the token check in process, and the release server over loopback.
//!
//! | module | content |
//! |---|---|
//! | [`fixture`] | verifiers, valid tokens, and one rejected token of each kind |
//! | [`paired`] | compares the costs of several variants, measured in turns |
//! | [`verification`] | compares token verification with the bare signature check |
//! | [`unguarded`] | the handlers of the server without the gate, for comparison |
//! | [`process`] | a server in its own process: its address, memory and processor time |
//! | [`load`] | a bounded load over open connections |
//! | [`comparison`] | compares the guarded server with the unguarded one |
//! | [`table`] | Markdown tables |

#![recursion_limit = "256"] // As in the server: its router is one deep type.

pub mod comparison;
pub mod fixture;
pub mod load;
pub mod paired;
pub mod process;
pub mod table;
pub mod unguarded;
pub mod verification;
