//! Errors of server functions: what the framework of server functions reports, and answers that come from a proxy.

use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use super::{AppError, Code};

/// Whether this is the client: the same failure has different causes on the two sides.
const IS_CLIENT: bool = cfg!(target_family = "wasm");

impl AppError {
    /// Converts a response that did not come from this server, but from a proxy, a gateway or a captive portal. The server
    /// may have done what it was asked all the same.
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

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::invalid_request("The arguments could not be read")
            }
            // On the server it is the request that could not be read; in the client, our own answer.
            ServerFnErrorErr::Deserialization(_) if !IS_CLIENT => Self::invalid_request("The body could not be read"),
            ServerFnErrorErr::Request(_) => {
                let message = "The server could not be reached. Check the connection and try again";
                Self::new(0, "NetworkError", Code::Unreachable, message)
            }
            // Only the client of server functions makes this one, of the status.
            ServerFnErrorErr::Response(status) if IS_CLIENT => {
                Self::from_proxy_status(status.parse().unwrap_or_default())
            }
            // A success that is not what the server function gives.
            ServerFnErrorErr::Deserialization(_) => Self::from_proxy_status(200),
            // Only the client of server functions makes this one.
            ServerFnErrorErr::MiddlewareError(_) if IS_CLIENT => {
                let message = "Someone else has signed in in another tab, so nothing was sent";
                Self::new(0, "SessionChangedError", Code::AnotherPerson, message)
            }
            _ => Self::internal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_answers_are_told_by_what_helps() {
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
