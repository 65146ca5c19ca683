//! The kinds of fields that come with the framework.

mod date;
pub mod money;
mod number;
mod price;
mod text;

pub use date::Date;
pub use number::{Checkbox, Integer};
pub use price::Money;
pub use text::{LongText, Text};
