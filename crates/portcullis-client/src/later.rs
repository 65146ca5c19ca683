//! Code that the browser downloads when it is called, and not with the first page.

pub use wasm_split_helpers::SplitLoaderError;

/// The runtime that [`later!`](crate::later) calls. Not part of the public API.
#[doc(hidden)]
pub use wasm_split_helpers as runtime;

/// Splits a function off the client.
///
/// `later! { part: fn … }` becomes an `async fn`. Its code, and what only it needs, is in the file of `part`. Functions of
/// the same part share a file, even from different crates. If the file can't be downloaded, the function returns that as
/// its error, which must be `From<SplitLoaderError>`. Without `cargo leptos build --split` nothing is split off.
///
/// ```
/// use portcullis_client::{SplitLoaderError, later};
///
/// later! { reports:
///     /// Draws the report of a year.
///     fn report(year: u32) -> Result<String, SplitLoaderError> {
///         Ok(format!("Report of {year}"))
///     }
/// }
///
/// async fn show() {
///     let shown = report(2026).await.unwrap_or_else(|_| "Check your connection.".to_owned());
///     println!("{shown}");
/// }
/// ```
#[macro_export]
macro_rules! later {
    ($part:ident: $(#[$about:meta])* $shown:vis fn $name:ident($($given:ident: $kind:ty),*) -> $answer:ty { $($body:tt)* }) => {
        $crate::__later! { $part: $(#[$about])* $shown fn $name($($given: $kind),*) -> $answer { $($body)* } }
    };
}

#[cfg(split)]
#[doc(hidden)]
#[macro_export]
macro_rules! __later {
    ($part:ident: $($function:tt)*) => {
        #[$crate::later::runtime::wasm_split($part, fallible, wasm_split_path = $crate::later::runtime)]
        $($function)*
    };
}

#[cfg(not(split))]
#[doc(hidden)]
#[macro_export]
macro_rules! __later {
    ($part:ident: $(#[$about:meta])* $shown:vis fn $($function:tt)*) => {
        $(#[$about])*
        $shown async fn $($function)*
    };
}
