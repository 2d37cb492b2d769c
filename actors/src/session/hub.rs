//! One hub per arbiter: it opens Sessions and passes on what comes for all of them.

use std::rc::Rc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, StreamHandler};
use actors_core::session::{Config, Event};
use bus_schemas::auth::{self, Revoked};
use bus_schemas::bus::{BusError, BusStatus, Gap, Incoming};
use bus_schemas::chat::{self, Bounce};
use bus_schemas::codec;
use bus_schemas::frame::Door;
use bus_schemas::id::{ConnId, Instance};
use futures_util::stream::BoxStream;
use uuid::Uuid;

use super::outbox::Outbox;
use super::slots::Slots;
use super::{Deps, Happened, Received, start};

/// Bounces that may wait for this hub: a whole ring of one busy Session and room to spare.
const BOUNCES_WAITING_MAX: usize = 8_192;
/// Revocations that may wait for this hub.
const REVOCATIONS_WAITING_MAX: usize = 1_024;
/// Sockets that may wait to be opened.
const MAILBOX_ITEMS_MAX: usize = 1_024;

/// The budgets that an operator may change.
#[derive(Clone, Copy, Debug)]
pub struct HubConfig {
    /// Talk frames per second of a connection, sustained.
    pub talk_frames_per_second: u32,
    /// Talk frames of a connection at once.
    pub talk_frames_burst: u32,
}

/// Opens Sessions on its arbiter.
///
/// Owns the places of its Sessions. Hears bounces for its bus connection, revocations and the
/// state of the bus. Ends with its arbiter.
pub struct SessionHub {
    config: HubConfig,
    deps: Rc<Deps>,
    slots: Slots,
}

impl SessionHub {
    /// Subscribes and starts the hub on this arbiter.
    pub async fn start(config: HubConfig, deps: Deps) -> Result<Addr<Self>, BusError> {
        let bus = &deps.bus;
        let bounces = bus.subscribe(&chat::bounces(bus.id()), None, BOUNCES_WAITING_MAX).await?;
        let revoked = bus.hear(&auth::revoked(), None, REVOCATIONS_WAITING_MAX).await?;
        let statuses = bus.status_changes();
        Ok(Self::create(|ctx| {
            ctx.set_mailbox_capacity(MAILBOX_ITEMS_MAX);
            ctx.add_stream(bounces);
            ctx.add_stream(revoked);
            ctx.add_stream(statuses);
            Self { config, deps: Rc::new(deps), slots: Slots::default() }
        }))
    }
}

impl Actor for SessionHub {
    type Context = Context<Self>;
}

/// A socket was upgraded.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Open {
    /// The encoding it speaks.
    pub door: Door,
    /// What it reads; ends when the socket has ended.
    pub socket: BoxStream<'static, Received>,
    /// The queue that it writes from.
    pub outbox: Outbox,
}

impl Handler<Open> for SessionHub {
    type Result = ();

    fn handle(&mut self, open: Open, _ctx: &mut Context<Self>) {
        let config = Config {
            conn: ConnId::new(Uuid::new_v4()),
            door: open.door,
            instance: Instance::new(Uuid::new_v4()),
            talk_frames_per_second: self.config.talk_frames_per_second,
            talk_frames_burst: self.config.talk_frames_burst,
        };
        let place = self.slots.take();
        let number = place.number();
        let address = start(config, Rc::clone(&self.deps), place, open.outbox, open.socket);
        self.slots.move_in(number, address);
    }
}

/// The edge is stopping: clients are told to connect elsewhere.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain {
    /// The time over which the clients leave.
    pub within: Duration,
}

impl Handler<Drain> for SessionHub {
    type Result = ();

    fn handle(&mut self, drain: Drain, _ctx: &mut Context<Self>) {
        let within_ms = u64::try_from(drain.within.as_millis()).unwrap_or(u64::MAX).max(1);
        self.slots.tell_all(|| {
            // Spread evenly by chance, so that the clients do not all arrive elsewhere at once.
            let after_ms = Uuid::new_v4().as_u64_pair().1 % within_ms;
            Happened(Event::Draining { after_ms })
        });
    }
}

/// Asks how many Sessions are open.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct Count;

impl Handler<Count> for SessionHub {
    type Result = usize;

    fn handle(&mut self, _: Count, _ctx: &mut Context<Self>) -> usize {
        self.slots.taken()
    }
}

impl StreamHandler<Result<Incoming, Gap>> for SessionHub {
    fn handle(&mut self, item: Result<Incoming, Gap>, _ctx: &mut Context<Self>) {
        let Ok(message) = item else {
            // Some frame's refusal is lost, and nobody knows whose.
            self.slots.tell_all(|| Happened(Event::Lagged));
            return;
        };
        let Some(tag) = chat::bounce_tag(&message.subject) else { return };
        let bounce = if message.no_responders {
            Bounce::NobodyThere
        } else {
            match codec::decode(&message.payload) {
                Ok(bounce) => bounce,
                Err(_) => return,
            }
        };
        self.slots.tell(tag.slot, Happened(Event::Bounced { n: tag.n, bounce }));
    }

    fn finished(&mut self, _ctx: &mut Context<Self>) {
        self.slots.tell_all(|| Happened(Event::Lagged));
    }
}

impl StreamHandler<Result<Revoked, Gap>> for SessionHub {
    fn handle(&mut self, item: Result<Revoked, Gap>, _ctx: &mut Context<Self>) {
        match item {
            Ok(revoked) => self.slots.tell_all(|| Happened(Event::RevokedTold(revoked.clone()))),
            // Whoever was revoked is unknown: every socket has to come again with its token.
            Err(Gap) => self.slots.tell_all(|| Happened(Event::Lagged)),
        }
    }

    fn finished(&mut self, _ctx: &mut Context<Self>) {
        self.slots.tell_all(|| Happened(Event::Lagged));
    }
}

impl StreamHandler<BusStatus> for SessionHub {
    fn handle(&mut self, status: BusStatus, _ctx: &mut Context<Self>) {
        self.slots.tell_all(|| {
            Happened(match status {
                BusStatus::Up => Event::BusFound,
                BusStatus::Away => Event::BusLost,
            })
        });
    }

    fn finished(&mut self, _ctx: &mut Context<Self>) {}
}
