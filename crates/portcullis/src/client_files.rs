//! The location of the built client's files.

/// The location of the client's files. The server passes it to the shell of every page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientFiles {
    /// The prefix of the URL path of each file, without a trailing slash.
    pub root: String,
    /// The script that loads the parts of a split client, or `None` if the client is not split.
    pub splitter: Option<&'static str>,
}
