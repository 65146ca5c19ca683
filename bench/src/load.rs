//! A bounded load: a fixed number of requests over open connections, each sent after the previous response.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The maximum duration of a round.
const ROUND_TIMEOUT: Duration = Duration::from_secs(60);

/// Open connections to one server.
pub struct Connections {
    host: HeaderValue,
    open: Vec<SendRequest<Empty<Bytes>>>,
}

/// The result of a round of requests.
pub struct Round {
    /// The time from the first request to the last response.
    pub elapsed: Duration,
    /// The time from each request to the end of its response, in seconds.
    pub latencies: Vec<f64>,
}

impl Round {
    /// Returns the requests per second.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }
}

impl Connections {
    /// Opens `number` connections to the server at `addr`.
    ///
    /// # Errors
    /// If the server does not listen there.
    pub async fn open(addr: SocketAddr, number: usize) -> anyhow::Result<Self> {
        let mut open = Vec::with_capacity(number);
        for _ in 0..number {
            let stream = TcpStream::connect(addr).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            open.push(sender);
        }
        Ok(Self { host: addr.to_string().parse()?, open })
    }

    /// Sends a GET request for `path` with each of `tokens`, distributed over the connections. Every response must have
    /// the status 200.
    ///
    /// # Errors
    /// If one does not, a connection breaks, or it takes longer than a minute.
    pub async fn round(&mut self, path: &str, tokens: &[HeaderValue]) -> anyhow::Result<Round> {
        let share = tokens.len().div_ceil(self.open.len());
        let mut tasks = JoinSet::new();
        let started = Instant::now();
        for (sender, tokens) in self.open.drain(..).zip(tokens.chunks(share)) {
            tasks.spawn(ask_all(sender, path.to_owned(), self.host.clone(), tokens.to_vec()));
        }
        let mut latencies = Vec::with_capacity(tokens.len());
        let all = async {
            while let Some(done) = tasks.join_next().await {
                let (sender, taken) = done??;
                self.open.push(sender);
                latencies.extend(taken);
            }
            anyhow::Ok(started.elapsed())
        };
        let elapsed = timeout(ROUND_TIMEOUT, all).await.context("a round took longer than a minute")??;
        Ok(Round { elapsed, latencies })
    }

    /// Sends a GET request for `path`. Returns the status, the headers and the body.
    ///
    /// # Errors
    /// If the connection breaks.
    pub async fn ask(&mut self, path: &str, token: &HeaderValue) -> anyhow::Result<(StatusCode, HeaderMap, Bytes)> {
        let sender = self.open.first_mut().context("a connection")?;
        let response = sender.send_request(request(path, &self.host, token)?).await?;
        let (head, body) = response.into_parts();
        Ok((head.status, head.headers, body.collect().await?.to_bytes()))
    }
}

fn request(path: &str, host: &HeaderValue, token: &HeaderValue) -> http::Result<Request<Empty<Bytes>>> {
    let request = Request::get(path).header(header::HOST, host).header(header::AUTHORIZATION, token);
    request.body(Empty::new())
}

type Asked = (SendRequest<Empty<Bytes>>, Vec<f64>);

async fn ask_all(
    mut sender: SendRequest<Empty<Bytes>>,
    path: String,
    host: HeaderValue,
    tokens: Vec<HeaderValue>,
) -> anyhow::Result<Asked> {
    let mut latencies = Vec::with_capacity(tokens.len());
    for token in &tokens {
        let started = Instant::now();
        sender.ready().await?;
        let response = sender.send_request(request(&path, &host, token)?).await?;
        if response.status() != StatusCode::OK {
            bail!("{path} answers {}", response.status());
        }
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        latencies.push(started.elapsed().as_secs_f64());
    }
    Ok((sender, latencies))
}
