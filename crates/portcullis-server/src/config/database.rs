//! `DATABASE_URL`: the database for records. It may contain a password, so it is never logged or shown.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use super::variable::ConfigError;

/// The database for records.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// `mongodb://` or `mongodb+srv://`, with its credentials.
    Mongo(String),
    /// `redb:PATH`.
    Embedded(PathBuf),
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mongo(_) => f.write_str("Mongo(redacted)"),
            Self::Embedded(path) => f.debug_tuple("Embedded").field(path).finish(),
        }
    }
}

/// Reads `url`. With the development provider (`lets_everyone_in`) it must not be a shared database, because anyone can
/// sign in.
pub(super) fn read(url: String, lets_everyone_in: bool) -> Result<DatabaseUrl, ConfigError> {
    let secret = |expected: &str| Err(ConfigError::secret("DATABASE_URL", expected));
    match url.strip_prefix("redb:") {
        Some(path) if !path.is_empty() => Ok(DatabaseUrl::Embedded(path.into())),
        None if url.starts_with("mongodb://") || url.starts_with("mongodb+srv://") => {
            if lets_everyone_in && !is_on_this_machine(&url) {
                // Without escaping, a part of the password may look like the host.
                if has_unescaped_credentials(&url) {
                    return secret(ESCAPED_CREDENTIALS);
                }
                return secret(
                    "expected a database on this machine while the development provider lets everyone in; set AUTH_ISSUER to use a real one",
                );
            }
            Ok(DatabaseUrl::Mongo(url))
        }
        _ => secret("expected mongodb://HOST/DATABASE, mongodb+srv://HOST/DATABASE or redb:PATH"),
    }
}

/// Returns whether every host of `url` is this machine. If that is unclear, returns false.
fn is_on_this_machine(url: &str) -> bool {
    // DNS returns the hosts of mongodb+srv://.
    let Some(rest) = url.strip_prefix("mongodb://") else { return false };
    // An unescaped password may contain any of these characters, and then the parsed hosts are wrong.
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    hosts.split(',').all(is_this_machine)
}

fn is_this_machine(host: &str) -> bool {
    // A percent-encoded path of a Unix socket.
    if host.to_ascii_lowercase().starts_with("%2f") {
        return true;
    }
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// The expected value of `DATABASE_URL` if it [`has_unescaped_credentials`].
pub const ESCAPED_CREDENTIALS: &str =
    "expected the characters : / ? # [ ] @ and % of user and password percent-encoded in it, such as @ as %40";

/// Returns whether the part before the host of `uri` contains a character that must be percent-encoded there.
#[must_use]
pub fn has_unescaped_credentials(uri: &str) -> bool {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    let Some((credentials, _)) = rest.rsplit_once('@') else { return false };
    let is_hex = |part: &str| part.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    credentials.contains(['/', '?', '#', '[', ']', '@'])
        || credentials.matches(':').count() > 1
        || credentials.split('%').skip(1).any(|after| !is_hex(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_database_needs_a_real_issuer() {
        for local in [
            "mongodb://localhost/portcullis",
            "mongodb://ada:hunter2@127.0.0.1:27017/portcullis?replicaSet=rs",
            "mongodb://localhost:27017,127.0.0.2:27018,[::1]:27019/portcullis",
            "mongodb://%2Ftmp%2Fmongodb-27017.sock/portcullis",
        ] {
            assert!(read(local.into(), true).is_ok(), "{local}");
        }
        for remote in [
            "mongodb://db.example/portcullis",
            "mongodb://mongo/portcullis",
            "mongodb://10.0.0.7:27017/portcullis",
            "mongodb://localhost,db.example/portcullis",
            "mongodb://localhost@db.example/portcullis",
            "mongodb://localhost.db.example/portcullis",
            "mongodb+srv://localhost/portcullis",
        ] {
            let line = read(remote.into(), true).expect_err(remote).to_string();
            assert!(line.starts_with("DATABASE_URL is set (not shown): expected a database on this machine"), "{line}");
            assert!(line.contains("AUTH_ISSUER") && !line.contains("example"), "{line}");
            assert!(read(remote.into(), false).is_ok(), "with AUTH_ISSUER: {remote}");
        }
    }

    #[test]
    fn unescaped_password_is_named_before_the_host_is_judged() {
        for host in ["localhost", "db.example"] {
            let url = format!("mongodb://ada:hun/ter@{host}/portcullis");
            let line = read(url, true).expect_err(host).to_string();
            assert!(line.contains("percent-encoded") && !line.contains("hun"), "{line}");
        }
    }
}
