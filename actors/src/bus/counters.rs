//! What the buses count, for each lane apart.

use metrics::{Unit, counter, describe_counter};

use super::Lane;

const LOST: &str = "bus_messages_lost_total";
const OVERRUNS: &str = "bus_slow_consumers_total";
const DISCONNECTED: &str = "bus_disconnects_total";
const COMPLAINTS: &str = "bus_broker_complaints_total";
const UNREADABLE: &str = "bus_messages_unreadable_total";

/// What a broker complains about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Complaint {
    /// Somebody said or wanted to hear what is not for their role.
    Permission,
    /// Anything else.
    Other,
}

impl Complaint {
    const ALL: [Self; 2] = [Self::Permission, Self::Other];

    /// By its words; the broker has no numbers.
    pub(super) fn of(words: &str) -> Self {
        let is_permission = words.to_ascii_lowercase().contains("permissions violation");
        if is_permission { Self::Permission } else { Self::Other }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Other => "other",
        }
    }
}

/// Describes the counters and sets them to 0, once a recorder is installed.
pub fn register() {
    let names = [
        (LOST, "Messages that found the queue of their listener full"),
        (OVERRUNS, "Times that the client lost messages because this process did not read"),
        (DISCONNECTED, "Times that the connection to the broker was lost"),
        (COMPLAINTS, "Complaints of the broker, such as a forbidden subject"),
        (UNREADABLE, "Messages that could not be read as the payload of their subject"),
    ];
    for (name, description) in names {
        describe_counter!(name, Unit::Count, description);
    }
    counter!(UNREADABLE).absolute(0);
    for lane in Lane::ALL {
        for name in [LOST, OVERRUNS, DISCONNECTED] {
            counter!(name, "lane" => lane.name()).absolute(0);
        }
        for kind in Complaint::ALL {
            counter!(COMPLAINTS, "lane" => lane.name(), "kind" => kind.name()).absolute(0);
        }
    }
}

pub(super) fn lost(lane: Lane) {
    counter!(LOST, "lane" => lane.name()).increment(1);
}

pub(super) fn overrun(lane: Lane) {
    counter!(OVERRUNS, "lane" => lane.name()).increment(1);
}

pub(super) fn disconnected(lane: Lane) {
    counter!(DISCONNECTED, "lane" => lane.name()).increment(1);
}

pub(super) fn complaint(lane: Lane, kind: Complaint) {
    counter!(COMPLAINTS, "lane" => lane.name(), "kind" => kind.name()).increment(1);
}

pub(crate) fn unreadable() {
    counter!(UNREADABLE).increment(1);
}
