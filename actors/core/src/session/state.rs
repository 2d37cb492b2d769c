//! The states of a Session, and what it keeps while it is live.

use bus_schemas::frame::Door;
use bus_schemas::id::{Instance, UserId};
use bus_schemas::limit::{EVICT_AGAIN_MS, EVICT_YOUNG_MS};
use bus_schemas::time::Millis;

use super::budget::Budget;
use super::event::{Bearer, Config};
use super::evict::Age;
use super::memory::Memory;
use super::renewal::Renewal;

/// Where a Session stands. Every arm holds only what it needs.
///
/// ```text
///            auth            token good          bus listens
///  Waiting ────────► Checking ────────► Subscribing ────────► Active
///     │ other frame,    │ token bad,        │ refused,           │ │
///     │ 5 s over        │ 5 s over          │ 5 s over           │ │ the page moved
///     ▼                 ▼                   ▼     every other end│ ▼
///  Closed ◄─────────────┴───────────────────┴────────────────────┘ Leaving
///     ▲                                                              │ 1 s over
///     └──────────────────────────────────────────────────────────────┘
/// ```
///
/// Only an Active Session is there for others; only Active and Leaving ones relay.
#[derive(Debug)]
pub(super) enum State {
    /// For the first frame.
    Waiting {
        /// When patience ends.
        until: Millis,
    },
    /// The token of the first frame.
    Checking {
        /// When patience ends.
        until: Millis,
        /// What the frame said besides.
        page: Page,
    },
    /// To what is said to this user.
    Subscribing {
        /// When patience ends.
        until: Millis,
        /// What the first frame said.
        page: Page,
        /// What its token is good for: apart, for only a short while it is here.
        renewal: Box<Renewal>,
    },
    /// Live.
    Active(Box<Active>),
    /// The page went on over another connection; what is still on its way here is passed on.
    Leaving {
        /// When this ends.
        until: Millis,
        /// What is still relayed with.
        active: Box<Active>,
    },
    /// Over.
    Closed(After),
}

/// Who serves the user after this Session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nobody, as far as this Session knows.
    Nobody,
    /// The Session that it yielded to, which heard every late delivery too.
    Another,
}

/// The page that a connection belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) instance: Instance,
    pub(super) attach: u32,
}

/// What a live Session keeps. Every part is bounded.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) door: Door,
    /// What this Session says to older ones, with its own id.
    pub(super) page: Page,
    /// When it came, or came back to the bus.
    pub(super) since: Millis,
    pub(super) evict_again_at: Option<Millis>,
    pub(super) renewal: Renewal,
    pub(super) token_check: TokenCheck,
    pub(super) budget: Budget,
    /// What the client has sent, once it has sent something.
    pub(super) memory: Option<Box<Memory>>,
    file_bytes_max: u64,
    pub(super) bus: BusLink,
    /// When the edge lets this client go.
    pub(super) drain_at: Option<Millis>,
}

/// Whether a renewed token is being checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenCheck {
    Idle,
    Running,
}

/// Whether the bus can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BusLink {
    Up,
    /// The Session ends unless it is back by then.
    Away {
        give_up_at: Millis,
    },
}

impl Active {
    /// The state of a Session whose user has just become reachable.
    pub(super) fn new(config: &Config, page: Page, renewal: Renewal, now: Millis) -> Self {
        let mut active = Self {
            door: config.door,
            page,
            since: now,
            evict_again_at: None,
            renewal,
            token_check: TokenCheck::Idle,
            budget: Budget::new(config.talk_frames_per_second, config.talk_frames_burst, now),
            memory: None,
            file_bytes_max: config.file_bytes_max,
            bus: BusLink::Up,
            drain_at: None,
        };
        active.comes(now);
        active
    }

    /// Whose Session it is.
    pub(super) fn user(&self) -> UserId {
        self.renewal.bearer().user
    }

    /// What the client has sent: from here on there is a place for it.
    pub(super) fn remember(&mut self) -> &mut Memory {
        let Self { memory, door, file_bytes_max, .. } = self;
        memory.get_or_insert_with(|| Box::new(Memory::new(*door, *file_bytes_max)))
    }

    /// From here on it is there for others, and young.
    pub(super) fn comes(&mut self, now: Millis) {
        self.since = now;
        self.evict_again_at = Some(now.plus(EVICT_AGAIN_MS));
    }

    /// How long it has been live, as far as yielding cares.
    pub(super) fn age(&self, now: Millis) -> Age {
        if now.since(self.since) <= EVICT_YOUNG_MS { Age::Young } else { Age::Old }
    }

    /// Whether a good token continues this Session.
    pub(super) fn is_continued_by(&self, bearer: &Bearer) -> bool {
        bearer.user == self.user()
    }

    /// When time brings the next thing.
    pub(super) fn deadline(&self) -> Millis {
        let memory = self.memory.as_deref();
        let bus_or_peers = match self.bus {
            BusLink::Up => memory.and_then(|memory| memory.peers.deadline()),
            BusLink::Away { give_up_at } => Some(give_up_at),
        };
        let transfers = memory.and_then(|memory| memory.transfers.deadline());
        [self.evict_again_at, self.drain_at, bus_or_peers, transfers]
            .into_iter()
            .flatten()
            .fold(self.renewal.deadline(), Millis::min)
    }
}
