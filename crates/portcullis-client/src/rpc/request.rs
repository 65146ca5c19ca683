//! The request of a server function call, which can be sent again.

use std::time::Duration;

use portcullis::{AppError, Code};

use crate::clock;
use crate::fetch::{self, FetchError, Request, Response, server_delay};
use crate::session::Session;
use crate::time::sleep;

/// The request of a server function call.
pub struct RpcRequest<'a> {
    /// The path of the function.
    pub path: &'a str,
    /// The arguments as `application/x-www-form-urlencoded`.
    pub form: &'a str,
}

/// Why there is no result.
#[derive(Debug)]
struct RpcError {
    error: AppError,
    /// The header `Retry-After` in seconds.
    retry_after: Option<u64>,
}

impl From<FetchError> for RpcError {
    fn from(error: FetchError) -> Self {
        let error = match error {
            FetchError::Unreadable => AppError::from_proxy_status(200),
            FetchError::AnotherPerson => AppError::another_person(),
            FetchError::Unreachable
            | FetchError::TimedOut
            | FetchError::IncompleteBody { .. }
            | FetchError::Busy { .. } => AppError::unreachable(),
        };
        Self { error, retry_after: None }
    }
}

impl RpcError {
    /// Reads the error in `response`. Without one, the response is not our server's: a proxy answered.
    fn from_response(response: &Response) -> Self {
        let error = serde_json::from_str(&response.body);
        let error = error.unwrap_or_else(|_| AppError::from_proxy_status(response.status));
        Self { error, retry_after: response.retry_after }
    }

    /// Returns whether the server refused the token itself, and not its permissions.
    fn is_token_refused(&self) -> bool {
        self.error.status == 401 && self.error.code == Code::InvalidToken
    }

    /// Returns how long to wait if the server can't check the token yet.
    fn key_delay(&self) -> Option<Duration> {
        let is_pending = self.error.code == Code::KeyNotYetKnown;
        self.retry_after.filter(|_| is_pending).map(|seconds| server_delay(Some(seconds)))
    }
}

impl RpcRequest<'_> {
    /// Sends the request with the access token, and returns the body of the result. If the server does not know the
    /// signing key yet, sends it again when the server asks for that. Nothing is done twice: the server does nothing
    /// before it has checked the token.
    pub async fn send(&self) -> Result<String, AppError> {
        let mut result = self.send_refreshed().await;
        if let Some(delay) = result.as_ref().err().and_then(RpcError::key_delay) {
            sleep(delay).await;
            result = self.send_refreshed().await;
        }
        result.map_err(|RpcError { error, .. }| error)
    }

    /// Sends the request. If the server refuses the access token, refreshes it and sends the request again.
    async fn send_refreshed(&self) -> Result<String, RpcError> {
        let Some(session) = Session::current() else { return self.send_once(None).await };
        let Some(tokens) = session.tokens_to_send().await? else { return self.send_once(None).await };
        // The token has expired and could not be refreshed, so the server would refuse it.
        if tokens.refresh_token.is_some() && tokens.seconds_left(clock::now()) == 0 {
            return Err(FetchError::Unreachable.into());
        }
        let result = self.send_once(Some(&tokens.access_token)).await;
        if result.as_ref().is_err_and(RpcError::is_token_refused) && session.refresh(&tokens).await {
            let tokens = session.tokens_to_send().await?;
            return self.send_once(tokens.as_ref().map(|tokens| tokens.access_token.as_str())).await;
        }
        result
    }

    async fn send_once(&self, token: Option<&str>) -> Result<String, RpcError> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let request =
            Request { url: self.path, method: "POST", headers: &headers, body: Some(self.form), ..Request::default() };
        let response = fetch::send(request).await?;
        if let Some(date) = &response.date {
            clock::set_from_date(date);
        }
        if response.status >= 400 { Err(RpcError::from_response(&response)) } else { Ok(response.body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, error: &AppError, retry_after: Option<u64>) -> Response {
        Response { status, date: None, retry_after, body: serde_json::to_string(error).expect("plain JSON") }
    }

    #[test]
    fn key_delay_is_for_unknown_keys_with_retry_after() {
        let delay = |response: &Response| RpcError::from_response(response).key_delay();
        let pending = response(503, &AppError::key_not_yet_known(), Some(12));
        assert_eq!(delay(&pending), Some(Duration::from_secs(12)));
        for other in [
            response(503, &AppError::key_not_yet_known(), None),
            response(503, &AppError::store_unavailable(), Some(12)),
            response(401, &AppError::unauthorized(Code::InvalidToken, "signing key not found"), Some(12)),
            Response { body: "<html>".into(), ..response(503, &AppError::internal(), Some(12)) },
        ] {
            assert_eq!(delay(&other), None, "{other:?}");
        }
    }

    #[test]
    fn refresh_follows_a_rejected_token_only() {
        let is_refused = |response: &Response| RpcError::from_response(response).is_token_refused();
        assert!(is_refused(&response(401, &AppError::unauthorized(Code::InvalidToken, "the token has expired"), None)));
        for other in [
            response(401, &AppError::unauthorized(Code::CredentialsRequired, "No authorization token was found"), None),
            response(403, &AppError::insufficient_scope(&[]), None),
            Response { body: "<html>".into(), ..response(401, &AppError::internal(), None) },
        ] {
            assert!(!is_refused(&other), "{other:?}");
        }
    }

    #[test]
    fn response_of_a_proxy_is_not_the_servers_error() {
        let html = Response { body: "<html>".into(), ..response(502, &AppError::internal(), None) };
        assert_eq!(RpcError::from_response(&html).error, AppError::from_proxy_status(502));
    }
}
