//! Asks our server who the caller of an access token is, and whether the ID token of the same sign-in is genuine.
//!
//! What a page shows as permitted or owned must be what the API decides, so the client asks the API. Providers put
//! subject and scopes into access tokens in different ways, and access tokens are not for clients to read
//! (docs/decisions/0016-the-api-decides-what-the-page-shows.md).

use oauth2::url::form_urlencoded::Serializer;
use portcullis::AppError;
use portcullis::sign_in::{IdTokenCheck, Identity};

use crate::fetch::{self, Request, Response};
use crate::identity;

/// Why the server did not say who the caller is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WhoamiError {
    /// The server refuses the access token.
    #[error("this API does not accept the access token")]
    NotAccepted,
    /// The server could not be reached, or could not check the token.
    #[error("the server could not check the sign-in")]
    Unavailable {
        /// The header `Retry-After` in seconds.
        retry_after: Option<u64>,
    },
}

/// What the server says about tokens.
pub struct Whoami {
    /// Who the caller is.
    pub identity: Identity,
    /// Why the ID token must not be used, if it must not.
    pub id_token_refusal: Option<String>,
}

/// Asks about `access_token` and `id_token`, which must repeat `nonce` if that is given. Waits for a response no longer
/// than `timeout`, in milliseconds.
///
/// # Errors
/// [`WhoamiError`] if the server does not say who the caller is.
pub async fn ask(
    access_token: &str,
    id_token: Option<&str>,
    nonce: Option<&str>,
    timeout: u32,
) -> Result<Whoami, WhoamiError> {
    let mut form = Serializer::new(String::new());
    for (name, value) in [("id_token", id_token), ("nonce", nonce)] {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    let bearer = format!("Bearer {access_token}");
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let body = form.finish();
    let request = Request {
        url: identity::IDENTIFY.path(),
        method: "POST",
        headers: &headers,
        body: Some(&body),
        timeout: Some(timeout),
        ..Request::default()
    };
    let unavailable = |retry_after| WhoamiError::Unavailable { retry_after };
    let Response { status, body, retry_after, .. } = fetch::send(request).await.map_err(|_| unavailable(None))?;
    match status {
        200 => {
            let identity: Identity = serde_json::from_str(&body).map_err(|_| unavailable(None))?;
            let id_token_refusal = match &identity.id_token {
                IdTokenCheck::Refused(why) => Some(why.clone()),
                IdTokenCheck::NotSent if id_token.is_some() => Some("the server did not check it".into()),
                IdTokenCheck::Verified | IdTokenCheck::NotSent => None,
            };
            Ok(Whoami { identity, id_token_refusal })
        }
        // A token that is too long for a header, or can't be part of one, is refused without a body.
        400 | 431 if body.is_empty() => Err(WhoamiError::NotAccepted),
        400 | 401 | 403 | 431 if serde_json::from_str::<AppError>(&body).is_ok() => Err(WhoamiError::NotAccepted),
        // The body is not our server's: a proxy answered, which says nothing about the token.
        _ => Err(unavailable(retry_after)),
    }
}
