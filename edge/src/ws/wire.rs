//! The TCP connection under a socket, shared by the library and the pump.
//!
//! What the library does not do: it holds a client to so many bytes for a message, to few before it
//! has said who it is; it knows whether a slow write goes on; and it lets a last word be written
//! after the library gave the socket up.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use bytes::BufMut;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::Kind;

/// Bytes that may come before the first message is whole: that message, its header, and a few
/// pings beside it.
const FIRST_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX_UNAUTHENTICATED;
/// How long the last words may take, and how long their reader may take to hear them.
const LAST_WORD_WAIT: Duration = Duration::from_secs(2);
/// What is read away meanwhile, so that the reader is not cut off before it has heard them.
const AWAY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// First bytes of frames that are the only ones of their messages.
const TEXT_FRAME: u8 = 0x81;
const BINARY_FRAME: u8 = 0x82;
const CLOSE_FRAME: u8 = 0x88;

/// A TCP connection that several may hold.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tcp: TcpStream,
    /// Bytes that may still be read before a message is whole.
    allowance: AtomicUsize,
    bytes_written: AtomicU64,
    /// The close code for what the client did wrong; 0 for nothing.
    violation: AtomicU16,
    is_cut: AtomicBool,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self(Arc::new(Inner {
            tcp,
            allowance: AtomicUsize::new(FIRST_BYTES_MAX),
            bytes_written: AtomicU64::new(0),
            violation: AtomicU16::new(0),
            is_cut: AtomicBool::new(false),
        }))
    }

    /// So many bytes may be read from here on.
    pub(super) fn allow(&self, bytes: usize) {
        self.0.allowance.store(bytes, Ordering::Relaxed);
    }

    /// So many more, up to a most.
    pub(super) fn allow_more(&self, bytes: usize, most: usize) {
        let left = self.0.allowance.load(Ordering::Relaxed);
        self.allow(left.saturating_add(bytes).min(most));
    }

    /// Bytes that were written so far.
    pub(super) fn bytes_written(&self) -> u64 {
        self.0.bytes_written.load(Ordering::Relaxed)
    }

    /// Ends the connection with everything that the system still holds for it. Whoever reads from
    /// it hears the end.
    pub(super) fn cut(&self) {
        self.0.is_cut.store(true, Ordering::Relaxed);
        let tcp = SockRef::from(&self.0.tcp);
        // Without the first the system keeps what was not read until it gives the client up.
        let ended = tcp
            .set_linger(Some(Duration::ZERO))
            .and_then(|()| tcp.shutdown(std::net::Shutdown::Both));
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection had ended before it was cut");
        }
    }

    /// Whether it was [`Self::cut`].
    pub(super) fn is_cut(&self) -> bool {
        self.0.is_cut.load(Ordering::Relaxed)
    }

    /// Whether the client used up its bytes without saying anything whole.
    pub(super) fn is_used_up(&self) -> bool {
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

    /// Writes a message and a close frame past the library, and waits a moment for the client to
    /// hear them.
    pub(super) async fn last_word(&self, message: Option<(Kind, &[u8])>, code: u16, reason: &str) {
        let said = async {
            let mut said = Vec::new();
            if let Some((kind, bytes)) = message {
                let first = if kind == Kind::Text { TEXT_FRAME } else { BINARY_FRAME };
                put_frame(&mut said, first, bytes);
            }
            put_frame(
                &mut said,
                CLOSE_FRAME,
                &[&code.to_be_bytes()[..], reason.as_bytes()].concat(),
            );
            self.write_all(&said).await?;
            self.read_away().await
        };
        in_time(said).await;
    }

    /// Waits a moment for a client that was told to close.
    pub(super) async fn see_off(&self) {
        in_time(self.read_away()).await;
    }

    fn counted(&self, written: usize) -> usize {
        let bytes = u64::try_from(written).unwrap_or(u64::MAX);
        self.0.bytes_written.fetch_add(bytes, Ordering::Relaxed);
        written
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

async fn in_time(farewell: impl Future<Output = io::Result<()>>) {
    match tokio::time::timeout(LAST_WORD_WAIT, farewell).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a client did not wait for the last word"),
        Err(_) => tracing::debug!("a client did not close after the last word"),
    }
}

/// A frame as a server writes it; one that is too long for a last word is left out.
fn put_frame(into: &mut Vec<u8>, first: u8, payload: &[u8]) {
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..=125), _) => into.extend_from_slice(&[first, length]),
        (_, Ok(length)) => {
            into.extend_from_slice(&[first, 126]);
            into.extend_from_slice(&length.to_be_bytes());
        }
        (_, Err(_)) => return,
    }
    into.extend_from_slice(payload);
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

/// Reads once. Less than there is room for is all that there is: the next one who wants to read waits
/// for the system to say that there is more, and does not ask it in vain first.
fn read_all_there_is(tcp: &TcpStream, into: &mut impl BufMut) -> io::Result<usize> {
    let nothing = || io::Error::from(io::ErrorKind::WouldBlock);
    let (room, mut read) = (into.remaining_mut(), Err(nothing()));
    // It forgets the readiness that it saw before the read, and no later one.
    let seen = tcp.try_io(Interest::READABLE, || {
        read = tcp.try_read_buf(into);
        if read.as_ref().is_ok_and(|read| (1..room).contains(read)) {
            Err(nothing())
        } else {
            Ok(())
        }
    });
    // What the read says is what counts.
    drop(seen);
    read
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
            || read_all_there_is(&inner.tcp, &mut target)
        ))?;
        inner.allowance.store(allowance - read, Ordering::Relaxed);
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
            .map_ok(|written| self.counted(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tcp = &self.0.tcp;
        poll_io(|| tcp.poll_write_ready(ctx), || tcp.try_write_vectored(slices))
            .map_ok(|written| self.counted(written))
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    const WAIT: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn perf4_whoever_has_read_all_there_was_is_woken_by_more_and_by_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut wire = Wire::new(listener.accept().await.unwrap().0);
        wire.allow(usize::MAX);
        let mut room = [0; 64];
        for bytes in [1, 63, 64, 64, 1] {
            client.write_all(&vec![7; bytes]).await.unwrap();
            let read = timeout(WAIT, wire.read(&mut room)).await.expect("it is woken").unwrap();
            assert_eq!(read, bytes);
        }
        drop(client);
        let read = timeout(WAIT, wire.read(&mut room)).await.expect("it is woken").unwrap();
        assert_eq!(read, 0);
    }
}
