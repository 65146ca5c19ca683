//! Whether a part of a page is still on it, for tasks and listeners that outlive the part.
//!
//! Its signals do not tell: an event handler holds the owner of its component, and the browser keeps the handlers of removed
//! elements until it collects garbage.

use leptos::html;
use leptos::prelude::*;

/// A `<div>` around a part of the page.
#[derive(Clone, Copy)]
pub struct OnPage(NodeRef<html::Div>);

impl OnPage {
    /// Returns one that is not on the page yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a signal is made, and nothing about it is a default")]
    pub fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Returns the `node_ref` of the `<div>`.
    #[must_use]
    pub fn node(self) -> NodeRef<html::Div> {
        self.0
    }

    /// Returns whether it is on the page now.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.0.try_get_untracked().flatten().is_some_and(|element| element.is_connected())
    }
}
