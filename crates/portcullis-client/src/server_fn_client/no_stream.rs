//! The stream type of a client without streams. It has no values.

use std::pin::Pin;
use std::task::{Context, Poll};

use leptos::server_fn::Bytes;

/// A stream and a sink without values.
pub enum NoStream {}

impl futures_core::Stream for NoStream {
    type Item = Result<Bytes, Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match *self {}
    }
}

impl futures_sink::Sink<Bytes> for NoStream {
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
