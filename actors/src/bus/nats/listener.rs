//! A listener: what a subscription wants to hear, on whichever line there is.

use std::sync::{Arc, Mutex};

use bus_schemas::bus::{BusError, Group};
use bus_schemas::topic::Subject;

use super::line::{Line, Wire};
use crate::bus::lock;
use crate::bus::queue::Queue;

/// A subject, the group it is heard in, and the queue its messages go to.
pub(super) struct Listener {
    /// In memory of its own: there are many listeners, and most live long.
    subject: Box<str>,
    group: Option<Group>,
    pub(super) queue: Queue,
    ear: Mutex<Option<Ear>>,
}

impl Listener {
    pub(super) fn new(subject: &Subject, group: Option<Group>, queue: Queue) -> Self {
        Self { subject: subject.as_str().into(), group, queue, ear: Mutex::new(None) }
    }

    /// Listens on a line from here on, and no longer on the one before.
    pub(super) fn listen(self: &Arc<Self>, line: &Line) -> Result<(), BusError> {
        let ear = Ear::open(line.wire(), &self.subject, self.group, self.clone())?;
        *lock(&self.ear) = Some(ear);
        Ok(())
    }

    /// Tells the broker at once that nobody listens here.
    pub(super) fn leave(&self) {
        drop(lock(&self.ear).take());
    }
}

impl AsRef<Queue> for Listener {
    fn as_ref(&self) -> &Queue {
        &self.queue
    }
}

/// A subscription at the broker. It ends in the moment this is dropped: the broker is told
/// before whatever is said next.
struct Ear {
    wire: Arc<Wire>,
    sid: u64,
}

impl Ear {
    /// Subscribes; messages go to the queue as soon as they are there.
    fn open(
        wire: &Arc<Wire>,
        subject: &str,
        group: Option<Group>,
        listener: Arc<Listener>,
    ) -> Result<Self, BusError> {
        let sid = wire.subscribe(subject, group, listener)?;
        Ok(Self { wire: wire.clone(), sid })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.wire.unsubscribe(self.sid);
    }
}
