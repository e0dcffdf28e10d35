//! A connection that keeps its place inside the gate for as long as it lasts, whoever has it, and that can be cut.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::session::Cut;
use crate::listener::Pass;

/// A stream with its pass.
pub(super) struct Held<S> {
    stream: S,
    is_cut: Pin<Box<dyn Future<Output = ()> + Send>>,
    _cut: Arc<Cut>,
    _pass: Pass,
}

impl<S> Held<S> {
    pub(super) fn new(stream: S, cut: Arc<Cut>, pass: Pass) -> Self {
        Self { stream, is_cut: Box::pin(cut.wait()), _cut: cut, _pass: pass }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Held<S> {
    /// One that is cut has no more to read, by which whoever has it drops it.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_cut.as_mut().poll(context).is_ready() {
            self.is_cut = Box::pin(std::future::ready(()));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Held<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
