//! The measurements of `cargo xtask bench`: the token check in process, and the release server over loopback.
//!
//! | module | duty |
//! |---|---|
//! | [`fixture`] | verifiers that know these keys; good tokens, and one for each kind of refusal |
//! | [`paired`] | what one thing costs beside another, with both measured in turns |
//! | [`verification`] | the token check beside the bare signature check |
//! | [`unguarded`] | the handlers of the server without the gate, for comparison |
//! | [`process`] | a server in a process of its own: its address, its memory, its processor time |
//! | [`load`] | a bounded load over kept connections |
//! | [`comparison`] | the guarded server beside the unguarded one |
//! | [`table`] | figures in Markdown |

#![recursion_limit = "256"] // As in the server: its router is one deep type.

pub mod comparison;
pub mod fixture;
pub mod load;
pub mod paired;
pub mod process;
pub mod table;
pub mod unguarded;
pub mod verification;
