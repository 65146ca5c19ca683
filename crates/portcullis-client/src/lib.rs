//! The browser session of a Portcullis app.

pub mod later;

pub use later::SplitLoaderError;
