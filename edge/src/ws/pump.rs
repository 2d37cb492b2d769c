//! Carries frames between a socket and its Session: the reading half brings what the client says, the
//! writing half empties the outbox, and both are in the task of the Session's actor.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors::session::outbox::{Frame, Outgoing, Written};
use actors::session::{Ended, Received, Socket};
use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout};

use super::close::close_code;
use super::codec::Kind;
use super::reader::Reader;
use super::wire::Wire;
use super::writer::Writer;
use super::{Gone, Heard};
use crate::lifecycle::Lifecycle;

/// How long a client may read nothing at all while something is written to it.
const STALL_WAIT: Duration = Duration::from_secs(10);
/// How often within that time it is looked whether anything was read.
const STALL_LOOKS: u32 = 10;
/// How long a client may take to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// A socket as its Session's actor holds it. One that goes down with its writing half open writes
/// what was said and sees the client off, in a task of its own.
pub(super) struct Halves {
    reading: Reading,
    /// `None` once the Session writes nothing here any more.
    writing: Option<Writing>,
    lifecycle: Lifecycle,
}

impl Halves {
    /// Both halves of this connection.
    pub(super) fn new(
        reader: Reader,
        writer: Writer,
        wire: Wire,
        door: Door,
        outgoing: Outgoing,
        lifecycle: Lifecycle,
    ) -> Self {
        let reading = Reading { reader: Some(reader), state: ReadingState::First };
        let writing = Writing { writer, outgoing, wire, door, stall_wait: STALL_WAIT, slow: None };
        Self { reading, writing: Some(writing), lifecycle }
    }

    /// Leaves what is to come, from here on, to a task of its own.
    fn leave(&mut self, last: impl FnOnce(Writing, Option<Reader>) -> Rare<()>) {
        let reader = self.reading.reader.take();
        if let Some(writing) = self.writing.take() {
            self.lifecycle.spawn_last(last(writing, reader));
        }
    }
}

impl Stream for Halves {
    type Item = Received;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Received>> {
        self.reading.poll_next(ctx)
    }
}

impl Socket for Halves {
    fn write(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) {
        let Some(writing) = &mut self.writing else { return };
        match writing.poll_close(ctx) {
            Poll::Pending => {}
            Poll::Ready(None) => self.writing = None,
            Poll::Ready(Some(why)) => {
                self.leave(|writing, reader| Box::pin(writing.close(reader, why)));
            }
        }
    }
}

impl Drop for Halves {
    fn drop(&mut self) {
        self.leave(|writing, reader| Box::pin(writing.finish(reader)));
    }
}

/// What has been read so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadingState {
    /// Nothing: the first message says who it is, and is small.
    First,
    /// Something.
    Open,
    /// The end.
    Ended,
}

/// The reading half.
struct Reading {
    /// `None` once it hears the client's answer to a close.
    reader: Option<Reader>,
    state: ReadingState,
}

impl ReadingState {
    fn received(&mut self, heard: Heard, wire: &Wire, door: Door) -> Received {
        let first = *self == Self::First;
        match heard {
            Heard::Frame(_, bytes) if first && bytes.len() > FRAME_BYTES_MAX_UNAUTHENTICATED => {
                *self = Self::Ended;
                Received::TooLarge
            }
            Heard::Frame(_, bytes) => {
                *self = Self::Open;
                Received::Frame(bytes)
            }
            Heard::TooLarge => {
                *self = Self::Ended;
                Received::TooLarge
            }
            Heard::TooMany => {
                // The Session sees an end; the writing half says why.
                wire.note_violation(close_code(door, Close::TooManyFrames).0);
                self.ended(Ended::Flooded)
            }
            Heard::Broken(code) => {
                wire.note_violation(code);
                self.ended(Ended::Broken)
            }
            Heard::Silent => self.ended(Ended::Silent),
            Heard::Lost => self.cut(wire).unwrap_or_else(|| self.ended(Ended::Lost)),
        }
    }

    fn ended(&mut self, how: Ended) -> Received {
        *self = Self::Ended;
        Received::Ended(how)
    }

    /// The end that the writing half made, if it was that.
    fn cut(&mut self, wire: &Wire) -> Option<Received> {
        wire.is_cut().then(|| self.ended(Ended::Stalled))
    }
}

impl Reading {
    fn poll_next(&mut self, ctx: &mut Context<'_>) -> Poll<Option<Received>> {
        let Self { reader, state } = self;
        if *state == ReadingState::Ended {
            return Poll::Ready(None);
        }
        let Some(reader) = reader else { return Poll::Ready(None) };
        let heard = ready!(reader.poll_next_unpin(ctx));
        let (wire, door) = reader.under();
        let received = match heard {
            Some(heard) => Some(state.received(heard, wire, door)),
            None => state.cut(wire),
        };
        if received.is_none() {
            *state = ReadingState::Ended;
        }
        Poll::Ready(received)
    }
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteEnd {
    Written,
    /// Nothing can be written any more.
    Gone,
    /// The client reads nothing.
    Stalled,
}

/// Something that is done once for a socket, or seldom: every open socket would have room for it.
type Rare<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The writing half.
struct Writing {
    writer: Writer,
    outgoing: Outgoing,
    wire: Wire,
    door: Door,
    stall_wait: Duration,
    /// A write that the system did not take at once.
    slow: Option<Rare<WriteEnd>>,
}

impl Writing {
    /// Writes until the Session has said close, and why; without a reason the socket was cut.
    fn poll_close(&mut self, ctx: &mut Context<'_>) -> Poll<Option<Close>> {
        loop {
            if let Some(slow) = &mut self.slow {
                let end = ready!(slow.as_mut().poll(ctx));
                self.slow = None;
                if end == WriteEnd::Stalled {
                    tracing::debug!("a client has read nothing for too long");
                    self.wire.cut();
                    return Poll::Ready(None);
                }
            }
            // What the reading half could not write comes first: an answer to a ping, most likely.
            let end = if self.wire.poll_left(ctx).is_ready() {
                WriteEnd::Written
            } else {
                match ready!(self.outgoing.poll_next(ctx)) {
                    Some(Written::Frame(frame)) => self.write(frame),
                    Some(Written::Close(why)) => return Poll::Ready(Some(why)),
                    None => return Poll::Ready(Some(Close::Internal)),
                }
            };
            // The reading half notices as well that nobody is there, and the Session will say why.
            if end == WriteEnd::Written && self.wire.has_left() {
                self.slow = Some(Box::pin(written(self.wire.clone(), self.stall_wait)));
            }
        }
    }

    /// Writes what waits in one go, up to a measure.
    fn write(&mut self, first: Frame) -> WriteEnd {
        let Self { writer, outgoing, .. } = self;
        match writer.say(kind(self.door), first, || outgoing.try_next()) {
            Ok(()) => WriteEnd::Written,
            Err(Gone) => WriteEnd::Gone,
        }
    }

    /// Writes what was said, and then the same.
    async fn finish(mut self, reader: Option<Reader>) {
        if let Some(why) = poll_fn(|ctx| self.poll_close(ctx)).await {
            self.close(reader, why).await;
        }
    }

    /// Tells the client why, and sees it off. What waited for this socket waits no longer.
    fn close(self, reader: Option<Reader>, why: Close) -> impl Future<Output = ()> + use<> {
        close(self.wire, reader, self.door, why)
    }
}

/// Waits until the system has taken what was written, for as long as any of it is read.
async fn written(wire: Wire, stall_wait: Duration) -> WriteEnd {
    let mut progress = (wire.bytes_written(), Instant::now());
    loop {
        match timeout(stall_wait / STALL_LOOKS, wire.written()).await {
            Ok(Ok(())) => return WriteEnd::Written,
            Ok(Err(Gone)) => return WriteEnd::Gone,
            Err(_) if wire.bytes_written() != progress.0 => {
                progress = (wire.bytes_written(), Instant::now());
            }
            Err(_) if progress.1.elapsed() >= stall_wait => return WriteEnd::Stalled,
            Err(_) => {}
        }
    }
}

async fn close(wire: Wire, reader: Option<Reader>, door: Door, why: Close) {
    // Whoever broke the rules hears that, and not that its Session ended.
    let (code, reason) = match wire.violation() {
        Some(code) => (code, ""),
        None => close_code(door, why),
    };
    // A client that closed, or was given up, has heard its last word.
    let is_news = wire.say_why(code, reason).is_ok();
    match timeout(CLOSE_WAIT, wire.written()).await {
        Ok(Ok(())) if is_news => farewell(wire, reader).await,
        Ok(Ok(()) | Err(Gone)) => {}
        Err(_) => {
            tracing::debug!("a client reads nothing, not even the close");
            wire.cut();
        }
    }
}

/// Waits for the client's answer to the close.
async fn farewell(wire: Wire, reader: Option<Reader>) {
    let answered = async {
        let Some(reader) = reader else { return };
        reader.for_each(|_| std::future::ready(())).await;
    };
    if timeout(CLOSE_WAIT, answered).await.is_err() {
        tracing::debug!("a client did not answer the close");
    }
    // Whoever says too much may still be saying it.
    if wire.is_deaf() || wire.is_used_up() {
        wire.see_off().await;
    }
}

/// What the messages of a door say they are.
const fn kind(door: Door) -> Kind {
    match door {
        Door::Text => Kind::Text,
        Door::Binary => Kind::Binary,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actors::session::outbox::{Outbox, channel};
    use actors::session::{Gate, TokenCheck, Told};
    use actors_core::session::Bearer;
    use async_trait::async_trait;
    use bus_schemas::chat::Standing;
    use bus_schemas::fault::Code;
    use bus_schemas::secret::Secret;
    use bytes::Bytes;
    use futures_util::stream::{self, BoxStream};
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};
    use tokio::time::interval;

    use super::super::reader::Settings;
    use super::super::upgrade::tests::binary_handshake;
    use super::*;

    const WAIT: Duration = Duration::from_mins(1);
    const STALL_WAIT_HERE: Duration = Duration::from_millis(400);
    const FRAME_BYTES: usize = 100 * 1024;

    struct Nobody;

    #[async_trait]
    impl TokenCheck for Nobody {
        async fn check(&self, _: &Secret<String>) -> Result<Bearer, Code> {
            Err(Code::InvalidToken)
        }

        fn has_ended(&self, _: Standing) -> bool {
            false
        }

        fn gate(&self) -> Gate {
            Gate::shut()
        }

        fn told(&self) -> BoxStream<'static, Told> {
            stream::pending().boxed()
        }
    }

    /// A client that keeps little, and both halves of its socket.
    async fn open() -> (TcpStream, Halves, Outbox) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        socket2::SockRef::from(&listener).set_send_buffer_size(16 * 1024).unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let wire = Wire::new(listener.accept().await.unwrap().0);
        let settings = Settings::of(Door::Binary);
        let handshake = binary_handshake();
        let reader = Reader::new(wire.clone(), &[], &handshake, &settings);
        let writer = Writer::new(wire.clone(), &handshake);
        let (outbox, outgoing) = channel(Door::Binary, Arc::new(Nobody));
        let lifecycle = Lifecycle::default();
        let mut socket = Halves::new(reader, writer, wire, Door::Binary, outgoing, lifecycle);
        socket.writing.as_mut().unwrap().stall_wait = STALL_WAIT_HERE;
        for _ in 0..5 {
            outbox.talk(Bytes::from(vec![0; FRAME_BYTES])).unwrap();
        }
        (client, socket, outbox)
    }

    /// What comes of a socket that is written and read as an actor does it.
    async fn hear(socket: &mut Halves) -> Option<Received> {
        poll_fn(|ctx| {
            Pin::new(&mut *socket).write(ctx);
            Pin::new(&mut *socket).poll_next(ctx)
        })
        .await
    }

    #[tokio::test]
    async fn sock11_a_slow_reader_that_reads_hears_everything() {
        assert_eq!(STALL_WAIT, Duration::from_secs(10));
        let (mut client, mut socket, outbox) = open().await;
        outbox.close(Close::Normal);
        let reads = async move {
            let (mut heard, mut part) = (0, vec![0; 4 * 1024]);
            // All of it takes several times as long as nothing may be read.
            let mut again = interval(STALL_WAIT_HERE / 20);
            while heard < 5 * FRAME_BYTES {
                again.tick().await;
                let read = client.read(&mut part).await.unwrap();
                assert!(read > 0, "cut after {heard} bytes");
                heard += read;
            }
        };
        let both = async { tokio::join!(reads, hear(&mut socket)).1 };
        let heard = timeout(WAIT, both).await.expect("everything is heard");
        assert!(heard.is_none(), "{heard:?}");
    }

    #[tokio::test]
    async fn sock11_a_reader_that_stalls_is_cut_and_its_session_sees_the_end() {
        let (_client, mut socket, _outbox) = open().await;
        let heard = timeout(WAIT, hear(&mut socket)).await.expect("both halves end");
        assert!(matches!(heard, Some(Received::Ended(Ended::Stalled))), "{heard:?}");
    }
}
