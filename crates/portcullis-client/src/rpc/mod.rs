//! The protocol of server functions: arguments as a form, with the access token; the result or an [`AppError`] as JSON.

mod request;

use std::future::Future;

use http::Method;
use leptos::__reexports::send_wrapper::SendWrapper;
use portcullis::{AppError, ErrorResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_fn::Protocol;
use server_fn::client::Client;
use server_fn::codec::{FromReq, IntoRes, Json, PostUrl};
use server_fn::server::Server;

use self::request::RpcRequest;

/// The protocol of a server function behind the gate.
///
/// In the browser, it sends `Authorization: Bearer` (RFC 6750 §2.1) if somebody is signed in. A token that has expired
/// is refreshed before the request. If the server refuses a token, it is refreshed once and the request is sent once
/// more.
///
/// On the server, an [`AppError`] gets the status and the headers that it has as the response of a REST endpoint.
///
/// ```
/// use leptos::prelude::*;
/// use portcullis::AppError;
/// use portcullis_client::Rpc;
///
/// #[server(prefix = "/rpc", endpoint = "notes/list", protocol = Rpc)]
/// async fn notes() -> Result<Vec<String>, AppError> {
///     Ok(Vec::new())
/// }
/// ```
pub struct Rpc;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, AppError> for Rpc
where
    Input: Serialize + FromReq<PostUrl, S::Request, AppError> + Send,
    Output: DeserializeOwned + IntoRes<Json, S::Response, AppError> + Send,
    C: Client<AppError>,
    S: Server<AppError, Response: ErrorResponse>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<F, Fut>(request: S::Request, server_fn: F) -> Result<S::Response, AppError>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, AppError>> + Send,
    {
        let run = async move {
            let input = Input::from_req(request).await?;
            server_fn(input).await?.into_res().await
        };
        Ok(run.await.unwrap_or_else(S::Response::from_error))
    }

    fn run_client(path: &str, input: Input) -> impl Future<Output = Result<Output, AppError>> + Send {
        SendWrapper::new(async move {
            let form = serde_qs::to_string(&input).map_err(|_| AppError::internal())?;
            let body = RpcRequest { path, form: &form }.send().await?;
            // A success that is not the result of the function: a proxy answered.
            serde_json::from_str(&body).map_err(|_| AppError::from_proxy_status(200))
        })
    }
}
