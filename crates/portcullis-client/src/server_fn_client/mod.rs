//! The client of server functions: it sends the access token with every request, and refreshes it if necessary.

mod no_stream;
mod request;

use std::future::Future;

use leptos::__reexports::send_wrapper::SendWrapper;
use leptos::server_fn::Bytes;
use portcullis::AppError;
use server_fn::client::Client;
use server_fn::error::{FromServerFnError, IntoAppError, ServerFnErrorErr};
use server_fn::response::ClientRes;

use self::no_stream::NoStream;
use self::request::{ServerFnRequest, unsupported};
use crate::fetch::{FetchError, Response};

/// Sends `Authorization: Bearer` (RFC 6750 §2.1) with every request of a server function, if somebody is signed in.
///
/// A token that has expired is refreshed before the request. If the server refuses a token, it is refreshed once and the
/// request is sent once more.
///
/// ```
/// use leptos::prelude::*;
/// use portcullis::AppError;
/// use portcullis_client::AuthorizedClient;
///
/// #[server(prefix = "/rpc", endpoint = "notes/list", client = AuthorizedClient)]
/// async fn notes() -> Result<Vec<String>, AppError> {
///     Ok(Vec::new())
/// }
/// ```
pub struct AuthorizedClient;

/// The response to a [`ServerFnRequest`].
pub struct ServerFnResponse(Response);

impl<E: FromServerFnError> ClientRes<E> for ServerFnResponse {
    async fn try_into_string(self) -> Result<String, E> {
        Ok(self.0.body)
    }

    async fn try_into_bytes(self) -> Result<Bytes, E> {
        Ok(self.0.body.into())
    }

    fn try_into_stream(
        self,
    ) -> Result<impl futures_core::Stream<Item = Result<Bytes, Bytes>> + Send + Sync + 'static, E> {
        Err::<NoStream, E>(unsupported())
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
    type Request = ServerFnRequest;
    type Response = ServerFnResponse;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, E>> + Send {
        SendWrapper::new(async move {
            let error = match request.send_authorized().await {
                // The body is not our server's: a proxy answered.
                Ok(response) if response.status >= 400 && serde_json::from_str::<AppError>(&response.body).is_err() => {
                    ServerFnErrorErr::Response(response.status.to_string())
                }
                Ok(response) => return Ok(ServerFnResponse(response)),
                Err(FetchError::Unreadable) => ServerFnErrorErr::Deserialization(String::new()),
                // Leptos has no variant for a request that was not sent.
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
        Err::<(NoStream, NoStream), E>(unsupported())
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        leptos::task::spawn_local(future);
    }
}
