//! Carries frames between a socket and its Session: the reading half goes to the Session's actor
//! and comes back when that has ended; the writing half empties the outbox.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors::session::outbox::{Outgoing, Written};
use actors::session::{Ended, Received};
use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, Stream, StreamExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::close::close_code;
use super::wire::Wire;
use super::{Gone, Heard, Kind, Said, Socket};

/// How long a client may read nothing at all while something is written to it.
const STALL_WAIT: Duration = Duration::from_secs(10);
/// How often within that time it is looked whether anything was read.
const STALL_LOOKS: u32 = 10;
/// Bytes that are handed to the library at once, unless one frame has more: what it holds is as
/// much memory as what waits in the outbox.
const WRITE_BYTES_MAX: usize = 32 * 1024;
/// How long a client may take to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

type Boxed = Pin<Box<dyn Socket>>;

/// The two halves of a socket.
pub(super) fn split(socket: Boxed, wire: Wire, door: Door) -> (Reading, Writing) {
    let (sink, stream) = socket.split();
    let (give_back, back) = oneshot::channel();
    let reading = Reading {
        stream: Some(stream),
        give_back: Some(give_back),
        wire: wire.clone(),
        door,
        state: ReadingState::First,
    };
    (reading, Writing { sink, back, wire, door, unsaid: None, stall_wait: STALL_WAIT })
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
pub(super) struct Reading {
    stream: Option<SplitStream<Boxed>>,
    give_back: Option<oneshot::Sender<SplitStream<Boxed>>>,
    wire: Wire,
    door: Door,
    state: ReadingState,
}

impl Reading {
    fn received(&mut self, heard: Heard) -> Received {
        let first = self.state == ReadingState::First;
        match heard {
            Heard::Frame(_, bytes) if first && bytes.len() > FRAME_BYTES_MAX_UNAUTHENTICATED => {
                self.state = ReadingState::Ended;
                Received::TooLarge
            }
            Heard::Frame(_, bytes) => {
                self.state = ReadingState::Open;
                Received::Frame(bytes)
            }
            Heard::TooLarge => {
                self.state = ReadingState::Ended;
                Received::TooLarge
            }
            Heard::TooMany => {
                // The Session sees an end; the writing half says why.
                self.wire.note_violation(close_code(self.door, Close::TooManyFrames).0);
                self.ended(Ended::Flooded)
            }
            Heard::Broken(code) => {
                self.wire.note_violation(code);
                self.ended(Ended::Broken)
            }
            Heard::Silent => self.ended(Ended::Silent),
            Heard::Lost => self.cut().unwrap_or_else(|| self.ended(Ended::Lost)),
        }
    }

    fn ended(&mut self, how: Ended) -> Received {
        self.state = ReadingState::Ended;
        Received::Ended(how)
    }

    /// The end that the writing half made, if it was that.
    fn cut(&mut self) -> Option<Received> {
        self.wire.is_cut().then(|| self.ended(Ended::Stalled))
    }
}

impl Stream for Reading {
    type Item = Received;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Received>> {
        if self.state == ReadingState::Ended {
            return Poll::Ready(None);
        }
        let Some(stream) = self.stream.as_mut() else { return Poll::Ready(None) };
        let heard = ready!(stream.poll_next_unpin(ctx));
        let received = match heard {
            Some(heard) => Some(self.received(heard)),
            None => self.cut(),
        };
        if received.is_none() {
            self.state = ReadingState::Ended;
        }
        Poll::Ready(received)
    }
}

impl Drop for Reading {
    /// The writing half still has to hear the client's answer to its close.
    fn drop(&mut self) {
        if let (Some(stream), Some(give_back)) = (self.stream.take(), self.give_back.take()) {
            drop(give_back.send(stream));
        }
    }
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteEnd {
    Written,
    /// The library gave the socket up.
    Gone,
    /// The client reads nothing.
    Stalled,
}

/// The writing half.
pub(super) struct Writing {
    sink: SplitSink<Boxed, Said>,
    back: oneshot::Receiver<SplitStream<Boxed>>,
    wire: Wire,
    door: Door,
    /// The server's own word that the library did not take any more: why the Session ends, most
    /// likely. What a peer said may not be said late.
    unsaid: Option<Bytes>,
    stall_wait: Duration,
}

impl Writing {
    /// Writes until the Session has said close, then closes.
    pub(super) async fn run(mut self, mut outgoing: Outgoing) {
        let why = loop {
            match outgoing.next().await {
                Some(Written::Frame(frame)) => {
                    let own = outgoing.was_own().then(|| frame.clone());
                    match self.write(frame, &mut outgoing).await {
                        WriteEnd::Written => {}
                        // The reading half has noticed as well, and the Session will say why.
                        WriteEnd::Gone => self.unsaid = own.or(self.unsaid.take()),
                        WriteEnd::Stalled => {
                            tracing::debug!("a client has read nothing for too long");
                            return self.wire.cut();
                        }
                    }
                }
                Some(Written::Close(why)) => break why,
                None => break Close::Internal,
            }
        };
        drop(outgoing);
        // A farewell has a buffer; every open socket would have room for it beside it.
        Box::pin(self.close(why)).await;
    }

    /// Writes a batch, for as long as any of it is read.
    async fn write(&mut self, first: Bytes, outgoing: &mut Outgoing) -> WriteEnd {
        let (wire, stall_wait) = (self.wire.clone(), self.stall_wait);
        let mut batch = std::pin::pin!(self.write_batch(first, outgoing));
        let mut progress = (wire.bytes_written(), Instant::now());
        loop {
            match timeout(stall_wait / STALL_LOOKS, batch.as_mut()).await {
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

    /// Writes what waits in one go, up to a measure.
    async fn write_batch(&mut self, first: Bytes, outgoing: &mut Outgoing) -> Result<(), Gone> {
        let kind = kind(self.door);
        let mut bytes = first.len();
        self.sink.feed(Said::Frame(kind, first)).await?;
        while bytes < WRITE_BYTES_MAX
            && let Some(next) = outgoing.try_next()
        {
            bytes += next.len();
            self.sink.feed(Said::Frame(kind, next)).await?;
        }
        self.sink.flush().await
    }

    async fn close(mut self, why: Close) {
        // Whoever broke the rules hears that, and not that its Session ended.
        let (code, reason) = match self.wire.violation() {
            Some(code) => (code, ""),
            None => close_code(self.door, why),
        };
        let said = timeout(CLOSE_WAIT, self.sink.send(Said::Close(code, reason))).await;
        match said {
            Ok(Ok(())) => {
                let answered = async {
                    let Ok(stream) = self.back.await else { return };
                    stream.for_each(|_| std::future::ready(())).await;
                };
                if timeout(CLOSE_WAIT, answered).await.is_err() {
                    tracing::debug!("a client did not answer the close");
                }
                // Whoever says too much may still be saying it.
                if self.wire.violation().is_some() || self.wire.is_used_up() {
                    self.wire.see_off().await;
                }
            }
            // The library gave the socket up: for a violation, or because the client has left.
            Ok(Err(Gone)) if why == Close::Normal && self.wire.violation().is_none() => {}
            Ok(Err(Gone)) => {
                let unsaid = self.unsaid.as_ref().map(|frame| (kind(self.door), &**frame));
                self.wire.last_word(unsaid, code, reason).await;
            }
            Err(_) => {
                tracing::debug!("a client reads nothing, not even the close");
                self.wire.cut();
            }
        }
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
    use futures_util::stream::{self, BoxStream};
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};
    use tokio::time::interval;

    use super::super::sockudo::{self, Settings};
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
    async fn open() -> (TcpStream, Reading, Writing, Outbox, Outgoing) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        socket2::SockRef::from(&listener).set_send_buffer_size(16 * 1024).unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let wire = Wire::new(listener.accept().await.unwrap().0);
        let settings = Settings::of(Door::Binary);
        let handshake = binary_handshake();
        let socket = sockudo::open(wire.clone(), Bytes::new(), &handshake, &settings);
        let (outbox, outgoing) = channel(Door::Binary, Arc::new(Nobody));
        let (reading, mut writing) = split(socket, wire, Door::Binary);
        writing.stall_wait = STALL_WAIT_HERE;
        for _ in 0..5 {
            outbox.talk(Bytes::from(vec![0; FRAME_BYTES])).unwrap();
        }
        (client, reading, writing, outbox, outgoing)
    }

    #[tokio::test]
    async fn sock11_a_slow_reader_that_reads_hears_everything() {
        assert_eq!(STALL_WAIT, Duration::from_secs(10));
        let (mut client, _reading, writing, outbox, outgoing) = open().await;
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
        let both = async { tokio::join!(reads, writing.run(outgoing)) };
        timeout(WAIT, both).await.expect("everything is heard");
    }

    #[tokio::test]
    async fn sock11_a_reader_that_stalls_is_cut_and_its_session_sees_the_end() {
        let (_client, mut reading, writing, _outbox, outgoing) = open().await;
        let session = async { reading.next().await };
        let both = async { tokio::join!(session, writing.run(outgoing)).0 };
        let heard = timeout(WAIT, both).await.expect("both halves end");
        assert!(matches!(heard, Some(Received::Ended(Ended::Stalled))), "{heard:?}");
    }
}
