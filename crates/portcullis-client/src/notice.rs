//! What a person is told of their session, over the page that they are on and without taking it away.

/// What a person is told of their session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// It ends soon, and only a sign-in can renew it.
    EndsSoon,
    /// It has ended.
    Ended,
    /// It has ended: a renewal brought what is not this session's, such as the tokens of another person.
    Unfit,
    /// It has run out and waits for the provider.
    Unreachable,
    /// It has run out, and this page cannot renew it as it is: a part of it is gone with its release, or it was loaded
    /// before the provider was known.
    Outdated,
    /// It has run out and waits for the network.
    Offline,
    /// It lives in this tab alone: the browser's storage is full or forbidden.
    NotKept,
    /// It was ended here and at the provider.
    SignedOut,
    /// It was ended here and at the provider, which has not confirmed that the refresh token is revoked.
    SignedOutTokenRemains,
    /// It was ended here; the provider has no end of sessions.
    SignedOutHere,
    /// It was ended here; the provider's answer is not the one that was waited for.
    SignedOutPerhaps,
}

impl Notice {
    /// Whether a sign-in is what helps.
    #[must_use]
    pub fn asks_to_sign_in(self) -> bool {
        matches!(self, Self::EndsSoon | Self::Ended | Self::Unfit)
    }

    /// Whether the session is over, though its page still stands.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Unfit)
    }

    /// Whether the session waits to be renewed.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::Unreachable | Self::Outdated | Self::Offline)
    }

    /// Whether it was about the tokens that new ones replace.
    pub(crate) fn ends_with_new_tokens(self) -> bool {
        self.asks_to_sign_in() || self.waits()
    }
}
