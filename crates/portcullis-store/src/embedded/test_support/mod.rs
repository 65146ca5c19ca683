//! Support for the tests of the embedded database.

pub mod disk;
pub mod fixture;
