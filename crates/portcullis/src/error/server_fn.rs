//! Errors of server functions: those of the protocol, and responses of proxies.

use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::response::BrowserMockRes;

use super::{AppError, Code};

/// A response type that can carry an [`AppError`].
pub trait ErrorResponse {
    /// Returns the response with the status, the headers and the body of `error`.
    fn from_error(error: AppError) -> Self;
}

/// In the browser, server functions have this type instead of a response.
impl ErrorResponse for BrowserMockRes {
    fn from_error(_: AppError) -> Self {
        Self
    }
}

impl AppError {
    /// Converts a response that came not from this server, but from a proxy, a gateway or a captive portal. The server
    /// may have handled the request anyway.
    #[must_use]
    pub fn from_proxy_status(status: u16) -> Self {
        let (name, code, message) = match status {
            429 => {
                let message = "Too many requests were sent. Wait a moment and try again";
                ("TooManyRequestsError", Code::TooManyRequests, message)
            }
            413 => ("TooLargeError", Code::TooLarge, "This is too large to send. Make it shorter and try again"),
            502..=504 => {
                let message = "The server can't be reached at the moment. Try again in a little while";
                ("NetworkError", Code::Unreachable, message)
            }
            400..500 => {
                let message =
                    "A proxy or firewall blocked the request. Try again, or contact your network administrator";
                ("BlockedByProxyError", Code::BlockedByProxy, message)
            }
            _ => {
                let message = "The answer didn't come from this app's server. Check the connection and try again";
                ("NetworkError", Code::Unreachable, message)
            }
        };
        Self::new(status, name, code, message)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// Converts an error of the `server_fn` protocol, before or after the body of a server function runs.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::invalid_request("The arguments could not be read")
            }
            ServerFnErrorErr::Deserialization(_) => Self::invalid_request("The body could not be read"),
            _ => Self::internal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_status_maps_to_a_code_and_message() {
        for (status, code, words) in [
            (429, Code::TooManyRequests, "Too many requests"),
            (413, Code::TooLarge, "too large"),
            (502, Code::Unreachable, "can't be reached at the moment. Try again"),
            (503, Code::Unreachable, "can't be reached at the moment. Try again"),
            (504, Code::Unreachable, "can't be reached at the moment. Try again"),
            (403, Code::BlockedByProxy, "A proxy or firewall blocked the request"),
            (500, Code::Unreachable, "didn't come from this app's server"),
            (200, Code::Unreachable, "didn't come from this app's server"),
        ] {
            let error = AppError::from_proxy_status(status);
            assert_eq!((error.status, &error.code), (status, &code));
            assert!(error.message.contains(words) && !error.message.contains("Internal"), "{status}: {error}");
        }
    }
}
