//! A request of a server function, which can be sent again.

use std::time::Duration;

use leptos::server_fn::Bytes;
use portcullis::{AppError, Code};
use server_fn::error::{FromServerFnError, IntoAppError, ServerFnErrorErr};
use server_fn::request::ClientReq;

use crate::clock;
use crate::fetch::{self, FetchError, Request, Response, server_delay};
use crate::session::Session;
use crate::time::sleep;

/// A request of a server function.
pub struct ServerFnRequest {
    method: String,
    url: String,
    content_type: String,
    accept: String,
    body: Option<String>,
}

impl ServerFnRequest {
    async fn send(&self, token: Option<&str>) -> Result<Response, FetchError> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", self.content_type.as_str()), ("accept", self.accept.as_str())];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let body = self.body.as_deref();
        let request = Request { url: &self.url, method: &self.method, headers: &headers, body, ..Request::default() };
        let response = fetch::send(request).await;
        if let Ok(Response { date: Some(date), .. }) = &response {
            clock::set_from_date(date);
        }
        response
    }

    /// Sends the request with the access token. If the server does not know the signing key yet, sends it again when the
    /// server asks for that. Nothing is done twice: the server does nothing before it has checked the token.
    pub async fn send_authorized(self) -> Result<Response, FetchError> {
        let response = self.send_refreshed().await?;
        match key_delay(&response) {
            Some(delay) => {
                sleep(delay).await;
                self.send_refreshed().await
            }
            None => Ok(response),
        }
    }

    /// Sends the request. If the server refuses the access token, refreshes it and sends the request again.
    async fn send_refreshed(&self) -> Result<Response, FetchError> {
        let session = Session::current();
        let tokens = match session {
            Some(session) => session.tokens_to_send().await?,
            None => None,
        };
        // The token has expired and could not be refreshed, so the server would refuse it.
        if tokens
            .as_ref()
            .is_some_and(|tokens| tokens.refresh_token.is_some() && tokens.seconds_left(clock::now()) == 0)
        {
            return Err(FetchError::Unreachable);
        }
        let response = self.send(tokens.as_ref().map(|tokens| tokens.access_token.as_str())).await?;
        match (session, tokens) {
            (Some(session), Some(used)) if is_token_refused(&response) && session.refresh(&used).await => {
                let tokens = session.tokens_to_send().await?;
                self.send(tokens.as_ref().map(|tokens| tokens.access_token.as_str())).await
            }
            _ => Ok(response),
        }
    }
}

/// Returns whether the server refused the token itself, and not what it permits.
fn is_token_refused(response: &Response) -> bool {
    response.status == 401
        && serde_json::from_str::<AppError>(&response.body).is_ok_and(|error| error.code == Code::InvalidToken)
}

/// Returns how long to wait if the server can't check the token yet.
fn key_delay(response: &Response) -> Option<Duration> {
    let is_pending = response.status == 503
        && serde_json::from_str::<AppError>(&response.body).is_ok_and(|error| error.code == Code::KeyNotYetKnown);
    response.retry_after.filter(|_| is_pending).map(|seconds| server_delay(Some(seconds)))
}

/// Returns the error of what this client does not support.
pub(super) fn unsupported<E: FromServerFnError>() -> E {
    ServerFnErrorErr::Request("not supported by this client".into()).into_app_error()
}

impl<E: FromServerFnError> ClientReq<E> for ServerFnRequest {
    type FormData = String;

    fn try_new_req_query(
        path: &str,
        content_type: &str,
        accepts: &str,
        query: &str,
        method: http::Method,
    ) -> Result<Self, E> {
        Ok(Self {
            method: method.to_string(),
            url: format!("{path}?{query}"),
            content_type: content_type.to_owned(),
            accept: accepts.to_owned(),
            body: None,
        })
    }

    fn try_new_req_text(
        path: &str,
        content_type: &str,
        accepts: &str,
        body: String,
        method: http::Method,
    ) -> Result<Self, E> {
        Ok(Self {
            method: method.to_string(),
            url: path.to_owned(),
            content_type: content_type.to_owned(),
            accept: accepts.to_owned(),
            body: Some(body),
        })
    }

    fn try_new_req_bytes(
        path: &str,
        content_type: &str,
        accepts: &str,
        body: Bytes,
        method: http::Method,
    ) -> Result<Self, E> {
        // All encodings in use are text.
        let body = String::from_utf8(body.into()).map_err(|_| unsupported())?;
        Self::try_new_req_text(path, content_type, accepts, body, method)
    }

    fn try_new_req_form_data(
        path: &str,
        accepts: &str,
        content_type: &str,
        body: String,
        method: http::Method,
    ) -> Result<Self, E> {
        Self::try_new_req_text(path, content_type, accepts, body, method)
    }

    fn try_new_req_multipart(_: &str, _: &str, _: String, _: http::Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_streaming(
        _: &str,
        _: &str,
        _: &str,
        _: impl futures_core::Stream<Item = Bytes> + Send + 'static,
        _: http::Method,
    ) -> Result<Self, E> {
        Err(unsupported())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_delay_is_for_unknown_keys_with_retry_after() {
        let response = |status, error: AppError, retry_after| Response {
            status,
            date: None,
            retry_after,
            body: serde_json::to_string(&error).expect("plain JSON"),
        };
        let pending = response(503, AppError::key_not_yet_known(), Some(12));
        assert_eq!(key_delay(&pending), Some(Duration::from_secs(12)));
        for other in [
            response(503, AppError::key_not_yet_known(), None),
            response(503, AppError::store_unavailable(), Some(12)),
            response(401, AppError::unauthorized(Code::InvalidToken, "signing key not found"), Some(12)),
            Response { body: "<html>".into(), ..response(503, AppError::internal(), Some(12)) },
        ] {
            assert_eq!(key_delay(&other), None, "{other:?}");
        }
    }
}
