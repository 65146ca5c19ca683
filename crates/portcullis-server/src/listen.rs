//! Listens on an address, with errors that name the variable.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// The maximum number of connections waiting to be accepted, if the system allows it. A burst must not be rejected.
pub const LISTEN_BACKLOG: u32 = 1024;

/// An address that is not available.
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

/// Listens on `addr`, the value of `variable`. Also returns the address with the port that the system chose if the port
/// is 0.
///
/// # Errors
/// [`ListenError`] if the address is not available.
pub async fn listen(variable: &'static str, addr: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let refused = |error| ListenError { variable, addr, error };
    let listener = bind(addr).map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    Ok((listener, addr))
}

fn bind(addr: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On other systems this option would let two programs listen on one address.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(addr)?;
    socket.listen(LISTEN_BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn listener_takes_a_burst_of_connections() {
        let (_listener, addr) = listen("ADDR", ([127, 0, 0, 1], 0).into()).await.expect("a free port");
        // The standard library's backlog is 128. The next connection would be retried only a second later.
        let mut waiting = Vec::new();
        for number in 0..400 {
            let connection = tokio::time::timeout(Duration::from_millis(500), TcpStream::connect(addr)).await;
            waiting.push(connection.unwrap_or_else(|_| panic!("connection {number} is not taken")).expect("taken"));
        }
    }
}
