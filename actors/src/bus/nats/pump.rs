//! The task that owns the socket of a line: it reads in steps with a bound, hands each message to
//! the queue of its listener, and writes once for all that was said in a turn.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bus_schemas::bus::Incoming;
use bus_schemas::sheet::Sheet;
use bus_schemas::topic::Subject;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::batch::Batch;
use super::line::{ANSWERS, Wire};
use super::listener::Listener;
use super::welcome::Info;
use super::wire::{self, Garbled, Message, Read, Said};
use crate::bus::Lane;
use crate::bus::counters;

/// After two unanswered pings the line counts as lost: a broker that hangs is noticed within 5 s,
/// like one that stopped.
const PING_EVERY: Duration = Duration::from_millis(1_500);
const UNANSWERED_MAX: u32 = 2;
/// Bytes that the buffer for reading has, and how many of them there are for each step at least.
const BUFFER_BYTES: usize = 64 * 1024;
const STEP_BYTES_MIN: usize = BUFFER_BYTES / 2;
/// Bytes of a step where frames of files are heard: what comes of a long one before its length is
/// known is moved once, so it is to be little.
const BULK_STEP_BYTES: usize = 4 * 1024;
/// Steps of reading, after which what is to be said comes first.
const STEPS_MAX: usize = 4;
/// From here on a message is read into memory of its own, which its payload keeps. Shorter ones are
/// copied: a word that waits must not keep what came with it.
const LONG_BYTES_MIN: usize = BUFFER_BYTES / 4;
/// How long a line that is given up may take to write what was said.
const FAREWELL_WAIT: Duration = Duration::from_secs(1);

/// Hears one answer.
type OnAnswer = Box<dyn Fn(Incoming) + Send>;
/// Hears that messages were lost.
type OnOverrun = Box<dyn Fn() + Send>;

/// Owns a socket until it ends.
pub(super) struct Pump<S> {
    socket: S,
    buffer: BytesMut,
    /// Bytes that what is being read has at least.
    wants: usize,
    /// The buffer, while its place is taken by the memory of one long message.
    put_by: Option<BytesMut>,
    hearers: Hearers,
    batch: Batch,
    /// Whether something is written that a layer below may still hold.
    is_held: bool,
    ticks: Interval,
}

/// Those to whom messages go.
pub(super) struct Hearers {
    wire: Arc<Wire>,
    on_answer: OnAnswer,
    on_overrun: OnOverrun,
    sheet: Sheet,
    /// Pings that were answered, and since when none was.
    pongs: u64,
    unanswered: u32,
}

/// Why a line ends.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("nobody uses it any more")]
    Left,
    #[error("the broker has ended it")]
    Closed,
    #[error("the broker does not answer")]
    Silent,
    #[error(transparent)]
    Garbled(#[from] Garbled),
    #[error(transparent)]
    Broken(#[from] io::Error),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Pump<S> {
    /// In `read` is what was read already.
    pub(super) fn new(socket: S, read: &[u8], hearers: Hearers) -> Self {
        let mut buffer = BytesMut::with_capacity(BUFFER_BYTES.max(read.len()));
        buffer.extend_from_slice(read);
        let mut ticks = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let batch = Batch::default();
        Self { socket, buffer, wants: 0, put_by: None, hearers, batch, is_held: false, ticks }
    }

    /// Until the line ends, for whatever reason.
    pub(super) async fn run(mut self) {
        let Err(end) = self.hear_all() else {
            let end = poll_fn(|ctx| self.poll(ctx)).await;
            return self.end(&end).await;
        };
        self.end(&end.into()).await;
    }

    async fn end(mut self, end: &End) {
        let wire = self.hearers.wire.clone();
        tracing::debug!(%end, lane = wire.heard.lane.name(), "a line to the broker ends");
        if matches!(end, End::Left) {
            let farewell = async {
                poll_fn(|ctx| self.poll_write(ctx)).await?;
                self.socket.shutdown().await
            };
            // Whatever becomes of it: nobody waits for it.
            drop(timeout(FAREWELL_WAIT, farewell).await);
        }
        wire.end();
    }

    fn poll(&mut self, ctx: &mut Context<'_>) -> Poll<End> {
        match self.step(ctx) {
            Ok(()) => Poll::Pending,
            Err(end) => Poll::Ready(end),
        }
    }

    /// As much as can be done without waiting.
    fn step(&mut self, ctx: &mut Context<'_>) -> Result<(), End> {
        self.read(ctx)?;
        while self.ticks.poll_tick(ctx).is_ready() {
            self.hearers.tick()?;
        }
        if !self.hearers.wire.register(ctx.waker()) {
            return Err(End::Left);
        }
        match self.poll_write(ctx) {
            Poll::Ready(outcome) => Ok(outcome?),
            Poll::Pending => Ok(()),
        }
    }

    fn read(&mut self, ctx: &mut Context<'_>) -> Result<(), End> {
        for _ in 0..STEPS_MAX {
            match self.poll_read(ctx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Ok(0)) => return Err(End::Closed),
                Poll::Ready(Ok(_)) => self.hear_all()?,
                Poll::Ready(Err(error)) => return Err(error.into()),
            }
        }
        // There may be more, and nobody else says so.
        ctx.waker().wake_by_ref();
        Ok(())
    }

    fn poll_read(&mut self, ctx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let room = self.make_room();
        pin!(self.socket.read_buf(&mut (&mut self.buffer).limit(room))).poll_unpin(ctx)
    }

    /// Room for the next step. A long message that has begun to come has memory of its own and
    /// nothing beside it.
    fn make_room(&mut self) -> usize {
        let missing = self.wants.saturating_sub(self.buffer.len());
        if self.put_by.is_some() {
            return missing;
        }
        // Of a line nobody knows how long it is: one more byte is asked for at a time.
        if self.wants >= LONG_BYTES_MIN && missing > 1 {
            let mut own = BytesMut::with_capacity(self.wants);
            own.extend_from_slice(&self.buffer);
            self.buffer.clear();
            self.put_by = Some(std::mem::replace(&mut self.buffer, own));
            return missing;
        }
        let room = match self.hearers.wire.heard.lane {
            Lane::Talk => STEP_BYTES_MIN.max(missing),
            Lane::Bulk => BULK_STEP_BYTES.max(missing),
        };
        self.buffer.reserve(room);
        room
    }

    /// Everything that is there as a whole.
    fn hear_all(&mut self) -> Result<(), Garbled> {
        loop {
            let (said, taken) = match wire::read(&self.buffer)? {
                Read::Said(said, taken) => (said, taken),
                Read::Wants(bytes) => {
                    self.wants = bytes;
                    if self.buffer.is_empty()
                        && let Some(buffer) = self.put_by.take()
                    {
                        self.buffer = buffer;
                    }
                    return Ok(());
                }
            };
            let Said::Message(message) = said else {
                self.hearers.hear(&said);
                self.buffer.advance(taken);
                continue;
            };
            let Some((heard, ear)) = self.hearers.receive(&message) else {
                self.buffer.advance(taken);
                continue;
            };
            let length = message.payload.len();
            if length < LONG_BYTES_MIN {
                self.buffer.advance(taken);
                self.hearers.deliver(ear, heard);
            } else {
                let payload = shared_payload(self.buffer.split_to(taken), length);
                self.hearers.deliver(ear, Incoming { payload, ..heard });
            }
        }
    }

    /// Writes what there is, and what is said meanwhile.
    fn poll_write(&mut self, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while !self.batch.is_written() {
                let (pieces, count) = self.batch.pieces();
                let socket = Pin::new(&mut self.socket);
                let written = ready!(socket.poll_write_vectored(ctx, &pieces[..count]))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.is_held = true;
                self.batch.advance(written);
            }
            if !self.hearers.wire.next_batch(&mut self.batch) {
                break;
            }
        }
        if self.is_held {
            ready!(Pin::new(&mut self.socket).poll_flush(ctx))?;
            self.is_held = false;
        }
        Poll::Ready(Ok(()))
    }
}

/// The payload at the end of a message, in the memory it came in.
fn shared_payload(message: BytesMut, length: usize) -> Bytes {
    let message = message.freeze();
    let end = message.len() - b"\r\n".len();
    message.slice(end - length..end)
}

/// Who is to have a message.
enum Ear {
    Asker,
    Listener(Arc<Listener>),
}

impl Hearers {
    pub(super) fn new(wire: Arc<Wire>, on_answer: OnAnswer, on_overrun: OnOverrun) -> Self {
        Self { wire, on_answer, on_overrun, sheet: Sheet::new(), pongs: 0, unanswered: 0 }
    }

    /// Takes a message out of the buffer it came in, if anybody is to have it; a long payload is
    /// left there.
    fn receive(&mut self, message: &Message<'_>) -> Option<(Incoming, Ear)> {
        let ear = match message.sid {
            ANSWERS => Ear::Asker,
            // It may have been dropped at this moment.
            sid => Ear::Listener(self.wire.listener(sid)?),
        };
        let Some(heard) = copied(&mut self.sheet, message) else {
            // Whoever said it wrote a subject that is no text.
            counters::unreadable();
            return None;
        };
        Some((heard, ear))
    }

    fn deliver(&self, ear: Ear, message: Incoming) {
        match ear {
            Ear::Asker => (self.on_answer)(message),
            Ear::Listener(listener) => drop(listener.queue.push(message)),
        }
    }

    fn hear(&mut self, said: &Said<'_>) {
        match said {
            Said::Ping => self.wire.put(|out| out.extend_from_slice(wire::PONG)),
            Said::Pong => {
                self.pongs += 1;
                self.unanswered = 0;
                self.wire.confirm(self.pongs);
            }
            Said::Info(json) => self.info(json),
            Said::Complaint(words) => {
                let words = String::from_utf8_lossy(words);
                self.wire.heard.complaint(&words, &self.on_overrun);
            }
            Said::Fine | Said::Message(_) => {}
        }
    }

    fn info(&self, json: &[u8]) {
        let Some(info) = Info::read(json) else { return };
        self.wire.carries(info.max_payload);
        if info.is_about_to_stop {
            tracing::info!("the broker is about to stop");
        }
    }

    /// Asks the broker whether it is there, unless it did not answer twice.
    fn tick(&mut self) -> Result<(), End> {
        if self.unanswered == UNANSWERED_MAX {
            return Err(End::Silent);
        }
        self.unanswered += 1;
        self.wire.ping();
        Ok(())
    }
}

/// A message in memory that is used again, without its payload if that is long. `None` if its
/// subjects are no text.
fn copied(sheet: &mut Sheet, message: &Message<'_>) -> Option<Incoming> {
    let Message { subject, payload, .. } = message;
    let reply = message.reply.unwrap_or_default();
    let payload = if payload.len() < LONG_BYTES_MIN { payload } else { &[][..] };
    let bytes = subject.len() + reply.len() + payload.len();
    let mut all = sheet.write(bytes, |out| {
        for part in [subject, reply, payload] {
            out.put_slice(part);
        }
        out.split().freeze()
    });
    let subject = Subject::shared(all.split_to(subject.len()))?;
    let reply_text = all.split_to(reply.len());
    let reply = if reply.is_empty() { None } else { Some(Subject::shared(reply_text)?) };
    Some(Incoming {
        subject,
        reply,
        trace: message.trace(),
        payload: all,
        no_responders: message.is_no_responders(),
    })
}
