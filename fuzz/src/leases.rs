//! The lease of an edge, to which anything happens in any order. What it decides by itself is never
//! older than a lease lasts, and a driver that comes back at each deadline is not kept busy.

use actors_core::auth::lease::{Effect, Event, Lease};
use bus_schemas::limit::{LEASE_MS, LEASES_UNDER_WAY_MAX};
use bus_schemas::time::Millis;

use crate::chance::Chance;

/// Ticks until nothing is due any more at one moment.
const TICKS_MAX: usize = 4;

/// A sequence of events.
pub fn lease(bytes: &[u8]) {
    let mut chance = Chance::new(bytes);
    let mut run = Run::new();
    while !chance.is_over() {
        run.now = run.now.plus(match chance.below(4) {
            0 | 1 => 0,
            2 => u64::from(chance.byte()) * 16,
            _ => u64::from(u16::from_be_bytes(chance.bytes())),
        });
        let event = run.event(&mut chance);
        run.happens(event);
        run.comes_to_rest();
    }
}

/// A lease and what is known of it from outside.
struct Run {
    lease: Lease,
    now: Millis,
    /// When each call was sent; those that have no outcome yet are under way.
    sent: Vec<(Millis, Call)>,
    /// When the youngest call was sent that brought everything.
    confirmed: Option<Millis>,
    is_leaving: bool,
    has_left: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    UnderWay,
    Over,
}

impl Run {
    fn new() -> Self {
        let now = Millis(1_000);
        let lease = Lease::new(now);
        let sent = Vec::new();
        Self { lease, now, sent, confirmed: None, is_leaving: false, has_left: false }
    }

    fn event(&self, chance: &mut Chance<'_>) -> Event {
        // One of the last calls, or one that was never made.
        let last = self.sent.len() as u64;
        let number = last.saturating_sub(u64::from(chance.below(6)));
        match chance.below(12) {
            0..=4 => Event::Confirmed { number, mark: i64::from(chance.byte()) },
            5 | 6 => Event::Refused { number },
            7 | 8 => Event::Lost { number },
            9 => Event::Missed,
            10 if chance.one_in(16) => Event::Leave,
            _ => Event::Tick,
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Confirmed { number, .. } => {
                if let Some(sent_at) = self.ends(number) {
                    self.confirmed = self.confirmed.max(Some(sent_at));
                }
            }
            Event::Refused { number } | Event::Lost { number } => {
                self.ends(number);
            }
            Event::Leave => self.is_leaving = true,
            Event::Missed | Event::Tick => {}
        }
        self.lease.handle(self.now, event);
        while let Some(effect) = self.lease.next_effect() {
            self.check(effect);
        }
        self.is_not_older_than_it_lasts();
    }

    /// When a call was sent that was under way until now.
    fn ends(&mut self, number: u64) -> Option<Millis> {
        let (sent_at, call) = self.sent.get_mut(usize::try_from(number).ok()?)?;
        let was = std::mem::replace(call, Call::Over);
        (was == Call::UnderWay).then_some(*sent_at)
    }

    fn check(&mut self, effect: Effect) {
        assert!(!self.has_left, "{effect:?} after it has left");
        match effect {
            Effect::Ask { number, .. } => {
                assert!(!self.is_leaving, "it asks though it leaves");
                assert_eq!(number, self.sent.len() as u64, "calls are numbered");
                self.sent.push((self.now, Call::UnderWay));
                let is_under_way = |(_, call): &&(Millis, Call)| *call == Call::UnderWay;
                let under_way = self.sent.iter().filter(is_under_way).count();
                assert!(under_way <= LEASES_UNDER_WAY_MAX);
            }
            Effect::SayLeaving => {
                assert!(self.is_leaving);
                self.has_left = true;
            }
            Effect::TellOpen | Effect::TellShut | Effect::LetGo => {}
        }
    }

    fn is_not_older_than_it_lasts(&self) {
        let (fresh_until, open_until) = (self.lease.fresh_until(), self.lease.open_until());
        assert!(fresh_until <= open_until || fresh_until <= self.now);
        if fresh_until > self.now {
            let confirmed = self.confirmed.expect("nothing was ever confirmed");
            assert!(fresh_until <= confirmed.plus(LEASE_MS), "it judges by what is too old");
        }
        if open_until > self.now {
            assert!(self.confirmed.is_some() && !self.is_leaving);
            assert!(open_until <= self.now.plus(LEASE_MS));
        }
    }

    fn comes_to_rest(&mut self) {
        for _ in 0..TICKS_MAX {
            if self.lease.deadline().is_none_or(|deadline| deadline > self.now) {
                return;
            }
            self.happens(Event::Tick);
        }
        panic!("something is due again and again: {:?}", self.lease);
    }
}
