//! Listening at an address that a variable names, and saying why that is not possible.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// An address that is not to be had.
#[derive(Debug, thiserror::Error)]
#[error("{variable} is {addr}: {}", why_not(error))]
pub struct ListenError {
    variable: &'static str,
    addr: SocketAddr,
    error: Error,
}

fn why_not(error: &Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "the port is in use; stop what listens there or choose another".into(),
        _ => format!("cannot listen there: {error}"),
    }
}

/// Listens at `addr`, which `variable` holds; gives also the address with the port that the system chose where 0
/// was asked for.
///
/// # Errors
/// When the address is not to be had.
pub async fn listen(variable: &'static str, addr: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let refused = |error| ListenError { variable, addr, error };
    let listener = TcpListener::bind(addr).await.map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    Ok((listener, addr))
}
