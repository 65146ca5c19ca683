//! Why a sign-in did not succeed, in words for the person.

use crate::SplitLoaderError;

use crate::id_token::IdTokenFault;
use crate::provider_error::ProviderError;
use crate::return_to::ReturnTo;
use crate::storage::StorageFault;

/// Why a sign-in did not succeed, in words for the person.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignInFault {
    /// The server has no `AUTH_CLIENT_ID`.
    #[error("Signing in is not set up on this server: it has no client id.")]
    NotConfigured,
    /// The discovery document has not been read yet.
    #[error("The identity provider cannot be reached at the moment. Load this page again in a little while.")]
    Unavailable,
    /// The provider's discovery document is of another issuer, or is none.
    #[error("Sign-in isn't set up correctly. If you run this app, run \"server doctor\".")]
    Misconfigured,
    /// The code that signs in could not be downloaded.
    #[error("A part of the site could not be downloaded. Check the connection, and load the page again.")]
    NotLoaded,
    /// The browser keeps nothing for this site.
    #[error(
        "This browser does not let the site keep the sign-in. Allow cookies and site data for it, and sign in again."
    )]
    StorageForbidden,
    /// There is no room in the browser's storage.
    #[error(
        "The browser's storage for this site is full, so the sign-in cannot be kept. Clear the site's data, and sign in again."
    )]
    StorageFull,
    /// No sign-in of this tab was begun with this state.
    #[error("This sign-in link has expired or was opened in another tab. Try again.")]
    UnknownState,
    /// An error that names no sign-in. Nothing was done with it, and nobody is known to have sent it.
    #[error("The identity provider's response doesn't belong to a sign-in, so it was ignored. It said {0}.")]
    Unattributed(ProviderError),
    /// A token in the address.
    #[error("A token was handed over in the address of the page. That is not safe, so it was not used.")]
    TokenInAddress,
    /// The answer names no issuer where one is promised (RFC 9207 §2.4).
    #[error("The response doesn't name the identity provider that sent it, so it was ignored. Try again.")]
    NoIssuer,
    /// The answer names another issuer (RFC 9207 §2.4).
    #[error("The answer came from another identity provider than the one that was asked.")]
    AnotherIssuer,
    /// The operator has changed the provider or the client while the person was away.
    #[error("The sign-in settings of this app changed while you were signing in. Try again.")]
    SettingsChanged,
    /// The person said no, or the provider did.
    #[error("You were not signed in: access was denied at the identity provider{}.", .0.as_ref().map(|why| format!(", which reported {why}")).unwrap_or_default())]
    Denied(Option<ProviderError>),
    /// The provider was to show nothing, and cannot go on without the person.
    #[error("The identity provider needs you to sign in.")]
    NeedsPerson,
    /// Any other error of the provider, with its own words.
    #[error("The identity provider reported {0}.")]
    Provider(ProviderError),
    /// Neither a code nor an error.
    #[error("The identity provider's answer holds no code to sign in with.")]
    NoCode,
    /// The code was not exchanged.
    #[error("The sign-in could not be completed: {0}.")]
    Exchange(String),
    /// The ID token was not accepted.
    #[error("The sign-in was not accepted: {0}.")]
    IdToken(IdTokenFault),
    /// Our server does not believe the ID token.
    #[error("The sign-in was not accepted: {0}.")]
    IdTokenRefused(String),
    /// `openid` was asked for and no ID token came.
    #[error("The identity provider did not say who signed in.")]
    NoIdToken,
    /// Our server refuses the access token that the provider has just issued.
    #[error(
        "This app's API does not accept the access tokens that your identity provider issues. Signing in again will not help. If you run this app: \"server doctor\" says which setting to change."
    )]
    NotAccepted,
    /// Our server could not check the sign-in.
    #[error("The server could not check your sign-in. Try again in a moment.")]
    NotChecked,
}

impl From<SplitLoaderError> for SignInFault {
    fn from(_: SplitLoaderError) -> Self {
        Self::NotLoaded
    }
}

impl From<StorageFault> for SignInFault {
    fn from(fault: StorageFault) -> Self {
        match fault {
            StorageFault::Forbidden => Self::StorageForbidden,
            StorageFault::Full => Self::StorageFull,
        }
    }
}

/// A sign-in that has failed, and where the person was going: trying again leads there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failed {
    /// Why.
    pub fault: SignInFault,
    /// Where to, home if it is not known.
    pub return_to: ReturnTo,
}
