//! Asks the bus, now and then, for somebody who cannot exist, and sees that it says so. What that
//! means is decided in `actors_core::refusals`.

use std::time::{Duration, Instant};

use actix::{AsyncContext, Context};
use actors_core::refusals::{Refusals, Seen};
use bus_schemas::bus::{Bus, Outgoing};
use bus_schemas::chat::{self, BounceTag};
use bus_schemas::id::UserId;
use bus_schemas::time::Millis;
use bytes::Bytes;
use metrics::{describe_gauge, gauge};
use tokio::sync::watch;
use uuid::Uuid;

use super::hub::SessionHub;

/// The place that no Session has: bounces for it are answers to these questions.
const SLOT: u64 = u64::MAX;
const SILENCED: &str = "chat_bus_refusals_silenced";
const ALARM: &str = "somebody listens to the subjects of chats: nobody can be told any more that \
                     the other person is offline; look for a subscription to chat.> or > at the \
                     broker";

/// What a hub keeps of its questions.
pub(super) struct Watching {
    refusals: Refusals,
    started: Instant,
    /// What the others were told of this connection.
    told: Seen,
    /// How many connections are silenced: each arbiter has one of its own.
    silenced: watch::Sender<usize>,
}

/// Describes what is shown here, and lets it begin at 0.
pub(super) fn describe() {
    describe_gauge!(SILENCED, "Connections to the bus while somebody listens to all chats.");
    gauge!(SILENCED).set(0.0);
}

impl Watching {
    pub(super) fn new(silenced: watch::Sender<usize>) -> Self {
        let (refusals, started) = (Refusals::new(Millis(0)), Instant::now());
        Self { refusals, started, told: Seen::Heard, silenced }
    }

    /// Asks what is due, and comes back when something is due again.
    pub(super) fn run(hub: &mut SessionHub, ctx: &mut Context<SessionHub>) {
        let watching = &mut hub.watching;
        let now = watching.now();
        if let Some(n) = watching.refusals.due(now, 2) {
            ask(&*hub.deps.bus, chat::peer, n);
            ask(&*hub.deps.bulk, chat::bulk, n);
        }
        watching.tell();
        let wait = watching.refusals.deadline().since(watching.now()).max(1);
        ctx.run_later(Duration::from_millis(wait), Self::run);
    }

    /// Whether a bounce is the answer to one of these questions; then it is taken.
    pub(super) fn takes(&mut self, tag: BounceTag, no_responders: bool) -> bool {
        if tag.slot != SLOT {
            return false;
        }
        if no_responders {
            self.refusals.refused(self.now(), tag.n);
            self.tell();
        }
        true
    }

    /// The bus went away, or came back.
    pub(super) fn bus_changed(&mut self) {
        self.refusals.bus_changed(self.now());
    }

    fn now(&self) -> Millis {
        Millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Changes only are told and logged.
    fn tell(&mut self) {
        match (self.told, self.refusals.seen()) {
            (Seen::Heard, Seen::Silenced) => {
                tracing::error!("{ALARM}");
                gauge!(SILENCED).increment(1.0);
                self.silenced.send_modify(|count| *count += 1);
            }
            (Seen::Silenced, Seen::Heard) => {
                tracing::info!("nobody listens to the subjects of chats any more");
                gauge!(SILENCED).decrement(1.0);
                self.silenced.send_modify(|count| *count -= 1);
            }
            (Seen::Heard, Seen::Heard) | (Seen::Silenced, Seen::Silenced) => {}
        }
        self.told = self.refusals.seen();
    }
}

/// A word for a user who was made up a moment ago. It holds nothing: if somebody should hear it,
/// there is nothing to hear.
fn ask(bus: &dyn Bus, subject: fn(UserId) -> bus_schemas::topic::Subject, n: u64) {
    let nobody = UserId::new(Uuid::new_v4());
    let reply = chat::bounce(bus.id(), BounceTag { slot: SLOT, n });
    let message = Outgoing {
        subject: subject(nobody),
        reply: Some(reply),
        trace: None,
        payload: Bytes::new(),
        body: Bytes::new(),
    };
    if let Err(error) = bus.publish(message) {
        tracing::debug!(%error, "the bus could not be asked for nobody");
    }
}
