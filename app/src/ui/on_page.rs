//! Whether a part of a page is still there, for what outlives it: a task, a listener.
//!
//! Its signals do not tell. An event handler holds the owner of its component, and the browser keeps handlers of elements
//! that are gone until it collects its garbage.

use leptos::html;
use leptos::prelude::*;

/// A `<div>` that stands for a part of the page.
#[derive(Clone, Copy)]
pub struct OnPage(NodeRef<html::Div>);

impl OnPage {
    /// Not there yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a signal is made, and nothing about it is a default")]
    pub fn new() -> Self {
        Self(NodeRef::new())
    }

    /// What the `<div>` takes as its `node_ref`.
    #[must_use]
    pub fn node(self) -> NodeRef<html::Div> {
        self.0
    }

    /// Whether it is on the page now.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.0.try_get_untracked().flatten().is_some_and(|element| element.is_connected())
    }
}
