//! What the buses count.

use metrics::{Unit, counter, describe_counter};

const LOST: &str = "bus_messages_lost_total";
const DISCONNECTED: &str = "bus_disconnects_total";
const COMPLAINTS: &str = "bus_broker_complaints_total";
const UNREADABLE: &str = "bus_messages_unreadable_total";

/// Describes the counters and sets them to 0, once a recorder is installed.
pub fn register() {
    let names = [
        (LOST, "Messages that found the queue of their listener full"),
        (DISCONNECTED, "Times that the connection to the broker was lost"),
        (COMPLAINTS, "Complaints of the broker, such as a forbidden subject"),
        (UNREADABLE, "Messages that could not be read as the payload of their subject"),
    ];
    for (name, description) in names {
        describe_counter!(name, Unit::Count, description);
        counter!(name).absolute(0);
    }
}

pub(super) fn lost() {
    counter!(LOST).increment(1);
}

pub(super) fn disconnected() {
    counter!(DISCONNECTED).increment(1);
}

pub(super) fn complaint() {
    counter!(COMPLAINTS).increment(1);
}

pub(crate) fn unreadable() {
    counter!(UNREADABLE).increment(1);
}
