//! The gate of an edge: whether it knows of every revocation that is over.
//!
//! While it is shut, no socket is read and no delivery is heard, by the clock alone: a process that
//! stood still finds it shut before anybody has told it so.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use bus_schemas::auth::Revoked;
use bus_schemas::time::Millis;

use crate::clock::Uptime;

/// What the Sessions of an edge are told about revocations and the gate, in order.
#[derive(Clone, Debug)]
pub enum Told {
    /// This has ended, and is known here.
    Ended(Arc<[Revoked]>),
    /// More was told than could wait: each Session has to look for itself.
    Missed,
    /// The gate is open for longer.
    Open,
    /// The gate is shut, and not only for a moment.
    Shut,
    /// Every socket has to come again.
    LetGo,
}

/// The gate. Clones share it; whoever keeps the lease moves it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    since: Uptime,
    open_until: AtomicU64,
    era: AtomicU64,
}

impl Gate {
    /// A gate that is shut.
    #[must_use]
    pub fn shut() -> Self {
        let (open_until, era) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { since: Uptime::start(), open_until, era }))
    }

    /// This moment, by the clock that the gate goes by.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.0.since.millis()
    }

    /// Opens it until this moment.
    pub fn open_until(&self, Millis(until): Millis) {
        self.0.open_until.store(until, Ordering::SeqCst);
    }

    /// Whoever came before this call passes it no more.
    pub fn let_go(&self) {
        self.0.era.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it is open at this moment.
    #[must_use]
    pub fn is_open(&self) -> bool {
        // The clock first: what is compared with it may only be younger.
        self.is_open_at(self.now())
    }

    fn is_open_at(&self, Millis(now): Millis) -> bool {
        now < self.0.open_until.load(Ordering::SeqCst)
    }

    fn era(&self) -> u64 {
        self.0.era.load(Ordering::SeqCst)
    }
}

/// The gate as the Sessions of one arbiter see it, and where they wait for it.
#[derive(Clone)]
pub(super) struct Gateway {
    gate: Gate,
    waiting: Rc<RefCell<BTreeMap<u64, Waker>>>,
}

/// When somebody came to the gate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Era(u64);

impl Gateway {
    pub(super) fn new(gate: Gate) -> Self {
        Self { gate, waiting: Rc::default() }
    }

    /// For whoever comes now.
    pub(super) fn era(&self) -> Era {
        Era(self.gate.era())
    }

    pub(super) fn is_open(&self) -> bool {
        self.gate.is_open()
    }

    /// This moment, by the clock of the gate.
    pub(super) fn now(&self) -> Millis {
        self.gate.now()
    }

    /// Ready if the gate is open at this moment, for whoever came in this era. Else the caller, of
    /// whom there is one under each number, is woken when it may be.
    pub(super) fn poll_open(
        &self,
        now: Millis,
        Era(era): Era,
        number: u64,
        ctx: &Context<'_>,
    ) -> Poll<()> {
        if self.gate.is_open_at(now) && era == self.gate.era() {
            return Poll::Ready(());
        }
        self.waiting.borrow_mut().insert(number, ctx.waker().clone());
        Poll::Pending
    }

    /// Wakes whoever waits.
    pub(super) fn ring(&self) {
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        waiting.into_values().for_each(Waker::wake);
    }

    /// Nobody waits under this number any more.
    pub(super) fn leave(&self, number: u64) {
        self.waiting.borrow_mut().remove(&number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(gateway: &Gateway, era: Era, number: u64) -> Poll<()> {
        gateway.poll_open(gateway.now(), era, number, &Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_gate_is_open_until_its_moment_and_for_its_own_time_alone() {
        let gate = Gate::shut();
        let gateway = Gateway::new(gate.clone());
        let era = gateway.era();
        assert!(poll(&gateway, era, 1).is_pending());
        gate.open_until(gate.now().plus(60_000));
        assert!(poll(&gateway, era, 1).is_ready());
        gate.let_go();
        assert!(poll(&gateway, era, 1).is_pending());
        assert!(poll(&gateway, gateway.era(), 1).is_ready());
        gate.open_until(gate.now());
        assert!(!gate.is_open());
    }

    #[test]
    fn whoever_waits_is_woken_once_and_leaves_nothing_behind() {
        let gateway = Gateway::new(Gate::shut());
        for number in [1, 1, 2] {
            assert!(poll(&gateway, gateway.era(), number).is_pending());
        }
        assert_eq!(gateway.waiting.borrow().len(), 2);
        gateway.leave(1);
        gateway.ring();
        assert!(gateway.waiting.borrow().is_empty());
    }
}
