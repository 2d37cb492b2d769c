//! Carries frames between a socket and its Session: the reading half goes to the Session's actor
//! and comes back when that has ended; the writing half empties the outbox.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors::session::Received;
use actors::session::outbox::{Outgoing, Written};
use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::FRAME_BYTES_MAX_UNAUTHENTICATED;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, Stream, StreamExt};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::close::close_code;
use super::wire::Wire;
use super::{Gone, Heard, Said, Socket};

/// How long a client may take to read what was written; then it counts as a slow reader.
const WRITE_WAIT: Duration = Duration::from_secs(10);
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
        state: ReadingState::First,
    };
    (reading, Writing { sink, back, wire, door })
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
    state: ReadingState,
}

impl Reading {
    fn received(&mut self, heard: Heard) -> Option<Received> {
        let first = self.state == ReadingState::First;
        match heard {
            Heard::Frame(bytes) if first && bytes.len() > FRAME_BYTES_MAX_UNAUTHENTICATED => {
                self.state = ReadingState::Ended;
                Some(Received::TooLarge)
            }
            Heard::Frame(bytes) => {
                if first {
                    self.wire.lift_allowance();
                    self.state = ReadingState::Open;
                }
                Some(Received::Frame(bytes))
            }
            Heard::TooLarge => {
                self.state = ReadingState::Ended;
                Some(Received::TooLarge)
            }
            Heard::Broken(code) => {
                self.state = ReadingState::Ended;
                self.wire.note_violation(code);
                None
            }
        }
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
        let received = heard.and_then(|heard| self.received(heard));
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

/// The writing half.
pub(super) struct Writing {
    sink: SplitSink<Boxed, Said>,
    back: oneshot::Receiver<SplitStream<Boxed>>,
    wire: Wire,
    door: Door,
}

impl Writing {
    /// Writes until the Session has said close, then closes.
    pub(super) async fn run(mut self, mut outgoing: Outgoing) {
        let why = loop {
            match outgoing.next().await {
                Some(Written::Frame(frame)) => {
                    match timeout(WRITE_WAIT, self.write(frame, &mut outgoing)).await {
                        // The reading half has noticed as well, and the Session will say why.
                        Ok(Ok(()) | Err(Gone)) => {}
                        Err(_) => return,
                    }
                }
                Some(Written::Close(why)) => break why,
                None => break Close::Internal,
            }
        };
        drop(outgoing);
        self.close(why).await;
    }

    /// Writes everything that waits in one go.
    async fn write(&mut self, first: bytes::Bytes, outgoing: &mut Outgoing) -> Result<(), Gone> {
        self.sink.feed(Said::Frame(first)).await?;
        while let Some(next) = outgoing.try_next() {
            self.sink.feed(Said::Frame(next)).await?;
        }
        self.sink.flush().await
    }

    async fn close(mut self, why: Close) {
        let (code, reason) = close_code(self.door, why);
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
            }
            // The library gave the socket up: for a violation, or because the client has left.
            Ok(Err(Gone)) => match (self.wire.violation(), why) {
                (Some(code), _) => self.wire.last_word(code, "").await,
                (None, Close::Normal) => {}
                (None, _) => self.wire.last_word(code, reason).await,
            },
            Err(_) => tracing::debug!("a client reads nothing, not even the close"),
        }
    }
}
