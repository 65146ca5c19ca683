//! The stream of a client that has none: it cannot exist, and so has nothing to do.

use std::pin::Pin;
use std::task::{Context, Poll};

use leptos::server_fn::Bytes;

/// A stream and a sink that nobody can make.
pub enum Nothing {}

impl futures_core::Stream for Nothing {
    type Item = Result<Bytes, Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match *self {}
    }
}

impl futures_sink::Sink<Bytes> for Nothing {
    type Error = Bytes;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Bytes>> {
        match *self {}
    }

    fn start_send(self: Pin<&mut Self>, _: Bytes) -> Result<(), Bytes> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Bytes>> {
        match *self {}
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Bytes>> {
        match *self {}
    }
}
