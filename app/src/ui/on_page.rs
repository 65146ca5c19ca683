//! Tells tasks and listeners whether their part of the page is still in the document.
//!
//! The signals of a component do not show this: an event handler holds the owner of its component, and the browser
//! keeps the handlers of removed elements until it collects garbage.

use leptos::html;
use leptos::prelude::*;

/// A `<div>` around a part of the page.
#[derive(Clone, Copy)]
pub struct OnPage(NodeRef<html::Div>);

impl OnPage {
    /// Creates one that is not in the document yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it creates a signal, which is not a default value")]
    pub fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Returns the `node_ref` for the `<div>`.
    #[must_use]
    pub fn node(self) -> NodeRef<html::Div> {
        self.0
    }

    /// Returns whether it is in the document now.
    #[must_use]
    pub fn is_connected(self) -> bool {
        self.0.try_get_untracked().flatten().is_some_and(|element| element.is_connected())
    }
}
