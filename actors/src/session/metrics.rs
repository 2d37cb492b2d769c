//! What the relay counts, by the names that operators know. Label values come from closed lists,
//! so that the number of series does not depend on what clients send.

use std::cell::Cell;
use std::time::{Duration, Instant};

use actors_core::session::{Close, Transferred, Why};
use bus_schemas::fault::Code;
use bus_schemas::frame::{BadFrame, ClientFrame, Label};
use metrics::{Counter, Gauge, Histogram, Unit, counter, gauge, histogram};

use super::Ended;

const CONNECTIONS_ACTIVE: &str = "chat_websocket_connections_active";
const CONNECTIONS_TOTAL: &str = "chat_websocket_connections_total";
const DISCONNECTIONS_TOTAL: &str = "chat_websocket_disconnections_total";
const ERRORS_TOTAL: &str = "chat_websocket_errors_total";
const MESSAGES_TOTAL: &str = "chat_websocket_messages_total";
const PROCESSING_SECONDS: &str = "chat_websocket_message_processing_duration_seconds";
const QUEUE_SIZE: &str = "chat_websocket_message_processor_queue_size";
const FILES_TOTAL: &str = "chat_websocket_files_total";
const CHUNKS_TOTAL: &str = "chat_websocket_files_chunks_total";
const TRANSFER_SECONDS: &str = "chat_websocket_file_transfer_duration_seconds";
const TRANSFER_FAILURES_TOTAL: &str = "chat_websocket_file_transfer_failures_total";
const DUPLICATES_TOTAL: &str = "chat_websocket_idempotency_duplicates_total";
const OUTCOMES_TOTAL: &str = "chat_websocket_frame_outcomes_total";

/// One received frame in so many is timed: to ask the clock twice and to write the answer down costs
/// a tenth of what a word costs.
const TIMED_ONE_IN: u32 = 8;

const AUTH: &str = "auth";
const PING: &str = "ping";
const OTHER: &str = "other";

/// Describes every metric of the relay and puts its counters at 0. Call it once, after the
/// recorder is installed.
pub fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_gauge!(CONNECTIONS_ACTIVE, Unit::Count, "WebSocket connections open at this edge.");
    describe_counter!(CONNECTIONS_TOTAL, Unit::Count, "WebSocket connections opened.");
    describe_counter!(DISCONNECTIONS_TOTAL, Unit::Count, "WebSocket connections ended, by reason.");
    describe_counter!(ERRORS_TOTAL, Unit::Count, "Frames refused or not understood, by code.");
    describe_counter!(MESSAGES_TOTAL, Unit::Count, "Frames received from clients, by type.");
    describe_histogram!(
        PROCESSING_SECONDS,
        Unit::Seconds,
        "Time spent on a received frame, of one in eight."
    );
    describe_gauge!(QUEUE_SIZE, Unit::Count, "Frames waiting in all outgoing queues.");
    describe_counter!(FILES_TOTAL, Unit::Count, "File transfers announced.");
    describe_counter!(CHUNKS_TOTAL, Unit::Count, "File chunks received from clients.");
    describe_histogram!(TRANSFER_SECONDS, Unit::Seconds, "Time that file transfers took.");
    describe_counter!(TRANSFER_FAILURES_TOTAL, Unit::Count, "File transfers failed, by reason.");
    describe_counter!(DUPLICATES_TOTAL, Unit::Count, "Repeated frames dropped, by type.");
    describe_counter!(
        OUTCOMES_TOTAL,
        Unit::Count,
        "What became of frames for other people; without a loss their sum is that of the received."
    );
    super::silence::describe();
    gauge!(CONNECTIONS_ACTIVE).set(0.0);
    gauge!(QUEUE_SIZE).set(0.0);
    for name in [CONNECTIONS_TOTAL, FILES_TOTAL, CHUNKS_TOTAL] {
        counter!(name).absolute(0);
    }
    for kind in Label::ALL.iter().map(|label| label.as_str()).chain([AUTH, PING, OTHER]) {
        counter!(MESSAGES_TOTAL, "message_type" => kind).absolute(0);
        counter!(DUPLICATES_TOTAL, "message_type" => kind).absolute(0);
    }
    for why in Why::ALL {
        counter!(TRANSFER_FAILURES_TOTAL, "reason" => failure(*why)).absolute(0);
    }
    for code in Code::ALL {
        counter!(ERRORS_TOTAL, "error_type" => code.as_str()).absolute(0);
    }
    for outcome in Outcome::ALL {
        counter!(OUTCOMES_TOTAL, "outcome" => outcome.as_str()).absolute(0);
    }
    for why in Close::ALL {
        counter!(DISCONNECTIONS_TOTAL, "reason" => reason(*why)).absolute(0);
    }
    for ended in Ended::ALL {
        counter!(DISCONNECTIONS_TOTAL, "reason" => ending(*ended)).absolute(0);
    }
}

/// Handles of one arbiter, looked up once: a frame must not pay for a registry.
struct Handles {
    frames: Vec<Frames>,
    auth: Frames,
    ping: Frames,
    other: Frames,
    files: Counter,
    chunks: Counter,
    opened: Counter,
    active: Gauge,
    outcomes: [Counter; Outcome::ALL.len()],
    /// Frames that wait in all outboxes of this process.
    waiting: Gauge,
    /// Frames until the next that is timed.
    until_timed: Cell<u32>,
}

/// What became of a frame for somebody else, as far as this edge knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The bus took it; it may still come back as refused.
    Published,
    /// Its sender was told by a code.
    Refused,
    /// It was a repeat.
    Repeated,
    /// Read while the socket was being closed, which tells its sender.
    Late,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Published, Self::Refused, Self::Repeated, Self::Late];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
            Self::Late => "late",
        }
    }
}

struct Frames {
    total: Counter,
    seconds: Histogram,
}

impl Frames {
    fn new(kind: &'static str) -> Self {
        Self {
            total: counter!(MESSAGES_TOTAL, "message_type" => kind),
            seconds: histogram!(PROCESSING_SECONDS, "message_type" => kind),
        }
    }
}

thread_local! {
    static HANDLES: Handles = Handles {
        frames: Label::ALL.iter().map(|label| Frames::new(label.as_str())).collect(),
        auth: Frames::new(AUTH),
        ping: Frames::new(PING),
        other: Frames::new(OTHER),
        files: counter!(FILES_TOTAL),
        chunks: counter!(CHUNKS_TOTAL),
        opened: counter!(CONNECTIONS_TOTAL),
        active: gauge!(CONNECTIONS_ACTIVE),
        outcomes: Outcome::ALL.map(|outcome| {
            counter!(OUTCOMES_TOTAL, "outcome" => outcome.as_str())
        }),
        waiting: gauge!(QUEUE_SIZE),
        until_timed: Cell::new(0),
    };
}

/// What was received, for counting and timing it.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Auth,
    Ping,
    Peer(Label),
    Other,
}

impl Handles {
    fn of(&self, kind: Kind) -> &Frames {
        match kind {
            Kind::Auth => &self.auth,
            Kind::Ping => &self.ping,
            Kind::Other => &self.other,
            Kind::Peer(label) => {
                let place = Label::ALL.iter().position(|other| *other == label);
                place.and_then(|place| self.frames.get(place)).unwrap_or(&self.other)
            }
        }
    }
}

pub(super) fn count_received(decoded: &Result<ClientFrame, BadFrame>) -> Kind {
    let kind = match decoded {
        Ok(ClientFrame::Auth { .. }) => Kind::Auth,
        Ok(ClientFrame::Ping) => Kind::Ping,
        Ok(ClientFrame::Peer(frame) | ClientFrame::Announce { frame, .. }) => {
            Kind::Peer(frame.label)
        }
        Err(bad) => {
            count_error(bad.code);
            Kind::Other
        }
    };
    HANDLES.with(|handles| {
        handles.of(kind).total.increment(1);
        match kind {
            Kind::Peer(Label::FileStart) => handles.files.increment(1),
            Kind::Peer(Label::FileChunk) => handles.chunks.increment(1),
            Kind::Auth | Kind::Ping | Kind::Peer(_) | Kind::Other => {}
        }
    });
    kind
}

/// When a frame came, if it is one of those that are timed.
pub(super) fn clock() -> Option<Instant> {
    HANDLES.with(|handles| match handles.until_timed.get() {
        0 => {
            handles.until_timed.set(TIMED_ONE_IN - 1);
            Some(Instant::now())
        }
        left => {
            handles.until_timed.set(left - 1);
            None
        }
    })
}

/// So much for a frame that came at this moment.
pub(super) fn time_received(kind: Kind, came: Option<Instant>) {
    if let Some(came) = came {
        let took = came.elapsed().as_secs_f64();
        HANDLES.with(|handles| handles.of(kind).seconds.record(took));
    }
}

pub(super) fn count_outcome(outcome: Outcome) {
    HANDLES.with(|handles| handles.outcomes[outcome as usize].increment(1));
}

pub(super) fn count_repeat(label: Label) {
    counter!(DUPLICATES_TOTAL, "message_type" => label.as_str()).increment(1);
}

pub(super) fn count_transfer(how: Transferred, ms: u64) {
    let status = match how {
        Transferred::Whole => "completed",
        Transferred::Failed(why) => {
            counter!(TRANSFER_FAILURES_TOTAL, "reason" => failure(why)).increment(1);
            "failed"
        }
    };
    let took = Duration::from_millis(ms).as_secs_f64();
    histogram!(TRANSFER_SECONDS, "status" => status).record(took);
}

const fn failure(why: Why) -> &'static str {
    match why {
        Why::Tracking => "track_failed",
        Why::Completing => "complete_failed",
        Why::TimeoutOrDisconnect => "timeout_or_disconnect",
    }
}

pub(super) fn count_error(code: Code) {
    counter!(ERRORS_TOTAL, "error_type" => code.as_str()).increment(1);
}

pub(super) fn opened() {
    HANDLES.with(|handles| {
        handles.opened.increment(1);
        handles.active.increment(1.0);
    });
}

pub(super) fn closed() {
    // An arbiter that goes down may have let go of its handles before its Sessions.
    HANDLES.try_with(|handles| handles.active.decrement(1.0)).ok();
}

/// Counts the end of a Session once. To the machine every end of a socket is the same one.
pub(super) fn count_close(why: Close, ended: Option<Ended>) {
    let reason = match (why, ended) {
        (Close::Normal, Some(ended)) => ending(ended),
        _ => reason(why),
    };
    counter!(DISCONNECTIONS_TOTAL, "reason" => reason).increment(1);
}

/// One more frame waits in an outgoing queue.
pub(super) fn waits() {
    HANDLES.with(|handles| handles.waiting.increment(1.0));
}

/// So many do no longer.
#[expect(clippy::cast_precision_loss, reason = "there are never so many frames")]
pub(super) fn wait_no_longer(frames: usize) {
    // A socket that goes down with its thread has nobody to whom that could be told.
    HANDLES.try_with(|handles| handles.waiting.decrement(frames as f64)).ok();
}

const fn reason(why: Close) -> &'static str {
    match why {
        Close::Normal => "normal",
        Close::AuthenticationRequired => "authentication_required",
        Close::InvalidAuthPayload => "invalid_auth_payload",
        Close::AuthTimeout => "auth_timeout",
        Close::NotAuthenticated(_) => "not_authenticated",
        Close::Moved => "moved",
        Close::Superseded => "superseded",
        Close::MalformedFrame => "malformed_frame",
        Close::FrameTooLarge => "frame_too_large",
        Close::TooManyFrames => "too_many_frames",
        Close::SlowReader => "slow_reader",
        Close::BusAway => "bus_away",
        Close::GoingAway => "going_away",
        Close::Internal => "internal",
    }
}

/// By the names of [`reason`] where it is the same thing.
const fn ending(ended: Ended) -> &'static str {
    match ended {
        Ended::Stalled => reason(Close::SlowReader),
        Ended::Silent => "no_pong",
        Ended::Lost => "connection_lost",
        Ended::Broken => reason(Close::MalformedFrame),
        Ended::Flooded => reason(Close::TooManyFrames),
    }
}

#[cfg(test)]
mod tests {
    use metrics::set_default_local_recorder;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn shell23_each_end_of_a_socket_is_counted_once_as_what_it_was() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _local = set_default_local_recorder(&recorder);
        describe();
        for (why, ended, counted) in [
            (Close::Normal, None, "normal"),
            (Close::Normal, Some(Ended::Stalled), "slow_reader"),
            (Close::SlowReader, None, "slow_reader"),
            (Close::Normal, Some(Ended::Silent), "no_pong"),
            (Close::Normal, Some(Ended::Lost), "connection_lost"),
            (Close::Normal, Some(Ended::Broken), "malformed_frame"),
            (Close::Normal, Some(Ended::Flooded), "too_many_frames"),
            // What the Session had decided before its socket broke is the reason.
            (Close::GoingAway, Some(Ended::Lost), "going_away"),
        ] {
            let count = || {
                let series = format!("{DISCONNECTIONS_TOTAL}{{reason=\"{counted}\"}} ");
                let page = recorder.handle().render();
                let line = page.lines().find_map(|line| line.strip_prefix(&series));
                line.unwrap_or_else(|| panic!("{series} in {page}")).parse::<u32>().unwrap()
            };
            let before = count();
            count_close(why, ended);
            assert_eq!(count(), before + 1, "{why:?} {ended:?}");
        }
    }
}
