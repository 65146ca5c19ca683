//! The kinds of fields that come with the framework.

mod date;
pub mod money;
mod number;
mod text;

pub use date::Date;
pub use money::Money;
pub use number::{Checkbox, Integer};
pub use text::{LongText, Text};
