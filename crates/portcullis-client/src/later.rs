//! Code that the browser downloads when it is called, and not with the first page.

pub use wasm_split_helpers::SplitLoaderError;

/// The runtime that [`later!`](crate::later) calls. Not part of the public API.
#[doc(hidden)]
pub use wasm_split_helpers as runtime;

/// Splits a function off the client.
///
/// `later! { part: fn … }` becomes an `async fn`. Its code, and the code that only it uses, goes into the file of
/// `part`. Functions of the same part share a file, even from different crates. If the file can't be downloaded, the
/// function returns its error, which must be `From<SplitLoaderError>`. Without `cargo leptos build --split` nothing is
/// split off.
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
///     let text = report(2026).await.unwrap_or_else(|_| "Check your connection.".to_owned());
///     println!("{text}");
/// }
/// ```
#[macro_export]
macro_rules! later {
    ($part:ident: $(#[$meta:meta])* $vis:vis fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty { $($body:tt)* }) => {
        $crate::__later! { $part: $(#[$meta])* $vis fn $name($($argument: $type),*) -> $output { $($body)* } }
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
    ($part:ident: $(#[$meta:meta])* $vis:vis fn $($function:tt)*) => {
        $(#[$meta])*
        $vis async fn $($function)*
    };
}
