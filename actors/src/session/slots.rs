//! The places of an arbiter's Sessions, for finding the one that a bounce belongs to.
//!
//! A place is used again; its number holds the generation, so that a late bounce never reaches
//! the next tenant.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::task::Waker;

use actors_core::session::Event;
use bus_schemas::id::LoginId;
use bus_schemas::limit::UNANSWERED_FRAMES_MAX;

const INDEX_BITS: u32 = 32;
/// What may wait for one tenant: bounces for every frame that may be unanswered, and some more.
const WAITING_MAX: usize = UNANSWERED_FRAMES_MAX + 64;

/// What a Session is told that did not come from its own subscriptions.
pub(super) enum News {
    /// Something that concerns it.
    Happened(Event),
    /// More was told than could wait: it looks for itself whether it has ended.
    LookAgain,
}

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

/// In the order in which it was told.
#[derive(Default)]
struct Waiting(VecDeque<News>);

struct Tenant {
    /// Calls it; nobody does before it has moved in.
    bell: Waker,
    /// What it has not heard yet. Nothing, most of the time, for nearly all.
    waiting: Option<Box<Waiting>>,
    /// Whether something could not be passed on.
    overflow: bool,
}

/// One Session's place; dropping it frees the place.
pub(super) struct Place {
    slots: Slots,
    number: u64,
    login: Cell<Option<LoginId>>,
}

impl Slots {
    /// Takes a place; its tenant moves in with [`Place::move_in`].
    pub(super) fn take(&self) -> Place {
        let mut inner = self.0.borrow_mut();
        let index = inner.free.pop().unwrap_or_else(|| {
            inner.places.push(Tenancy::default());
            u32::try_from(inner.places.len() - 1).expect("fewer sockets than 2^32")
        });
        let tenancy = &mut inner.places[index as usize];
        tenancy.generation = tenancy.generation.wrapping_add(1);
        tenancy.tenant =
            Some(Tenant { bell: Waker::noop().clone(), waiting: None, overflow: false });
        let number = u64::from(tenancy.generation) << INDEX_BITS | u64::from(index);
        Place { slots: self.clone(), number, login: Cell::new(None) }
    }

    /// Passes something on to one tenant.
    pub(super) fn tell(&self, number: u64, news: News) {
        let mut inner = self.0.borrow_mut();
        let bell = inner.tenant(number).map(|tenant| tenant.tell(news));
        drop(inner);
        bell.into_iter().for_each(Waker::wake);
    }

    /// Passes something on to the tenants that stand on a Login.
    pub(super) fn tell_login(&self, login: LoginId, news: impl Fn() -> News) {
        let all = (login, u64::MIN)..=(login, u64::MAX);
        let inner = self.0.borrow();
        let numbers: Vec<u64> = inner.by_login.range(all).map(|(_, number)| *number).collect();
        drop(inner);
        for number in numbers {
            self.tell(number, news());
        }
    }

    /// Passes something on to every tenant.
    pub(super) fn tell_all(&self, mut news: impl FnMut() -> News) {
        let mut inner = self.0.borrow_mut();
        let tenants = inner.places.iter_mut().filter_map(|tenancy| tenancy.tenant.as_mut());
        let bells: Vec<Waker> = tenants.map(|tenant| tenant.tell(news())).collect();
        drop(inner);
        bells.into_iter().for_each(Waker::wake);
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
    /// Puts it behind what waits, and gives back whom to wake. A Session for which there is no room
    /// has missed something: it finds the mark and ends.
    fn tell(&mut self, news: News) -> Waker {
        let Waiting(waiting) = &mut **self.waiting.get_or_insert_default();
        if waiting.len() < WAITING_MAX {
            waiting.push_back(news);
        } else {
            self.overflow = true;
        }
        self.bell.clone()
    }

    fn next(&mut self) -> Option<News> {
        let Waiting(waiting) = &mut **self.waiting.as_mut()?;
        let news = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting = None;
        }
        news
    }
}

impl Place {
    /// The number that stands in bounce subjects.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// From here on the tenant is called by this when it was told something.
    pub(super) fn move_in(&self, bell: Waker) {
        if let Some(tenant) = self.slots.0.borrow_mut().tenant(self.number) {
            tenant.bell = bell;
        }
    }

    /// What the tenant was told and has not heard yet.
    pub(super) fn next_news(&self) -> Option<News> {
        self.slots.0.borrow_mut().tenant(self.number)?.next()
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
        inner.tenant(self.number).is_some_and(|tenant| std::mem::take(&mut tenant.overflow))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let index = u32::try_from(self.number & u64::from(u32::MAX)).expect("32 bits");
        let mut inner = self.slots.0.borrow_mut();
        if let Some(login) = self.login.get() {
            inner.by_login.remove(&(login, self.number));
        }
        let tenant = inner.places[index as usize].tenant.take();
        inner.free.push(index);
        drop(inner);
        drop(tenant);
    }
}

#[cfg(test)]
mod tests {
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
                News::Happened(Event::Lagged)
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

    #[test]
    fn shell29_what_a_tenant_is_told_waits_in_order_and_within_a_bound() {
        let slots = Slots::default();
        let place = slots.take();
        let bounced =
            |n| News::Happened(Event::Bounced { n, bounce: bus_schemas::chat::Bounce::Here });
        let heard = || {
            let news = std::iter::from_fn(|| place.next_news());
            let numbers = news.map(|news| match news {
                News::Happened(Event::Bounced { n, .. }) => n,
                News::Happened(_) | News::LookAgain => panic!("nothing else was told"),
            });
            numbers.collect::<Vec<u64>>()
        };
        for told in [3, WAITING_MAX as u64] {
            (0..told).for_each(|n| slots.tell(place.number(), bounced(n)));
            assert!(heard().into_iter().eq(0..told));
            assert!(!place.take_overflow());
        }
        slots.tell_all(|| bounced(7));
        (0..WAITING_MAX as u64).for_each(|n| slots.tell(place.number(), bounced(n)));
        assert_eq!(heard().len(), WAITING_MAX);
        assert!(
            place.take_overflow() && !place.take_overflow(),
            "one found no room, and it is told"
        );
        assert!(slots.0.borrow_mut().tenant(place.number()).unwrap().waiting.is_none());
    }
}
