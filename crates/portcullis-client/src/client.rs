//! The client of our server functions: a fetch that sends the access token along, and renews it where it must.

use std::future::Future;
use std::time::Duration;

use leptos::__reexports::send_wrapper::SendWrapper;
use leptos::server_fn::Bytes;
use portcullis::{AppError, Code};
use server_fn::client::Client;
use server_fn::error::{FromServerFnError, IntoAppError, ServerFnErrorErr};
use server_fn::request::ClientReq;
use server_fn::response::ClientRes;

use crate::fetch::{self, Answer, Ask, FetchError, server_pause};
use crate::lock::pause;
use crate::stream::Nothing;
use crate::{Session, clock};

/// Adds `Authorization: Bearer` (RFC 6750 §2.1) to every server function call of a signed-in person.
///
/// A token that has run out is renewed before the call. One that the server refuses is renewed once, and the call is
/// made once more; what the server says then is the answer.
pub struct AuthorizedClient;

/// A call of a server function, kept so that it can be made again.
pub struct Call {
    method: String,
    url: String,
    content_type: String,
    accept: String,
    body: Option<String>,
}

impl Call {
    async fn send(&self, token: Option<&str>) -> Result<Answer, FetchError> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", self.content_type.as_str()), ("accept", self.accept.as_str())];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let body = self.body.as_deref();
        let ask = Ask { url: &self.url, method: &self.method, headers: &headers, body, ..Ask::default() };
        let answer = fetch::send(ask).await;
        if let Ok(Answer { date: Some(date), .. }) = &answer {
            clock::heard(date);
        }
        answer
    }

    /// Makes the call, and once more where the server does not know the key of the token yet: it says when it will.
    /// Nothing is done twice, for the server does nothing before it has checked the token.
    async fn authorized(self) -> Result<Answer, FetchError> {
        let answer = self.once().await?;
        match key_pause(&answer) {
            Some(wait) => {
                pause(wait).await;
                self.once().await
            }
            None => Ok(answer),
        }
    }

    async fn once(&self) -> Result<Answer, FetchError> {
        let session = Session::here();
        let tokens = match session {
            Some(session) => session.tokens_to_send().await?,
            None => None,
        };
        // It has run out and could not be renewed now: nothing is gained by asking.
        if tokens
            .as_ref()
            .is_some_and(|tokens| tokens.refresh_token.is_some() && tokens.seconds_left(clock::now()) == 0)
        {
            return Err(FetchError::Unreachable);
        }
        let answer = self.send(tokens.as_ref().map(|tokens| tokens.access_token.as_str())).await?;
        match (session, tokens) {
            (Some(session), Some(used)) if is_refused(&answer) && session.renew(&used).await => {
                let tokens = session.tokens_to_send().await?;
                self.send(tokens.as_ref().map(|tokens| tokens.access_token.as_str())).await
            }
            _ => Ok(answer),
        }
    }
}

/// Whether the server refused the token itself, and not what it is good for.
fn is_refused(answer: &Answer) -> bool {
    answer.status == 401
        && serde_json::from_str::<AppError>(&answer.body).is_ok_and(|error| error.code == Code::InvalidToken)
}

/// How long to wait where the server cannot check the token yet; none where it answered otherwise.
fn key_pause(answer: &Answer) -> Option<Duration> {
    let is_pending = answer.status == 503
        && serde_json::from_str::<AppError>(&answer.body).is_ok_and(|error| error.code == Code::KeyNotYetKnown);
    answer.retry_after.filter(|_| is_pending).map(|seconds| server_pause(Some(seconds)))
}

fn unsupported<E: FromServerFnError>() -> E {
    ServerFnErrorErr::Request("not supported by this client".into()).into_app_error()
}

impl<E: FromServerFnError> ClientReq<E> for Call {
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
        // The encodings in use are text.
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

/// The answer to a [`Call`].
pub struct Reply(Answer);

impl<E: FromServerFnError> ClientRes<E> for Reply {
    async fn try_into_string(self) -> Result<String, E> {
        Ok(self.0.body)
    }

    async fn try_into_bytes(self) -> Result<Bytes, E> {
        Ok(self.0.body.into())
    }

    fn try_into_stream(
        self,
    ) -> Result<impl futures_core::Stream<Item = Result<Bytes, Bytes>> + Send + Sync + 'static, E> {
        Err::<Nothing, E>(unsupported())
    }

    fn status(&self) -> u16 {
        self.0.status
    }

    fn status_text(&self) -> String {
        String::new()
    }

    fn location(&self) -> String {
        String::new()
    }

    fn has_redirect(&self) -> bool {
        false
    }
}

impl<E, I, O> Client<E, I, O> for AuthorizedClient
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    type Request = Call;
    type Response = Reply;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, E>> + Send {
        SendWrapper::new(async move {
            let answer = request.authorized().await;
            let error = match answer {
                // A proxy answers for the server with a body of its own, which is no error of ours.
                Ok(answer) if answer.status >= 400 && serde_json::from_str::<AppError>(&answer.body).is_err() => {
                    ServerFnErrorErr::Response(answer.status.to_string())
                }
                Ok(answer) => return Ok(Reply(answer)),
                Err(FetchError::Unreadable) => ServerFnErrorErr::Deserialization(String::new()),
                // Leptos has no variant of its own for a request that was not sent.
                Err(FetchError::AnotherPerson) => ServerFnErrorErr::MiddlewareError(String::new()),
                Err(
                    FetchError::Unreachable
                    | FetchError::TimedOut
                    | FetchError::BrokenOff { .. }
                    | FetchError::Busy { .. },
                ) => ServerFnErrorErr::Request(String::new()),
            };
            Err(error.into_app_error())
        })
    }

    async fn open_websocket(
        _: &str,
    ) -> Result<
        (
            impl futures_core::Stream<Item = Result<Bytes, Bytes>> + Send + 'static,
            impl futures_sink::Sink<Bytes> + Send + 'static,
        ),
        E,
    > {
        Err::<(Nothing, Nothing), E>(unsupported())
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        leptos::task::spawn_local(future);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_pause_is_for_keys_that_come_alone() {
        let answer = |status, error: AppError, retry_after| Answer {
            status,
            date: None,
            retry_after,
            body: serde_json::to_string(&error).expect("plain JSON"),
        };
        let pending = answer(503, AppError::key_not_yet_known(), Some(12));
        assert_eq!(key_pause(&pending), Some(Duration::from_secs(12)));
        for other in [
            answer(503, AppError::key_not_yet_known(), None),
            answer(503, AppError::store_unavailable(), Some(12)),
            answer(401, AppError::unauthorized(Code::InvalidToken, "signing key not found"), Some(12)),
            Answer { body: "<html>".into(), ..answer(503, AppError::internal(), Some(12)) },
        ] {
            assert_eq!(key_pause(&other), None, "{other:?}");
        }
    }
}
