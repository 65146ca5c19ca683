//! What a person is told about their session, without leaving the page.

/// What a person is told about their session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The session ends soon, and only a sign-in can extend it.
    EndsSoon,
    /// The session has ended.
    Ended,
    /// The session has ended: a refresh returned something that does not belong to it, such as another person's tokens.
    Mismatch,
    /// The access token has expired, and the provider can't be reached.
    Unreachable,
    /// The access token has expired, and this page can't refresh it: a new release has removed its code, or the page
    /// was loaded before the provider was known.
    Outdated,
    /// The access token has expired, and there is no network.
    Offline,
    /// The session is in this tab only: the browser's storage is full or forbidden.
    NotPersisted,
    /// The session was ended here and at the provider.
    SignedOut,
    /// The session was ended here and at the provider, which did not confirm that the refresh token is revoked.
    SignedOutTokenNotRevoked,
    /// The session was ended here. The provider can't end its own.
    SignedOutLocally,
    /// The session was ended here. The provider's response was not the expected one.
    SignedOutUnconfirmed,
}

impl Notice {
    /// Returns whether a sign-in helps.
    #[must_use]
    pub fn needs_sign_in(self) -> bool {
        matches!(self, Self::EndsSoon | Self::Ended | Self::Mismatch)
    }

    /// Returns whether the session is over, although its page is still shown.
    #[must_use]
    pub fn is_session_over(self) -> bool {
        matches!(self, Self::Ended | Self::Mismatch)
    }

    /// Returns whether the session waits for a refresh.
    #[must_use]
    pub fn is_refresh_pending(self) -> bool {
        matches!(self, Self::Unreachable | Self::Outdated | Self::Offline)
    }

    /// Returns whether the notice is about tokens that a sign-in replaces.
    pub(crate) fn is_about_tokens(self) -> bool {
        self.needs_sign_in() || self.is_refresh_pending()
    }
}
