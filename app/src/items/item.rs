//! An item as it is stored.

use portcullis::record::{Page, Stored};

use super::draft::ItemDraft;

/// An item as it is stored. Only the name is always present.
pub type Item = Stored<ItemDraft>;

/// A page of items.
pub type ItemPage = Page<ItemDraft>;
