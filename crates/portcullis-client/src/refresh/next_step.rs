//! What to do with a session next, by the times of its tokens.

use crate::tokens::Tokens;

/// How many seconds before the end of a session without a refresh token the person is warned.
const WARNING_TIME: u64 = 120;
/// A token that expires within this many seconds is not sent: it would expire in transit.
const MIN_USABLE_SECONDS: u64 = 5;

/// What to do with a session next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextStep {
    /// Nothing, for this many seconds.
    Wait(u64),
    /// Refresh it.
    Refresh,
    /// Warn the person that it ends in this many seconds: only a sign-in can extend it.
    Warn(u64),
    /// End it.
    End,
}

impl Tokens {
    /// Returns whether the access token can still be sent at `now`, in seconds since 1970.
    pub(crate) fn is_usable(&self, now: u64) -> bool {
        self.seconds_left(now) > MIN_USABLE_SECONDS
    }

    /// Returns what to do at `now` with the session of these tokens.
    pub(crate) fn next_step(&self, now: u64) -> NextStep {
        let left = self.seconds_left(now);
        if self.refresh_token.is_some() {
            return if now < self.refresh_at && left > 0 {
                NextStep::Wait((self.refresh_at - now).min(left))
            } else {
                NextStep::Refresh
            };
        }
        // A token with a short lifetime is not warned about before it would be refreshed.
        let warned_at = self.refresh_at.max(self.expires_at.saturating_sub(WARNING_TIME));
        match left {
            0 => NextStep::End,
            _ if now < warned_at => NextStep::Wait(warned_at - now),
            _ => NextStep::Warn(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::Principal;

    /// Issued at 1000, refreshed at 1675, expires at 1900.
    fn tokens(refresh_token: Option<&str>) -> Tokens {
        Tokens {
            refresh_token: refresh_token.map(Into::into),
            expires_at: 1900,
            refresh_at: 1675,
            ..Tokens::new("a", Principal::default())
        }
    }

    #[test]
    fn next_step_with_a_refresh_token_is_a_refresh() {
        let next = |now| tokens(Some("r")).next_step(now);
        assert_eq!(next(1000), NextStep::Wait(675));
        assert_eq!(next(1674), NextStep::Wait(1));
        assert_eq!(next(1675), NextStep::Refresh);
        assert_eq!(next(9999), NextStep::Refresh);
    }

    #[test]
    fn next_step_without_refresh_token_warns_and_then_ends() {
        let next = |now| tokens(None).next_step(now);
        assert_eq!(next(1000), NextStep::Wait(780));
        assert_eq!(next(1780), NextStep::Warn(120));
        assert_eq!(next(1899), NextStep::Warn(1));
        assert_eq!(next(1900), NextStep::End);
    }

    #[test]
    fn token_about_to_expire_is_not_usable() {
        assert!(tokens(None).is_usable(1894));
        assert!(!tokens(None).is_usable(1895));
    }
}
