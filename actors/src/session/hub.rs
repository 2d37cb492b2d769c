//! One hub per arbiter: it opens Sessions and passes on what comes for all of them.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, StreamHandler};
use actors_core::session::{Config, Event};
use bus_schemas::bus::{Bus, BusError, BusStatus, Gap, Incoming, Subscription};
use bus_schemas::chat::{self, Bounce};
use bus_schemas::codec;
use bus_schemas::frame::Door;
use bus_schemas::id::{ConnId, Instance};
use futures_util::stream::StreamExt;
use uuid::Uuid;

use super::gate::{Era, Gateway, Told};
use super::outbox::Outbox;
use super::silence::Watching;
use super::slots::{News, Slots};
use super::{Deps, Socket, start};
use crate::bus::{Lane, patiently};

/// Bounces that may wait for this hub: a whole ring of one busy Session and room to spare.
const BOUNCES_WAITING_MAX: usize = 8_192;
/// Sockets that may wait to be opened.
const MAILBOX_ITEMS_MAX: usize = 1_024;

/// The budgets that an operator may change.
#[derive(Clone, Copy, Debug)]
pub struct HubConfig {
    /// Talk frames per second of a connection, sustained.
    pub talk_frames_per_second: u32,
    /// Talk frames of a connection at once.
    pub talk_frames_burst: u32,
    /// Largest file.
    pub file_bytes_max: u64,
}

/// Opens Sessions on its arbiter.
///
/// Owns the places of its Sessions. Hears bounces for its bus connections, what has ended, and the
/// state of the bus and of the gate. Ends with its arbiter.
pub struct SessionHub {
    config: HubConfig,
    pub(super) deps: Rc<Deps>,
    pub(super) watching: Watching,
    gateway: Gateway,
    era: Era,
    slots: Slots,
    talk: BusStatus,
    bulk: BusStatus,
    gate: GateSeen,
    link: Link,
}

/// The gate as this hub was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GateSeen {
    Open,
    Shut,
}

/// What the Sessions were told: without the bus, or behind a gate that stays shut, they are as far
/// from everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Up,
    Lost,
}

/// One of the two connections has changed.
struct LaneStatus(Lane, BusStatus);

/// What comes back on a connection for what was said on it.
async fn bounces(bus: &dyn Bus) -> Result<Subscription, BusError> {
    let subject = chat::bounces(bus.id());
    patiently(async || bus.subscribe(&subject, None, BOUNCES_WAITING_MAX).await).await
}

impl SessionHub {
    /// Subscribes and starts the hub on this arbiter.
    pub async fn start(config: HubConfig, deps: Deps) -> Result<Addr<Self>, BusError> {
        let of_talk = bounces(&*deps.bus).await?;
        let of_bulk = bounces(&*deps.bulk).await?;
        let talk = deps.bus.status_changes().map(|status| LaneStatus(Lane::Talk, status));
        let bulk = deps.bulk.status_changes().map(|status| LaneStatus(Lane::Bulk, status));
        let told = deps.tokens.told();
        let gateway = Gateway::new(deps.tokens.gate());
        Ok(Self::create(|ctx| {
            ctx.set_mailbox_capacity(MAILBOX_ITEMS_MAX);
            ctx.add_stream(of_talk);
            ctx.add_stream(of_bulk);
            ctx.add_stream(told);
            ctx.add_stream(talk);
            ctx.add_stream(bulk);
            Self {
                config,
                watching: Watching::new(deps.silenced.clone()),
                deps: Rc::new(deps),
                era: gateway.era(),
                gateway,
                slots: Slots::default(),
                talk: BusStatus::Up,
                bulk: BusStatus::Up,
                gate: GateSeen::Open,
                link: Link::Up,
            }
        }))
    }

    /// Tells the Sessions when they lose their link to others, and when they have it again. Back
    /// it is only with an open gate: what was missed meanwhile is known by then. With one connection
    /// away the bus is away: a Session is there for words and files, or for neither.
    fn look_at_link(&mut self) {
        let has_bus = self.talk == BusStatus::Up && self.bulk == BusStatus::Up;
        let is_up = has_bus && self.gate == GateSeen::Open;
        match self.link {
            Link::Up if !is_up => {
                self.link = Link::Lost;
                self.slots.tell_all(|| News::Happened(Event::BusLost));
            }
            Link::Lost if is_up && self.gateway.is_open() => {
                self.link = Link::Up;
                self.slots.tell_all(|| News::Happened(Event::BusFound));
            }
            Link::Up | Link::Lost => {}
        }
    }

    /// Whoever came before the present era has to come again.
    fn let_go_of_an_era(&mut self) {
        let era = self.gateway.era();
        if self.era != era {
            self.era = era;
            self.slots.tell_all(|| News::Happened(Event::Lagged));
        }
    }
}

impl Actor for SessionHub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        Watching::run(self, ctx);
    }
}

/// A socket was upgraded.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Open {
    /// The encoding it speaks.
    pub door: Door,
    /// The socket; it brings nothing more when it has ended.
    pub socket: Pin<Box<dyn Socket>>,
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
            file_bytes_max: self.config.file_bytes_max,
        };
        let (deps, gateway) = (Rc::clone(&self.deps), self.gateway.clone());
        start(config, deps, gateway, self.slots.take(), open.outbox, open.socket);
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
            News::Happened(Event::Draining { after_ms })
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
            self.slots.tell_all(|| News::Happened(Event::Lagged));
            return;
        };
        let Some(tag) = chat::bounce_tag(&message.subject) else {
            return self.deps.bus.on_unreadable()();
        };
        if self.watching.takes(tag, message.no_responders) {
            return;
        }
        let bounce = if message.no_responders {
            Bounce::NobodyThere
        } else {
            match codec::decode(&message.payload) {
                Ok(bounce) => bounce,
                Err(_) => return self.deps.bus.on_unreadable()(),
            }
        };
        self.slots.tell(tag.slot, News::Happened(Event::Bounced { n: tag.n, bounce }));
    }

    fn finished(&mut self, _ctx: &mut Context<Self>) {
        self.slots.tell_all(|| News::Happened(Event::Lagged));
    }
}

impl StreamHandler<Told> for SessionHub {
    fn handle(&mut self, told: Told, _ctx: &mut Context<Self>) {
        match told {
            Told::Ended(entries) => {
                for revoked in &*entries {
                    let ended = || News::Happened(Event::RevokedTold(revoked.clone()));
                    self.slots.tell_login(revoked.login, ended);
                }
            }
            Told::Missed => {
                self.slots.tell_all(|| News::LookAgain);
                self.let_go_of_an_era();
                self.gateway.ring();
            }
            Told::Open => {
                self.gate = GateSeen::Open;
                self.gateway.ring();
                self.look_at_link();
            }
            Told::Shut => {
                self.gate = GateSeen::Shut;
                self.look_at_link();
            }
            Told::LetGo => self.let_go_of_an_era(),
        }
    }

    fn finished(&mut self, _ctx: &mut Context<Self>) {
        self.slots.tell_all(|| News::Happened(Event::Lagged));
    }
}

impl StreamHandler<LaneStatus> for SessionHub {
    fn handle(&mut self, LaneStatus(lane, status): LaneStatus, _ctx: &mut Context<Self>) {
        match lane {
            Lane::Talk => self.talk = status,
            Lane::Bulk => self.bulk = status,
        }
        self.watching.bus_changed();
        self.look_at_link();
    }

    fn finished(&mut self, _ctx: &mut Context<Self>) {}
}
