//! The lease of an edge: how long it may judge tokens by itself, and when it asks for more.
//!
//! ```text
//!            confirmed                 LEASE_MS after the call that was
//!          ┌───────────────┐           confirmed last had been sent
//!          │               ▼          ─────────────────────────────▶
//!   ┌────► Shut          Fresh                                     Stale
//!   │       ▲            ▲ │ confirmed                             │ │ refused, and nothing
//!   │       │            └─┘ ◀─────────── confirmed ───────────────┘ │ missed: goes on
//!   │       └──────────────── LEASE_MS after the call ───────────────┘
//!   │                         that was answered last had been sent
//!   └─ start                                          leave: Leaving ──▶ Left
//! ```
//!
//! A call is *confirmed* when everything it brought is applied; it is *refused* when the bus says
//! that nobody is there, or auth that it cannot. Time counts from the moment a call was sent:
//! whatever was revoked before it is in its answer. While Fresh, what is known here decides. While
//! Stale, open sockets go on and everybody new is asked about. While Shut, no socket is read and no
//! delivery is heard, because this edge may be the only one that does not know of a revocation.

use std::collections::VecDeque;

use bus_schemas::limit::{
    GATE_SHUT_LOST_MS, GATE_SHUT_TOLD_MS, LEASE_AGAIN_MS, LEASE_EVERY_MS, LEASE_MARK_MS, LEASE_MS,
    LEASE_SOON_MS, LEASES_UNDER_WAY_MAX, LEAVE_WAIT_MS,
};
use bus_schemas::time::Millis;

/// What happened. Every event is in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Everything that this call brought is applied.
    Confirmed {
        /// The call.
        number: u64,
        /// The mark of its first answer.
        mark: i64,
    },
    /// The bus works and there is no lease: nobody answers such calls, or auth cannot.
    Refused {
        /// The call.
        number: u64,
    },
    /// No answer came.
    Lost {
        /// The call.
        number: u64,
    },
    /// Revocations that were told may not have been heard.
    Missed,
    /// The edge is to stop: it admits nobody from here on.
    Leave,
    /// The moment of [`Lease::deadline`] has come.
    Tick,
}

/// What is to be done, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask for a lease; the outcome is an event with the same number.
    Ask {
        /// Names the call.
        number: u64,
        /// How far this edge knows; absent: ask for everything.
        mark: Option<i64>,
    },
    /// Tell the Sessions that the gate is open for longer.
    TellOpen,
    /// Tell the Sessions that the gate is shut, and not only for a moment.
    TellShut,
    /// Let every socket go: it has to come again.
    LetGo,
    /// Tell auth that nobody has to wait for this edge.
    SayLeaving,
}

/// The lease of one edge.
#[derive(Debug)]
pub struct Lease {
    phase: Phase,
    known: Option<Known>,
    under_way: VecDeque<Asked>,
    next_number: u64,
    last_sent_at: Option<Millis>,
    ask_at: Millis,
    /// Calls below this number were sent before something may have been missed.
    whole_from: u64,
    effects: VecDeque<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Shut { since: Millis, told: Told },
    Open(Open),
    Leaving { until: Millis },
    Left,
}

/// Whether the Sessions were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    NotYet,
    Already,
}

/// When the calls were sent that keep the gate open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    confirmed: Millis,
    answered: Millis,
}

/// How far this edge knows, and since which call.
#[derive(Clone, Copy, Debug)]
struct Known {
    mark: i64,
    number: u64,
    sent_at: Millis,
}

/// A call under way.
#[derive(Clone, Copy, Debug)]
struct Asked {
    number: u64,
    sent_at: Millis,
}

impl Lease {
    /// An edge that has just started, and knows nothing.
    #[must_use]
    pub const fn new(now: Millis) -> Self {
        Self {
            phase: Phase::Shut { since: now, told: Told::Already },
            known: None,
            under_way: VecDeque::new(),
            next_number: 0,
            last_sent_at: None,
            ask_at: now,
            whole_from: 0,
            effects: VecDeque::new(),
        }
    }

    /// Something happened; take every effect afterwards. What time has brought comes first.
    pub fn handle(&mut self, now: Millis, event: Event) {
        self.due(now);
        match event {
            Event::Confirmed { number, mark } => {
                if let Some(asked) = self.take(number) {
                    self.confirmed(now, asked, mark);
                }
            }
            Event::Refused { number } => {
                if let Some(asked) = self.take(number) {
                    self.refused(asked);
                }
            }
            Event::Lost { number } => drop(self.take(number)),
            Event::Missed => self.missed(now),
            Event::Leave => self.leave(now),
            Event::Tick => {}
        }
        self.due(now);
        self.ask(now);
    }

    /// The next thing to do.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to come back with [`Event::Tick`] at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let ask_at = (self.under_way.len() < LEASES_UNDER_WAY_MAX).then_some(self.ask_at);
        let phase_ends = match self.phase {
            Phase::Open(open) => Some(open.until()),
            Phase::Shut { since, told: Told::NotYet } => Some(since.plus(GATE_SHUT_TOLD_MS)),
            Phase::Shut { told: Told::Already, .. } => None,
            Phase::Leaving { until } => return Some(until),
            Phase::Left => return None,
        };
        ask_at.into_iter().chain(phase_ends).min()
    }

    /// Until when what is known here decides about tokens; not from this moment on.
    #[must_use]
    pub const fn fresh_until(&self) -> Millis {
        match self.phase {
            Phase::Open(open) => open.confirmed.plus(LEASE_MS),
            Phase::Shut { .. } | Phase::Leaving { .. } | Phase::Left => Millis(0),
        }
    }

    /// Until when sockets are read and deliveries heard; not from this moment on.
    #[must_use]
    pub fn open_until(&self) -> Millis {
        match self.phase {
            Phase::Open(open) => open.until(),
            Phase::Shut { .. } | Phase::Leaving { .. } | Phase::Left => Millis(0),
        }
    }

    /// What has become due by now.
    fn due(&mut self, now: Millis) {
        if let Phase::Open(open) = self.phase
            && open.until() <= now
        {
            self.phase = Phase::Shut { since: open.until(), told: Told::NotYet };
        }
        match self.phase {
            Phase::Shut { since, told: Told::NotYet } if since.plus(GATE_SHUT_TOLD_MS) <= now => {
                self.phase = Phase::Shut { since, told: Told::Already };
                self.effects.push_back(Effect::TellShut);
            }
            Phase::Leaving { until } if until <= now || self.under_way.is_empty() => {
                self.phase = Phase::Left;
                self.effects.push_back(Effect::SayLeaving);
            }
            Phase::Shut { .. } | Phase::Open(_) | Phase::Leaving { .. } | Phase::Left => {}
        }
    }

    /// A call under way has ended.
    fn take(&mut self, number: u64) -> Option<Asked> {
        let place = self.under_way.iter().position(|asked| asked.number == number)?;
        self.under_way.remove(place)
    }

    fn confirmed(&mut self, now: Millis, asked: Asked, mark: i64) {
        let sent_at = asked.sent_at;
        self.ask_at = self.ask_at.max(sent_at.plus(LEASE_EVERY_MS));
        // The youngest call that was confirmed, and not the greatest mark: a database that was
        // restored counts anew from further back.
        if self.known.is_none_or(|known| known.sent_at <= sent_at) {
            self.known = Some(Known { mark, number: asked.number, sent_at });
        }
        match self.phase {
            Phase::Open(open) => self.open(Open { confirmed: open.confirmed.max(sent_at), ..open }),
            Phase::Shut { since, .. } if now < sent_at.plus(LEASE_MS) => {
                if now.since(since) >= GATE_SHUT_LOST_MS {
                    self.effects.push_back(Effect::LetGo);
                }
                self.open(Open { confirmed: sent_at, answered: sent_at });
            }
            Phase::Shut { .. } | Phase::Leaving { .. } | Phase::Left => {}
        }
    }

    fn refused(&mut self, asked: Asked) {
        let Phase::Open(open) = self.phase else { return };
        // Whatever was revoked since the last confirmed call has been told, and was heard.
        if self.known.is_some_and(|known| self.whole_from <= known.number) {
            self.open(Open { answered: open.answered.max(asked.sent_at), ..open });
        }
    }

    fn open(&mut self, open: Open) {
        let goes_on = self.open_until() < open.until();
        self.phase = Phase::Open(open);
        if goes_on {
            self.effects.push_back(Effect::TellOpen);
        }
    }

    /// What stood on having heard everything does not stand any more.
    fn missed(&mut self, now: Millis) {
        self.whole_from = self.next_number;
        if let Phase::Open(open) = self.phase {
            self.phase = Phase::Open(Open { answered: open.confirmed, ..open });
        }
        let soon = self.last_sent_at.map_or(now, |sent_at| sent_at.plus(LEASE_SOON_MS));
        self.ask_at = self.ask_at.min(soon);
    }

    fn leave(&mut self, now: Millis) {
        match self.phase {
            Phase::Shut { .. } | Phase::Open(_) => {
                self.phase = Phase::Leaving { until: now.plus(LEAVE_WAIT_MS) };
            }
            Phase::Leaving { .. } | Phase::Left => {}
        }
    }

    fn ask(&mut self, now: Millis) {
        match self.phase {
            Phase::Shut { .. } | Phase::Open(_) => {}
            Phase::Leaving { .. } | Phase::Left => return,
        }
        if now < self.ask_at || self.under_way.len() >= LEASES_UNDER_WAY_MAX {
            return;
        }
        let number = self.next_number;
        self.next_number += 1;
        self.under_way.push_back(Asked { number, sent_at: now });
        self.last_sent_at = Some(now);
        self.ask_at = now.plus(LEASE_AGAIN_MS);
        let known = self.known.filter(|known| now.since(known.sent_at) < LEASE_MARK_MS);
        self.effects.push_back(Effect::Ask { number, mark: known.map(|known| known.mark) });
    }
}

impl Open {
    fn until(self) -> Millis {
        self.confirmed.max(self.answered).plus(LEASE_MS)
    }
}
