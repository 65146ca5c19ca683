//! The client of our server functions: a fetch that sends the access token along.

use std::future::Future;

use leptos::server_fn::Bytes;
use server_fn::client::{Client, browser::BrowserClient};
use server_fn::error::FromServerFnError;
use server_fn::request::browser::BrowserRequest;
use server_fn::response::browser::BrowserResponse;

use super::tokens::Tokens;

/// Adds `Authorization: Bearer` (RFC 6750 §2.1) to every server function call of a signed-in person.
pub struct AuthorizedClient;

impl<E, I, O> Client<E, I, O> for AuthorizedClient
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, E>> + Send {
        if let Some(token) = Tokens::access_token() {
            request.headers().set("Authorization", &format!("Bearer {token}"));
        }
        <BrowserClient as Client<E, I, O>>::send(request)
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (
                impl futures_core::Stream<Item = Result<Bytes, Bytes>> + Send + 'static,
                impl futures_sink::Sink<Bytes> + Send + 'static,
            ),
            E,
        >,
    > + Send {
        <BrowserClient as Client<E, I, O>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<E, I, O>>::spawn(future);
    }
}
