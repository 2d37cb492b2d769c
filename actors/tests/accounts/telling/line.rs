//! A line of auth to the bus, of which a test says what becomes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actors::bus::embedded::Connection;
use async_trait::async_trait;
use bus_schemas::bus::{self, Bus, BusError, BusStatus, Gap, Group, Outgoing, Subscription};
use bus_schemas::id::BusId;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::Notify;

/// What becomes of a question to all, and of the echo after it.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// The question is not taken.
    TakesNothing,
    /// No echo comes.
    LosesTheEcho,
    /// The echo comes, and an answer is lost.
    LosesAnAnswer,
    /// The echo comes when the test says so.
    EchoesLate(Arc<Notify>),
    /// The first echo comes; when the second is asked for, the test is told, and none comes.
    EchoesOnce(Arc<Notify>),
}

/// The line.
pub(super) struct Line {
    bus: Connection,
    fate: Fate,
    echoes: AtomicUsize,
}

impl Line {
    pub(super) fn new(bus: Connection, fate: Fate) -> Self {
        Self { bus, fate, echoes: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Bus for Line {
    fn id(&self) -> BusId {
        self.bus.id()
    }

    fn publish(&self, message: Outgoing) -> Result<(), BusError> {
        self.bus.publish(message)
    }

    async fn subscribe(
        &self,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        self.bus.subscribe(subject, group, capacity).await
    }

    async fn request(&self, message: Outgoing, wait: Duration) -> Result<Bytes, BusError> {
        if message.subject == bus::echo() {
            match &self.fate {
                Fate::LosesTheEcho => return Err(BusError::Timeout),
                Fate::EchoesLate(comes) => comes.notified().await,
                Fate::EchoesOnce(again) if self.echoes.fetch_add(1, Ordering::Relaxed) > 0 => {
                    again.notify_one();
                    return Err(BusError::Timeout);
                }
                Fate::TakesNothing | Fate::LosesAnAnswer | Fate::EchoesOnce(_) => {}
            }
        }
        self.bus.request(message, wait).await
    }

    async fn request_many(
        &self,
        message: Outgoing,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        match self.fate {
            Fate::TakesNothing => Err(BusError::Full),
            Fate::LosesAnAnswer => {
                let answers = self.bus.request_many(message, capacity).await?;
                Ok(stream::iter([Err(Gap)]).chain(answers).boxed())
            }
            Fate::LosesTheEcho | Fate::EchoesLate(_) | Fate::EchoesOnce(_) => {
                self.bus.request_many(message, capacity).await
            }
        }
    }

    fn status(&self) -> BusStatus {
        self.bus.status()
    }

    fn status_changes(&self) -> BoxStream<'static, BusStatus> {
        self.bus.status_changes()
    }
}
