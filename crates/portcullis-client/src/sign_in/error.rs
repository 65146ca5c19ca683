//! Why a sign-in failed, in words for the person.

use crate::id_token::IdTokenError;
use crate::later::SplitLoaderError;
use crate::provider_error::ProviderError;
use crate::return_to::ReturnTo;
use crate::storage::StorageError;
use crate::token_endpoint::TokenError;
use crate::whoami::WhoamiError;

/// Why a sign-in failed. It is displayed in words for the person.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignInError {
    /// The server has no `AUTH_CLIENT_ID`.
    #[error("Signing in is not set up on this server: it has no client id.")]
    NotConfigured,
    /// The discovery document has not been read yet.
    #[error("The identity provider cannot be reached at the moment. Load this page again in a little while.")]
    Unavailable,
    /// What the server found at `AUTH_ISSUER` is another issuer's discovery document, or none.
    #[error("Sign-in isn't set up correctly. If you run this app, run \"server doctor\".")]
    Misconfigured,
    /// The code of the sign-in could not be downloaded.
    #[error("A part of the site could not be downloaded. Check the connection, and load the page again.")]
    NotLoaded,
    /// The browser stores nothing for this site.
    #[error(
        "This browser does not let the site keep the sign-in. Allow cookies and site data for it, and sign in again."
    )]
    StorageForbidden,
    /// The browser's storage is full.
    #[error(
        "The browser's storage for this site is full, so the sign-in cannot be kept. Clear the site's data, and sign in again."
    )]
    StorageFull,
    /// No sign-in of this tab has this `state`.
    #[error("This sign-in link has expired or was opened in another tab. Try again.")]
    UnknownState,
    /// An error without `state`. Anyone may have sent it, so it has no effect.
    #[error("The identity provider's response doesn't belong to a sign-in, so it was ignored. It said {0}.")]
    Unattributed(ProviderError),
    /// There is a token in the URL.
    #[error("A token was handed over in the address of the page. That is not safe, so it was not used.")]
    TokenInUrl,
    /// The response names no issuer, although the provider promises one (RFC 9207 §2.4).
    #[error("The response doesn't name the identity provider that sent it, so it was ignored. Try again.")]
    NoIssuer,
    /// The response names another issuer (RFC 9207 §2.4).
    #[error("The answer came from another identity provider than the one that was asked.")]
    AnotherIssuer,
    /// The provider or the client of this app changed while the person was away.
    #[error("The sign-in settings of this app changed while you were signing in. Try again.")]
    SettingsChanged,
    /// The person or the provider denied access.
    #[error("You were not signed in: access was denied at the identity provider{}.", .0.as_ref().map(|why| format!(", which reported {why}")).unwrap_or_default())]
    Denied(Option<ProviderError>),
    /// Silent authentication failed: the provider needs the person.
    #[error("The identity provider needs you to sign in.")]
    NeedsPerson,
    /// The provider reported another error.
    #[error("The identity provider reported {0}.")]
    Provider(ProviderError),
    /// The response holds neither a code nor an error.
    #[error("The identity provider's answer holds no code to sign in with.")]
    NoCode,
    /// The code could not be exchanged.
    #[error("The sign-in could not be completed: {0}.")]
    Exchange(TokenError),
    /// The ID token is not valid.
    #[error("The sign-in was not accepted: {0}.")]
    IdToken(IdTokenError),
    /// Our server refuses the ID token, for this reason.
    #[error("The sign-in was not accepted: {0}.")]
    IdTokenRefused(String),
    /// `openid` was requested, and there is no ID token.
    #[error("The identity provider did not say who signed in.")]
    NoIdToken,
    /// Our server refuses the new access token.
    #[error(
        "This app's API does not accept the access tokens that your identity provider issues. Signing in again will not help. If you run this app: \"server doctor\" says which setting to change."
    )]
    NotAccepted,
    /// Our server could not check the tokens.
    #[error("The server could not check your sign-in. Try again in a moment.")]
    NotChecked,
}

impl From<SplitLoaderError> for SignInError {
    fn from(_: SplitLoaderError) -> Self {
        Self::NotLoaded
    }
}

impl From<StorageError> for SignInError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Forbidden => Self::StorageForbidden,
            StorageError::Full => Self::StorageFull,
        }
    }
}

impl From<TokenError> for SignInError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::IdToken(error) => Self::IdToken(error),
            TokenError::IdTokenRefused(why) => Self::IdTokenRefused(why),
            TokenError::Whoami(WhoamiError::NotAccepted) => Self::NotAccepted,
            TokenError::Whoami(WhoamiError::Unavailable { .. }) => Self::NotChecked,
            TokenError::NoIdToken => Self::NoIdToken,
            other => Self::Exchange(other),
        }
    }
}

/// The error of a sign-in, with the destination of the sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedSignIn {
    /// Why it failed.
    pub error: SignInError,
    /// Where the person was going, or the home page if that is unknown. A new sign-in should lead there.
    pub return_to: ReturnTo,
}
