//! Carries frames between a socket and its Session: the reading half goes to the Session's actor
//! and comes back when that has ended; the writing half empties the outbox.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors::session::outbox::{Frame, Outgoing, Written};
use actors::session::{Ended, Received};
use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use futures_util::{Stream, StreamExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::close::close_code;
use super::codec::Kind;
use super::reader::Reader;
use super::wire::Wire;
use super::writer::Writer;
use super::{Gone, Heard};

/// How long a client may read nothing at all while something is written to it.
const STALL_WAIT: Duration = Duration::from_secs(10);
/// How often within that time it is looked whether anything was read.
const STALL_LOOKS: u32 = 10;
/// How long a client may take to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// The two halves of a socket, as its Session and its outbox have them.
pub(super) fn split(
    reader: Reader,
    writer: Writer,
    wire: Wire,
    door: Door,
    outgoing: Outgoing,
) -> (Reading, Box<Writing>) {
    let (give_back, back) = oneshot::channel();
    let reading =
        Reading { reader: Some(reader), give_back: Some(give_back), state: ReadingState::First };
    let writing = Writing {
        writer,
        outgoing: Some(outgoing),
        back: Some(back),
        wire,
        door,
        stall_wait: STALL_WAIT,
        slow: None,
    };
    (reading, Box::new(writing))
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

/// The reading half. The reader stands in it, for both are in one place while the socket is open.
pub(super) struct Reading {
    reader: Option<Reader>,
    give_back: Option<oneshot::Sender<Box<Reader>>>,
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

impl Stream for Reading {
    type Item = Received;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Received>> {
        let Self { reader, state, .. } = &mut *self;
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

impl Drop for Reading {
    /// The writing half still has to hear the client's answer to its close.
    fn drop(&mut self) {
        if let (Some(reader), Some(give_back)) = (self.reader.take(), self.give_back.take()) {
            drop(give_back.send(Box::new(reader)));
        }
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
type Rare<T> = Pin<Box<dyn Future<Output = T>>>;

/// The life of a socket, from the end of its handshake to the end of its connection. It is one
/// small thing that points to whatever goes on: there is one for each open socket.
pub(super) enum Life {
    Begins(Rare<Option<Box<Writing>>>),
    Writes(Box<Writing>),
    Closes(Rare<()>),
}

impl Future for Life {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<()> {
        loop {
            let next = match &mut *self {
                Self::Begins(begins) => ready!(begins.as_mut().poll(ctx)).map(Self::Writes),
                Self::Writes(writing) => {
                    let why = ready!(writing.poll_close(ctx));
                    why.map(|why| Self::Closes(Box::pin(writing.close(why))))
                }
                Self::Closes(closes) => return closes.as_mut().poll(ctx),
            };
            match next {
                Some(next) => *self = next,
                None => return Poll::Ready(()),
            }
        }
    }
}

/// The writing half.
pub(super) struct Writing {
    writer: Writer,
    /// Empty once the socket closes.
    outgoing: Option<Outgoing>,
    back: Option<oneshot::Receiver<Box<Reader>>>,
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
                let Some(outgoing) = &mut self.outgoing else { return Poll::Ready(None) };
                match ready!(outgoing.poll_next(ctx)) {
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
        match writer.say(kind(self.door), first, || outgoing.as_mut()?.try_next()) {
            Ok(()) => WriteEnd::Written,
            Err(Gone) => WriteEnd::Gone,
        }
    }

    /// Tells the client why, and sees it off.
    fn close(&mut self, why: Close) -> impl Future<Output = ()> + use<> {
        // What waited for this socket waits no longer.
        self.outgoing = None;
        close(self.wire.clone(), self.back.take(), self.door, why)
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

async fn close(wire: Wire, back: Option<oneshot::Receiver<Box<Reader>>>, door: Door, why: Close) {
    // Whoever broke the rules hears that, and not that its Session ended.
    let (code, reason) = match wire.violation() {
        Some(code) => (code, ""),
        None => close_code(door, why),
    };
    // A client that closed, or was given up, has heard its last word.
    let is_news = wire.say_why(code, reason).is_ok();
    match timeout(CLOSE_WAIT, wire.written()).await {
        Ok(Ok(())) if is_news => farewell(wire, back).await,
        Ok(Ok(()) | Err(Gone)) => {}
        Err(_) => {
            tracing::debug!("a client reads nothing, not even the close");
            wire.cut();
        }
    }
}

/// Waits for the client's answer to the close.
async fn farewell(wire: Wire, back: Option<oneshot::Receiver<Box<Reader>>>) {
    let answered = async {
        let Some(back) = back else { return };
        let Ok(reader) = back.await else { return };
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
    async fn open() -> (TcpStream, Reading, Box<Writing>, Outbox) {
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
        let (reading, mut writing) = split(reader, writer, wire, Door::Binary, outgoing);
        writing.stall_wait = STALL_WAIT_HERE;
        for _ in 0..5 {
            outbox.talk(Bytes::from(vec![0; FRAME_BYTES])).unwrap();
        }
        (client, reading, writing, outbox)
    }

    #[tokio::test]
    async fn sock11_a_slow_reader_that_reads_hears_everything() {
        assert_eq!(STALL_WAIT, Duration::from_secs(10));
        let (mut client, _reading, writing, outbox) = open().await;
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
        let both = async { tokio::join!(reads, Life::Writes(writing)) };
        timeout(WAIT, both).await.expect("everything is heard");
    }

    #[tokio::test]
    async fn sock11_a_reader_that_stalls_is_cut_and_its_session_sees_the_end() {
        let (_client, mut reading, writing, _outbox) = open().await;
        let session = async { reading.next().await };
        let both = async { tokio::join!(session, Life::Writes(writing)).0 };
        let heard = timeout(WAIT, both).await.expect("both halves end");
        assert!(matches!(heard, Some(Received::Ended(Ended::Stalled))), "{heard:?}");
    }
}
