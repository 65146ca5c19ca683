//! Lists, forms and deletions of records, without markup: drafts, merges, lost responses. The code knows a record only
//! by its fields and its server functions.
//!
//! | file | subject |
//! |---|---|
//! | `record_type` | a kind of record without its Rust type: what the pages of all resources work with |
//! | `values` | the fields of a record as JSON |
//! | `field`, `kinds` | the fields of a form: the conversion between values and texts |
//! | `merge`, `conflict` | two changes of one record |
//! | `form`, `content` | the state of a form, and how it is stored as a draft |
//! | `saving`, `creation` | saving with merges; repeatable creations |
//! | `deletes` | optimistic deletes, and how they are undone |
//! | `title` | the title of a record |
//!
//! A resource says which fields its form has and which server functions it calls. A field of another type than its kind
//! reads does not compile:
//!
//! ```compile_fail,E0277
//! # use portcullis_client::{fields, records::{Checkbox, Field}};
//! struct Note { title: String }
//! const FIELDS: &[Field] = fields![Note { title: Checkbox("Title") }];
//! ```
//!
//! ```
//! # use portcullis_client::{fields, records::{Checkbox, Field, Text}};
//! struct Note { title: String, is_done: bool }
//! const FIELDS: &[Field] = fields![Note { title: Text("Title").required(), is_done: Checkbox("Done") }];
//! ```

mod conflict;
mod content;
mod creation;
mod deletes;
mod field;
mod form;
mod kinds;
mod merge;
mod record_type;
mod saving;
#[cfg(test)]
mod test_record;
mod title;
mod values;

pub use conflict::{Choice, Conflict, Side};
pub use content::{Attempt, Base, FormContent};
pub use creation::creation_key;
pub use deletes::{DeleteOutcome, OptimisticDeletes};
pub use field::{Control, Field, Holds, Input, Kind, ReadTexts, is_optional};
pub use form::FormState;
pub use kinds::{Checkbox, Date, Integer, LongText, Money, Text, money};
pub use merge::{Merge, labels, merge};
pub use record_type::{Call, Calls, Definition, RecordPage, RecordType};
pub use saving::{SaveOutcome, save};
pub use title::title;
pub use values::{StoredRecord, Values, erase};
