//! The places of an arbiter's Sessions, for finding the one that a bounce belongs to.
//!
//! A place is used again; its number holds the generation, so that a late bounce never reaches
//! the next tenant.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use actix::{Addr, Handler, Message};
use bus_schemas::id::LoginId;

use super::{Happened, SessionActor};

const INDEX_BITS: u32 = 32;

/// The places of one arbiter.
#[derive(Clone, Default)]
pub(super) struct Slots(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    places: Vec<Tenancy>,
    free: Vec<u32>,
    /// Which places stand on a Login: the end of one costs its own Sessions, however many others
    /// there are.
    by_login: BTreeSet<(LoginId, u64)>,
}

#[derive(Default)]
struct Tenancy {
    generation: u32,
    tenant: Option<Tenant>,
}

struct Tenant {
    address: Option<Addr<SessionActor>>,
    /// Whether something could not be passed on.
    overflow: Cell<bool>,
}

/// One Session's place; dropping it frees the place.
pub(super) struct Place {
    slots: Slots,
    number: u64,
    login: Cell<Option<LoginId>>,
}

impl Slots {
    /// Takes a place; its tenant moves in with [`Slots::move_in`].
    pub(super) fn take(&self) -> Place {
        let mut inner = self.0.borrow_mut();
        let index = inner.free.pop().unwrap_or_else(|| {
            inner.places.push(Tenancy::default());
            u32::try_from(inner.places.len() - 1).expect("fewer sockets than 2^32")
        });
        let tenancy = &mut inner.places[index as usize];
        tenancy.generation = tenancy.generation.wrapping_add(1);
        tenancy.tenant = Some(Tenant { address: None, overflow: Cell::new(false) });
        let number = u64::from(tenancy.generation) << INDEX_BITS | u64::from(index);
        Place { slots: self.clone(), number, login: Cell::new(None) }
    }

    /// Gives the place with this number its tenant, unless it was freed meanwhile.
    pub(super) fn move_in(&self, number: u64, address: Addr<SessionActor>) {
        if let Some(tenant) = self.0.borrow_mut().tenant(number) {
            tenant.address = Some(address);
        }
    }

    /// Passes something on to one tenant.
    pub(super) fn tell(&self, number: u64, happened: Happened) {
        if let Some(tenant) = self.0.borrow_mut().tenant(number) {
            tenant.tell(happened);
        }
    }

    /// Passes something on to the tenants that stand on a Login.
    pub(super) fn tell_login(&self, login: LoginId, happened: impl Fn() -> Happened) {
        let mut inner = self.0.borrow_mut();
        let all = (login, u64::MIN)..=(login, u64::MAX);
        let numbers: Vec<u64> = inner.by_login.range(all).map(|(_, number)| *number).collect();
        for number in numbers {
            if let Some(tenant) = inner.tenant(number) {
                tenant.tell(happened());
            }
        }
    }

    /// Passes something on to every tenant.
    pub(super) fn tell_all<M>(&self, mut happened: impl FnMut() -> M)
    where
        M: Message<Result = ()> + Send + 'static,
        SessionActor: Handler<M>,
    {
        let inner = self.0.borrow();
        for tenant in inner.places.iter().filter_map(|tenancy| tenancy.tenant.as_ref()) {
            tenant.tell(happened());
        }
    }

    /// How many places are taken.
    pub(super) fn taken(&self) -> usize {
        let inner = self.0.borrow();
        inner.places.len() - inner.free.len()
    }
}

impl Inner {
    fn tenant(&mut self, number: u64) -> Option<&mut Tenant> {
        let index = usize::try_from(number & u64::from(u32::MAX)).ok()?;
        let tenancy = self.places.get_mut(index)?;
        let current = u64::from(tenancy.generation) == number >> INDEX_BITS;
        tenancy.tenant.as_mut().filter(|_| current)
    }
}

impl Tenant {
    /// A Session whose mailbox is full has missed something: it finds the mark and ends.
    fn tell<M>(&self, happened: M)
    where
        M: Message<Result = ()> + Send + 'static,
        SessionActor: Handler<M>,
    {
        let Some(address) = &self.address else { return };
        if address.try_send(happened).is_err() {
            self.overflow.set(true);
        }
    }
}

impl Place {
    /// The number that stands in bounce subjects.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// From here on whatever is told of this Login concerns the tenant.
    pub(super) fn stands_on(&self, login: LoginId) {
        let mut inner = self.slots.0.borrow_mut();
        if let Some(before) = self.login.replace(Some(login)) {
            inner.by_login.remove(&(before, self.number));
        }
        inner.by_login.insert((login, self.number));
    }

    /// Whether something could not be passed on; asking clears the mark.
    pub(super) fn take_overflow(&self) -> bool {
        let mut inner = self.slots.0.borrow_mut();
        inner.tenant(self.number).is_some_and(|tenant| tenant.overflow.replace(false))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let index = u32::try_from(self.number & u64::from(u32::MAX)).expect("32 bits");
        let mut inner = self.slots.0.borrow_mut();
        if let Some(login) = self.login.get() {
            inner.by_login.remove(&(login, self.number));
        }
        inner.places[index as usize].tenant = None;
        inner.free.push(index);
    }
}

#[cfg(test)]
mod tests {
    use actors_core::session::Event;

    use super::*;

    #[test]
    fn a_place_is_used_again_under_another_number() {
        let slots = Slots::default();
        let first = slots.take();
        let number = first.number();
        drop(first);
        assert_eq!(slots.taken(), 0);
        let second = slots.take();
        assert_ne!(second.number(), number);
        assert_eq!(second.number() & u64::from(u32::MAX), number & u64::from(u32::MAX));
        assert!(slots.0.borrow_mut().tenant(number).is_none());
        assert!(slots.0.borrow_mut().tenant(second.number()).is_some());
    }

    #[test]
    fn shell17_a_place_is_found_by_the_login_it_stands_on_and_leaves_nothing_behind() {
        let slots = Slots::default();
        let (one, two) = (LoginId::from_bytes([1; 16]), LoginId::from_bytes([2; 16]));
        let found = |login| {
            let count = Cell::new(0);
            slots.tell_login(login, || {
                count.set(count.get() + 1);
                Happened(Event::Lagged)
            });
            count.get()
        };
        let places: Vec<Place> = (0..3).map(|_| slots.take()).collect();
        places[0].stands_on(one);
        places[1].stands_on(one);
        places[2].stands_on(two);
        assert_eq!((found(one), found(two)), (2, 1));
        places[0].stands_on(two);
        assert_eq!((found(one), found(two)), (1, 2));
        drop(places);
        assert!(slots.0.borrow().by_login.is_empty());
    }
}
