//! The TCP connection under a socket, shared by the library and the pump.
//!
//! Two things that the library does not do: it holds a client that has not said who it is to a
//! few bytes, and it lets a last word be written after the library gave the socket up.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that may come before the first message is whole: that message, its header, and a few
/// pings beside it.
const FIRST_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX_UNAUTHENTICATED;
/// How long the last words may take, and how long their reader may take to hear them.
const LAST_WORD_WAIT: Duration = Duration::from_secs(2);
/// What is read away meanwhile, so that the reader is not cut off before it has heard them.
const AWAY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// First byte of a close frame: final, opcode 8.
const CLOSE_FRAME: u8 = 0x88;

/// A TCP connection that several may hold.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tcp: TcpStream,
    /// Bytes that may still be read.
    allowance: AtomicUsize,
    /// The close code for what the client did wrong; 0 for nothing.
    violation: AtomicU16,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self(Arc::new(Inner {
            tcp,
            allowance: AtomicUsize::new(FIRST_BYTES_MAX),
            violation: AtomicU16::new(0),
        }))
    }

    /// The first message is whole: from here on the library's own limits hold.
    pub(super) fn lift_allowance(&self) {
        self.0.allowance.store(usize::MAX, Ordering::Relaxed);
    }

    /// Whether the client used up its bytes without saying anything whole.
    fn is_used_up(&self) -> bool {
        self.0.allowance.load(Ordering::Relaxed) == 0
    }

    /// Notes what the client did wrong.
    pub(super) fn note_violation(&self, code: u16) {
        self.0.violation.store(code, Ordering::Relaxed);
    }

    /// The close code for what the client did wrong.
    pub(super) fn violation(&self) -> Option<u16> {
        match self.0.violation.load(Ordering::Relaxed) {
            0 => None,
            code => Some(code),
        }
    }

    /// Writes a close frame past the library, and waits a moment for the client to hear it.
    pub(super) async fn last_word(&self, code: u16, reason: &str) {
        let said = async {
            let mut frame = vec![CLOSE_FRAME, 0];
            frame.extend_from_slice(&code.to_be_bytes());
            frame.extend_from_slice(reason.as_bytes());
            if let (Some(length), Ok(bytes)) = (frame.get_mut(1), u8::try_from(2 + reason.len())) {
                *length = bytes;
            }
            self.write_all(&frame).await?;
            self.read_away().await
        };
        match tokio::time::timeout(LAST_WORD_WAIT, said).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a client did not wait for the last word"),
            Err(_) => tracing::debug!("a client did not close after the last word"),
        }
    }

    async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.0.tcp.writable().await?;
            match self.0.tcp.try_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Unread bytes would make the system reset the connection, and the last word with it.
    async fn read_away(&self) -> io::Result<()> {
        let mut away = [0; 4096];
        let mut bytes = 0;
        while bytes < AWAY_BYTES_MAX {
            self.0.tcp.readable().await?;
            match self.0.tcp.try_read(&mut away) {
                Ok(0) => break,
                Ok(read) => bytes += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Tries until the system has something to say other than "not yet".
fn poll_io<T>(
    mut ready: impl FnMut() -> Poll<io::Result<()>>,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> Poll<io::Result<T>> {
    loop {
        ready!(ready())?;
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return Poll::Ready(done),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_used_up() {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let inner = &*self.0;
        let allowance = inner.allowance.load(Ordering::Relaxed);
        let mut target = into.limit(allowance);
        let read = ready!(poll_io(
            || inner.tcp.poll_read_ready(ctx),
            || inner.tcp.try_read_buf(&mut target)
        ))?;
        if allowance != usize::MAX {
            inner.allowance.store(allowance - read, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let tcp = &self.0.tcp;
        poll_io(|| tcp.poll_write_ready(ctx), || tcp.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tcp = &self.0.tcp;
        poll_io(|| tcp.poll_write_ready(ctx), || tcp.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The connection ends when its last holder lets go of it.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
