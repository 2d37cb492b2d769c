//! The port to the bus. What any bus must do is numbered BUS in `SPEC.md` and held by one
//! contract suite on every implementation.
//!
//! The bus is at-most-once: it may lose a message, and says so when it knows. Nothing is stored
//! and nothing is queued while it is away.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::id::{BusId, TraceId};
use crate::topic::Subject;

/// What is handed to the bus.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where it is said.
    pub subject: Subject,
    /// Where the answer goes, and an empty refusal when nobody listens.
    pub reply: Option<Subject>,
    /// Travels beside the payload.
    pub trace: Option<TraceId>,
    /// At most [`crate::limit::BUS_PAYLOAD_BYTES_MAX`] bytes, headers and body included.
    pub payload: Bytes,
    /// The rest of the payload where that is long and need not be moved to stand behind it.
    pub body: Bytes,
}

/// What comes from the bus.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Where it was said.
    pub subject: Subject,
    /// Where an answer goes.
    pub reply: Option<Subject>,
    /// The trace id that came beside the payload.
    pub trace: Option<TraceId>,
    /// What was said.
    pub payload: Bytes,
    /// The bus itself speaks: nobody listens where this reply's question went.
    pub no_responders: bool,
}

impl Outgoing {
    /// Bytes of payload and body.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.payload.len() + self.body.len()
    }

    /// Payload and body in one piece, which whoever listens is given.
    #[must_use]
    pub fn whole(&self) -> Bytes {
        if self.body.is_empty() {
            return self.payload.clone();
        }
        [&self.payload[..], &self.body].concat().into()
    }
}

/// Messages were lost on the way to this subscription, because its queue was full.
///
/// A broken link, never a silent gap: whoever holds the subscription must resynchronise or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap;

/// Messages for one listener. Dropping it ends the subscription: from the next message on the
/// listener counts as absent.
pub type Subscription = BoxStream<'static, Result<Incoming, Gap>>;

/// The name of a group whose members share the messages of a subject, one member each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group(pub &'static str);

/// Whether the bus can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BusStatus {
    /// Messages flow.
    Up,
    /// Everything is refused with [`BusError::Away`] until it is back.
    Away,
}

/// `_INBOX.<role>.<conn>.<n>`: where the answer to a connection's question `n` goes.
#[must_use]
pub fn inbox(role: &str, bus: BusId, n: u64) -> Subject {
    Subject::new(format!("_INBOX.{role}.{}.{n:x}", bus.token()))
}

/// `_INBOX.<role>.<conn>.*`: every answer for one connection.
#[must_use]
pub fn inboxes(role: &str, bus: BusId) -> Subject {
    Subject::new(format!("_INBOX.{role}.{}.*", bus.token()))
}

/// Which question an inbox belongs to.
#[must_use]
pub fn inbox_number(subject: &str) -> Option<u64> {
    u64::from_str_radix(subject.rsplit('.').next()?, 16).ok()
}

/// `bus.echo`: nobody may listen here, so that the bus answers at once that nobody does. By that
/// answer a connection knows that the bus has done whatever was asked before.
#[must_use]
pub fn echo() -> Subject {
    Subject::new("bus.echo")
}

/// Why the bus did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BusError {
    /// Nobody listens on that subject.
    #[error("nobody answers on that subject")]
    NoResponders,
    /// Somebody listens, but did not answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The payload is larger than the bus carries.
    #[error("the payload is too large for the bus")]
    TooLarge,
    /// The queue towards the bus is full; nothing was sent.
    #[error("the bus takes no more at the moment")]
    Full,
    /// The bus cannot be reached; nothing was sent.
    #[error("the bus is away")]
    Away,
    /// This is not for the user that the connection has at the broker.
    #[error("the broker forbids it to this user")]
    Forbidden,
}

/// A bus: say, listen, ask.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// The name of this connection; part of its bounce subjects.
    fn id(&self) -> BusId;

    /// Says something and never waits. Order is kept per subject and connection. With a reply
    /// subject, an empty [`Incoming::no_responders`] comes back to it if nobody listens.
    fn publish(&self, message: Outgoing) -> Result<(), BusError>;

    /// Listens. Returns when the bus has confirmed it by a round trip, so that whatever is said
    /// afterwards is heard. At most `capacity` messages wait; then there is a [`Gap`].
    async fn subscribe(
        &self,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError>;

    /// Listens to several subjects, each with a capacity: a subscription for each, in this order,
    /// as [`Bus::subscribe`] gives them, and one round trip for all. Either all are listened to or
    /// none.
    async fn subscribe_all(
        &self,
        subjects: &[(Subject, usize)],
    ) -> Result<Vec<Subscription>, BusError> {
        let mut subscriptions = Vec::with_capacity(subjects.len());
        for (subject, capacity) in subjects {
            subscriptions.push(self.subscribe(subject, None, *capacity).await?);
        }
        Ok(subscriptions)
    }

    /// Asks and waits for one answer, at most `wait`.
    async fn request(&self, message: Outgoing, wait: Duration) -> Result<Bytes, BusError>;

    /// Asks everybody who listens. Each answer comes to the returned subscription until that is
    /// dropped; an empty [`Incoming::no_responders`] comes if nobody listens, and a [`Gap`] if
    /// answers were lost, because there were more than `capacity` or the bus went away.
    async fn request_many(
        &self,
        message: Outgoing,
        capacity: usize,
    ) -> Result<Subscription, BusError>;

    /// What counts a message that could not be read as the payload of its subject, and was
    /// dropped. Nobody needs to count.
    fn on_unreadable(&self) -> fn() {
        || {}
    }

    /// Whether the bus can be reached at this moment.
    fn status(&self) -> BusStatus;

    /// The status and every change of it from here on.
    fn status_changes(&self) -> BoxStream<'static, BusStatus>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Delivery;
    use crate::frame::{ClientFrame, PeerFrame, ServerFrame};

    #[test]
    fn perf3_what_is_moved_for_every_word_is_no_larger_than_is_written_here() {
        let sizes = [
            ("outgoing", size_of::<Outgoing>(), 152),
            ("incoming", size_of::<Incoming>(), 128),
            ("delivery", size_of::<Delivery>(), 136),
            ("peer frame", size_of::<PeerFrame>(), 96),
            ("client frame", size_of::<ClientFrame>(), 168),
            ("server frame", size_of::<ServerFrame>(), 96),
        ];
        for (what, bytes, bytes_max) in sizes {
            assert!(bytes <= bytes_max, "{what}: {bytes} bytes; {sizes:?}");
        }
    }
}
