//! Asks our server who the caller of an access token is, and whether the ID token that came with it is genuine.
//!
//! What a page shows as allowed or owned is what the API would decide, so the API is asked: providers put subject and
//! scopes into access tokens in their own ways, and access tokens are not for clients to read
//! (docs/decisions/0016-the-api-decides-what-the-page-shows.md).

use oauth2::url::form_urlencoded::Serializer;
use portcullis::AppError;
use portcullis::sign_in::{IdTokenCheck, Identity};

use crate::fetch::{self, Answer, Ask};
use crate::identity;

/// Why the server has not said who the caller is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WhoamiError {
    /// The server refuses the access token.
    #[error("this API does not accept the access token")]
    NotAccepted,
    /// The server could not be reached, or could not check the token now.
    #[error("the server could not check the sign-in")]
    Unavailable {
        /// After how many seconds it wants to be asked again, if it said so.
        retry_after: Option<u64>,
    },
}

/// Who the caller is, and the ID token if it is genuine.
pub struct Whoami {
    /// What the server said.
    pub identity: Identity,
    /// Why the ID token must not be believed.
    pub refused_id_token: Option<String>,
}

/// Asks with `access_token` about it and `id_token`, which must repeat `nonce` if that is given. Waits for an answer for
/// `patience` milliseconds.
///
/// # Errors
/// Why there is no answer.
pub async fn ask(
    access_token: &str,
    id_token: Option<&str>,
    nonce: Option<&str>,
    patience: u32,
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
    let (url, body) = (identity::IDENTIFY.path(), form.finish());
    let ask =
        Ask { url, method: "POST", headers: &headers, body: Some(&body), patience: Some(patience), ..Ask::default() };
    let unavailable = |retry_after| WhoamiError::Unavailable { retry_after };
    let Answer { status, body, retry_after, .. } = fetch::send(ask).await.map_err(|_| unavailable(None))?;
    match status {
        200 => {
            let identity: Identity = serde_json::from_str(&body).map_err(|_| unavailable(None))?;
            let refused_id_token = match &identity.id_token {
                IdTokenCheck::Refused(why) => Some(why.clone()),
                IdTokenCheck::NotSent if id_token.is_some() => Some("the server did not check it".into()),
                IdTokenCheck::Verified | IdTokenCheck::NotSent => None,
            };
            Ok(Whoami { identity, refused_id_token })
        }
        // One that is too long for a header, or cannot stand in one, is refused without a body.
        400 | 431 if body.is_empty() => Err(WhoamiError::NotAccepted),
        400 | 401 | 403 | 431 if serde_json::from_str::<AppError>(&body).is_ok() => Err(WhoamiError::NotAccepted),
        // Ours has another body: it is the answer of something on the way, and says nothing of the token.
        _ => Err(unavailable(retry_after)),
    }
}
