//! Those who listen: what each subscription wants to hear, on whichever line there is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bus_schemas::bus::Group;
use bus_schemas::topic::Subject;

use crate::bus::lock;
use crate::bus::queue::Queue;

/// Bytes of a subject that have no memory of their own: as many as those of a user have.
const SHORT_BYTES_MAX: usize = 46;

/// The queue of a subscription, and the subject it is filled from.
pub(super) struct Listener {
    wants: Wants,
    pub(super) queue: Queue,
}

/// A subject, and behind a space the group it is heard in, as the broker is told. There are many
/// listeners, and most live long.
enum Wants {
    Short(u8, [u8; SHORT_BYTES_MAX]),
    Long(Box<str>),
}

/// The listeners of a connection by their numbers, which are the same on all of its lines.
#[derive(Default)]
pub(super) struct Listeners(Mutex<HashMap<u64, Arc<Listener>>>);

impl Listener {
    pub(super) fn new(subject: &Subject, group: Option<Group>, queue: Queue) -> Self {
        let wants = match group {
            Some(Group(name)) => Wants::of(&format!("{} {name}", subject.as_str())),
            None => Wants::of(subject.as_str()),
        };
        Self { wants, queue }
    }

    /// Its subject, and the group behind it.
    pub(super) fn wants(&self) -> &str {
        match &self.wants {
            Wants::Short(length, bytes) => {
                let text = bytes.get(..usize::from(*length)).unwrap_or_default();
                std::str::from_utf8(text).expect("it was text")
            }
            Wants::Long(text) => text,
        }
    }
}

impl Wants {
    fn of(text: &str) -> Self {
        let mut bytes = [0; SHORT_BYTES_MAX];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self::Short(length, bytes)
            }
            _ => Self::Long(text.into()),
        }
    }
}

impl AsRef<Queue> for Listener {
    fn as_ref(&self) -> &Queue {
        &self.queue
    }
}

impl Listeners {
    pub(super) fn insert(&self, number: u64, listener: Arc<Listener>) {
        self.lock().insert(number, listener);
    }

    /// False if it was not there.
    pub(super) fn remove(&self, number: u64) -> bool {
        // What goes with it is dropped after the lock was given back.
        let listener = self.lock().remove(&number);
        listener.is_some()
    }

    pub(super) fn get(&self, number: u64) -> Option<Arc<Listener>> {
        self.lock().get(&number).cloned()
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.lock().contains_key(&number)
    }

    /// All there are at this moment.
    pub(super) fn all(&self) -> Vec<(u64, Arc<Listener>)> {
        self.lock().iter().map(|(number, listener)| (*number, listener.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Listener>>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::chat;
    use bus_schemas::id::UserId;

    use super::*;
    use crate::bus::Lane;

    #[test]
    fn perf3_a_listener_is_no_larger_than_is_written_here() {
        let bytes = size_of::<Listener>();
        assert!(bytes <= 120, "{bytes} bytes");
    }

    #[test]
    fn bus1_what_is_wanted_is_said_as_it_was_however_long_it_is() {
        let listener =
            |subject: &Subject, group| Listener::new(subject, group, Queue::new(Lane::Talk, 1));
        let user = listener(&chat::peer(UserId::from_bytes([7; 16])), None);
        assert!(matches!(user.wants, Wants::Short(..)), "it has no memory of its own");
        for bytes in [1, SHORT_BYTES_MAX, SHORT_BYTES_MAX + 1, 300] {
            let subject = Subject::received("a".repeat(bytes));
            assert_eq!(listener(&subject, None).wants(), subject.as_str());
        }
        let of_group = listener(&Subject::received("a.b"), Some(Group("c")));
        assert_eq!(of_group.wants(), "a.b c");
    }
}
