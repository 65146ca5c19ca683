//! Icons beside text. They repeat what the text says.

use leptos::prelude::*;

/// A line icon in the color and size of the text beside it. Screen readers skip it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    /// Success.
    Check,
    /// Failure, or a button that closes something.
    Cross,
    /// Something opens below.
    Down,
    /// Not allowed.
    Lock,
    /// An empty list.
    Box,
    /// An error.
    Alert,
}

impl Icon {
    /// Draws the icon.
    #[must_use]
    pub fn draw(self) -> AnyView {
        let path = match self {
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::Cross => "m6 6 12 12M18 6 6 18",
            Self::Down => "m7 10 5 5 5-5",
            Self::Lock => "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13z",
            Self::Box => "m4 8 8-4 8 4v8l-8 4-8-4zm0 0 8 4 8-4m-8 4v8",
            Self::Alert => "M12 8v5m0 3.2v.1M12 3.5 2.8 20h18.4z",
        };
        view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=path></path></svg> }.into_any()
    }
}
