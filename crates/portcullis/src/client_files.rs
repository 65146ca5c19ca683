//! Where a page finds the files of the built client.

/// The files of the client that the server serves. The server gives it to the shell of every page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientFiles {
    /// The prefix of the address of each file: a path without a trailing slash.
    pub root: String,
    /// The script that loads the parts of a split client; none if the client is not split.
    pub splitter: Option<&'static str>,
}
