//! A listener: what a subscription wants to hear, on whichever line there is.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_nats::{Client, Subscriber};
use bus_schemas::bus::{BusError, Group, Incoming};
use bus_schemas::topic::Subject;
use futures_util::stream::StreamExt;
use tokio::task::JoinHandle;

use super::line::{Line, inbound};
use crate::bus::lock;
use crate::bus::queue::Queue;

/// A subject, the group it is heard in, and the queue its messages go to.
pub(super) struct Listener {
    subject: Subject,
    group: Option<Group>,
    pub(super) queue: Arc<Queue>,
    ear: Mutex<Option<Ear>>,
}

impl Listener {
    pub(super) fn new(subject: Subject, group: Option<Group>, queue: Arc<Queue>) -> Self {
        Self { subject, group, queue, ear: Mutex::new(None) }
    }

    /// Listens on a line from here on, and no longer on the one before.
    pub(super) async fn listen(&self, line: &Line) -> Result<(), BusError> {
        let queue = self.queue.clone();
        let deliver = move |message| {
            queue.push(message);
        };
        let ear = Ear::open(line.client(), &self.subject, self.group, deliver).await?;
        *lock(&self.ear) = Some(ear);
        Ok(())
    }

    /// Tells the broker at once that nobody listens here.
    pub(super) fn leave(&self) {
        drop(lock(&self.ear).take());
    }
}

/// A subscription at the broker. It ends in the moment this is dropped: the broker is told
/// before whatever is said next.
pub(super) struct Ear {
    subscriber: Arc<Mutex<Option<Subscriber>>>,
    forwarder: JoinHandle<()>,
}

impl Ear {
    /// Subscribes, and hands each message on as soon as it is there.
    pub(super) async fn open<F>(
        client: &Client,
        subject: &Subject,
        group: Option<Group>,
        deliver: F,
    ) -> Result<Self, BusError>
    where
        F: Fn(Incoming) + Send + 'static,
    {
        let subject = subject.as_str().to_owned();
        let subscriber = match group {
            None => client.subscribe(subject).await,
            Some(Group(name)) => client.queue_subscribe(subject, name.to_owned()).await,
        };
        let subscriber = subscriber.map_err(|_| BusError::Away)?;
        let subscriber = Arc::new(Mutex::new(Some(subscriber)));
        let forwarder = tokio::spawn(forward(subscriber.clone(), deliver));
        Ok(Self { subscriber, forwarder })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        drop(lock(&self.subscriber).take());
        self.forwarder.abort();
    }
}

async fn forward(subscriber: Arc<Mutex<Option<Subscriber>>>, deliver: impl Fn(Incoming)) {
    let next = || {
        poll_fn(|ctx| match lock(&subscriber).as_mut() {
            Some(subscriber) => subscriber.poll_next_unpin(ctx),
            None => Poll::Ready(None),
        })
    };
    while let Some(message) = next().await {
        deliver(inbound(message));
    }
}
