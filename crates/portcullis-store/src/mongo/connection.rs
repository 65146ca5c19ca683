//! The connection string, with defaults for options that it does not set.

use std::time::Duration;

use mongodb::error::ErrorKind;
use mongodb::options::{Acknowledgment, ClientOptions};
use portcullis_server::config::{ConfigError, ESCAPED_CREDENTIALS, has_unescaped_credentials};

/// How long the driver looks for a server before the store counts as unavailable.
const SELECTION_LIMIT: Duration = Duration::from_secs(3);

/// Returns the options of `uri`.
///
/// # Errors
/// [`ConfigError`] if it is not a connection string, or requests unacknowledged writes.
pub async fn options(uri: &str) -> Result<ClientOptions, ConfigError> {
    let wrong = |expected: &str| ConfigError::secret("DATABASE_URL", expected);
    let mut options = ClientOptions::parse(uri).await.map_err(|error| match *error.kind {
        ErrorKind::DnsResolve { .. } => wrong("expected a mongodb+srv host whose records can be resolved now"),
        _ if has_unescaped_credentials(uri) => wrong(ESCAPED_CREDENTIALS),
        _ => wrong("expected a MongoDB connection string, for example mongodb://localhost/portcullis"),
    })?;
    options.app_name.get_or_insert_with(|| "portcullis".into());
    options.server_selection_timeout.get_or_insert(SELECTION_LIMIT);
    options.connect_timeout.get_or_insert(SELECTION_LIMIT);
    // Acknowledged writes must not be lost, so they must be on the disks of most members. A server's default may be
    // weaker, and differs between versions and products.
    let concern = options.write_concern.get_or_insert_default();
    concern.w.get_or_insert(Acknowledgment::Majority);
    if concern.w == Some(Acknowledgment::Nodes(0)) {
        return Err(wrong("expected writes that are acknowledged, so not w=0"));
    }
    concern.journal.get_or_insert(true);
    Ok(options)
}
