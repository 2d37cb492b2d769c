//! The TCP connection under a socket, shared by its reader and its writer.
//!
//! It holds a client to so many bytes for a message, to few before it has said who it is, and knows
//! whether a slow write goes on.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use bytes::{BufMut, Bytes};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::Gone;
use super::codec::{Opcode, put_head};
use super::out::{Out, Shut};

/// Bytes that may come before the first message is whole: that message, its header, and a few
/// pings beside it.
const FIRST_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX_UNAUTHENTICATED;
/// How long the reader of a last word may take to hear it.
const LAST_WORD_WAIT: Duration = Duration::from_secs(2);
/// What is read away meanwhile, so that the reader is not cut off before it has heard them.
const AWAY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A TCP connection that several may hold.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tcp: TcpStream,
    out: Mutex<Out>,
    /// Bytes that may still be read before a message is whole.
    allowance: AtomicUsize,
    bytes_written: AtomicU64,
    /// The close code for what the client did wrong; 0 for nothing.
    violation: AtomicU16,
    is_cut: AtomicBool,
    is_deaf: AtomicBool,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self(Arc::new(Inner {
            tcp,
            out: Mutex::default(),
            allowance: AtomicUsize::new(FIRST_BYTES_MAX),
            bytes_written: AtomicU64::new(0),
            violation: AtomicU16::new(0),
            is_cut: AtomicBool::new(false),
            is_deaf: AtomicBool::new(false),
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

    /// Notes that nothing is understood any more of what the client says.
    pub(super) fn note_deaf(&self) {
        self.0.is_deaf.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be saying what nobody reads.
    pub(super) fn is_deaf(&self) -> bool {
        self.0.is_deaf.load(Ordering::Relaxed)
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

    /// Reads once; 0 bytes are the end. What may be read is counted.
    pub(super) fn poll_read(
        &self,
        ctx: &mut Context<'_>,
        into: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
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
        Poll::Ready(Ok(read))
    }

    /// Says whole frames, which are some bytes and a payload behind them; what the system does not
    /// take waits for [`Self::poll_written`].
    pub(super) fn say(&self, head: &[u8], payload: Bytes) -> Result<(), Gone> {
        let said = self.out().say(&self.0.tcp, head, payload);
        self.count(said)
    }

    /// Says a frame that may stand between two others, for somebody who does not wait for it.
    pub(super) fn say_control(&self, opcode: Opcode, payload: &[u8]) -> Result<(), Gone> {
        let mut out = self.out();
        let said = out.say(&self.0.tcp, &control(opcode, payload), Bytes::new());
        out.wake_writer();
        drop(out);
        self.count(said)
    }

    /// Says the last frame there is.
    pub(super) fn say_close(&self, payload: &[u8]) -> Result<(), Gone> {
        let mut out = self.out();
        let said = out.say_last(&self.0.tcp, &control(Opcode::Close, payload));
        out.wake_writer();
        drop(out);
        self.count(said)
    }

    /// Says why this is the last frame.
    pub(super) fn say_why(&self, code: u16, reason: &str) -> Result<(), Gone> {
        self.say_close(&[&code.to_be_bytes()[..], reason.as_bytes()].concat())
    }

    /// Whether something that was said waits for the system.
    pub(super) fn has_left(&self) -> bool {
        self.out().has_left()
    }

    /// Ready as soon as something that was said waits for the system.
    pub(super) fn poll_left(&self, ctx: &Context<'_>) -> Poll<()> {
        let mut out = self.out();
        if out.has_left() {
            return Poll::Ready(());
        }
        out.set_writer(ctx.waker());
        Poll::Pending
    }

    /// Ready as soon as the system has taken everything that was said.
    pub(super) fn poll_written(&self, ctx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        loop {
            let mut out = self.out();
            let said = out.write_left(&self.0.tcp);
            let (has_left, is_whole) = (out.has_left(), out.is_whole());
            drop(out);
            self.count(said)?;
            if !has_left {
                return Poll::Ready(if is_whole { Ok(()) } else { Err(Gone) });
            }
            if ready!(self.0.tcp.poll_write_ready(ctx)).is_err() {
                return Poll::Ready(Err(Gone));
            }
        }
    }

    /// The same, to be waited for.
    pub(super) async fn written(&self) -> Result<(), Gone> {
        std::future::poll_fn(|ctx| self.poll_written(ctx)).await
    }

    /// Waits a moment for a client that was told to close: unread bytes would make the system reset
    /// the connection, and the last word with it.
    pub(super) async fn see_off(&self) {
        match tokio::time::timeout(LAST_WORD_WAIT, self.read_away()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a client did not wait for the last word"),
            Err(_) => tracing::debug!("a client did not close after the last word"),
        }
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.0.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, said: Result<u64, Shut>) -> Result<(), Gone> {
        let written = said.map_err(|Shut| Gone)?;
        self.0.bytes_written.fetch_add(written, Ordering::Relaxed);
        Ok(())
    }

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

/// A frame that is no message.
fn control(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(2 + payload.len());
    put_head(&mut frame, opcode.first(), payload.len());
    frame.extend_from_slice(payload);
    frame
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    const WAIT: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn perf4_whoever_has_read_all_there_was_is_woken_by_more_and_by_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let wire = Wire::new(listener.accept().await.unwrap().0);
        wire.allow(usize::MAX);
        let reads = async || {
            let mut room = [0; 64];
            let read = poll_fn(|ctx| wire.poll_read(ctx, &mut &mut room[..]));
            timeout(WAIT, read).await.expect("it is woken").unwrap()
        };
        for bytes in [1, 63, 64, 64, 1] {
            client.write_all(&vec![7; bytes]).await.unwrap();
            assert_eq!(reads().await, bytes);
        }
        drop(client);
        assert_eq!(reads().await, 0);
    }
    #[tokio::test]
    async fn sock16_what_the_system_does_not_take_at_once_is_written_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        SockRef::from(&listener).set_send_buffer_size(16 * 1024).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let wire = Wire::new(listener.accept().await.unwrap().0);
        let long = vec![7; 8 * 1024 * 1024];
        assert!(poll_once(&wire).is_pending());
        wire.say(b"head", long.clone().into()).unwrap();
        assert!(wire.has_left() && poll_once(&wire).is_ready());
        wire.say_control(Opcode::Pong, b"between").unwrap();
        wire.say(b"word", Bytes::new()).unwrap();
        wire.say_why(1000, "the end").unwrap();
        assert_eq!(wire.say(b"more", Bytes::new()), Err(Gone));
        let bye = [&[0x88, 9][..], &1000_u16.to_be_bytes(), b"the end"].concat();
        let expected = [b"head", &long[..], b"\x8a\x07between", b"word", &bye].concat();
        let mut heard = Vec::new();
        let writes = async {
            wire.written().await.unwrap();
            assert_eq!(wire.bytes_written(), expected.len() as u64);
            drop(wire);
        };
        let both = async { tokio::join!(writes, client.read_to_end(&mut heard)).1.unwrap() };
        timeout(WAIT, both).await.expect("all of it comes");
        assert!(heard == expected);
    }

    fn poll_once(wire: &Wire) -> Poll<()> {
        wire.poll_left(&Context::from_waker(std::task::Waker::noop()))
    }
}
