//! The limit of open files and sockets: as high as the system allows, with some reserved for other uses than
//! connections.

use std::io;

/// The number of descriptors reserved for the store, the provider, files and other uses.
const RESERVED_DESCRIPTORS: u64 = 256;
/// The minimum number of connections, however low the limit of the system is.
const MIN_CONNECTIONS: usize = 16;

/// Raises the soft limit of open files to the hard limit. Returns the new limit, or `None` if it is unknown.
#[must_use]
pub fn raise_limit() -> Option<u64> {
    effective_limit(rlimit::increase_nofile_limit(u64::MAX), || rlimit::Resource::NOFILE.get_soft())
}

/// Returns the `raised` limit, or the `current` one if it cannot be raised.
fn effective_limit(raised: io::Result<u64>, current: impl FnOnce() -> io::Result<u64>) -> Option<u64> {
    raised
        .or_else(|error| {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            current()
        })
        .ok()
}

/// Returns the number of connections that fit into `limit`, at most `wanted`.
#[must_use]
pub fn connections_that_fit(limit: Option<u64>, wanted: usize) -> usize {
    let Some(limit) = limit else { return wanted };
    let room = usize::try_from(limit.saturating_sub(RESERVED_DESCRIPTORS)).unwrap_or(usize::MAX);
    let fitting = wanted.min(room.max(MIN_CONNECTIONS));
    if fitting < wanted {
        tracing::warn!(
            open_files = limit,
            max_connections = fitting,
            "MAX_CONNECTIONS does not fit into the limit of open files (ulimit -n)"
        );
    }
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_files() {
        for (limit, wanted, expected) in [
            (1024, 12_000, 768),
            (20_000, 12_000, 12_000),
            (20_000, 30_000, 19_744),
            (64, 12_000, 16),
            (64, 2, 2),
            (u64::MAX, 1_000_000, 1_000_000),
        ] {
            assert_eq!(connections_that_fit(Some(limit), wanted), expected, "{limit} {wanted}");
        }
    }

    #[test]
    fn limit_that_cannot_be_raised_still_counts() {
        let refused = || Err(io::ErrorKind::PermissionDenied.into());
        assert_eq!(effective_limit(refused(), || Ok(1024)), Some(1024));
        assert_eq!(effective_limit(refused(), refused), None);
        assert_eq!(effective_limit(Ok(4096), || Ok(1024)), Some(4096));
    }

    #[test]
    fn soft_limit_is_raised_to_the_hard_one() {
        let raised = raise_limit();
        let (soft, hard) = rlimit::Resource::NOFILE.get().expect("a limit");
        assert_eq!((soft, raised), (hard, Some(hard)));
    }
}
