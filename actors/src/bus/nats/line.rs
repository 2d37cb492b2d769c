//! A line: one client of `async-nats` for the life of one TCP connection.
//!
//! Left to itself the client would reconnect and then say whatever had waited in its queue, late.
//! Nothing may be queued across a reconnect, so a client is told its password once and gives up
//! when it asks again; its queue dies with it, and the keeper opens another line.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::client::PublishErrorKind;
use async_nats::client::traits::Publisher;
use async_nats::connection::State;
use async_nats::message::OutboundMessage;
use async_nats::{Auth, AuthError, Client, ConnectErrorKind, ConnectOptions, Event, HeaderMap};
use async_nats::{Message, ServerError, StatusCode};
use bus_schemas::bus::{BusError, Incoming, Outgoing};
use bus_schemas::id::TraceId;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::task::unconstrained;

use super::config::{ConnectError, Server};
use super::listener::Ear;
use super::refusal::refusal;
use crate::bus::counters::Complaint;
use crate::bus::{Lane, TRACE_HEADER, counters, lock};

/// Messages towards the broker that may wait for its socket. Enough for a burst of one turn of
/// an arbiter; more would only be said later.
const COMMANDS_MAX: usize = 2_048;
/// Messages of one subscription between the socket and its own queue, which is emptied in the
/// same turn: never reached unless the thread is starved, and then told as a gap.
const INTAKE_MAX: usize = 65_536;
/// After two unanswered pings the line counts as lost: a broker that hangs is noticed within 5 s,
/// like one that stopped.
const PING_EVERY: Duration = Duration::from_millis(1_500);
/// Subjects that a user may not hear, of which a line knows. There is one for each kind of
/// subscription that the code has and `nats/` does not.
const FORBIDDEN_MAX: usize = 256;
/// How long a broker may take to welcome a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// A connection to one broker; it never comes back.
pub(super) struct Line {
    client: Client,
    heard: Arc<Heard>,
    /// Hears the answers to what is asked on this line.
    _answers: Ear,
}

impl Line {
    /// Connects. `on_answer` hears the inboxes; `on_overrun` is called when the client has lost
    /// messages by itself.
    pub(super) async fn open<A, O>(
        server: &Server,
        inboxes: &Subject,
        on_answer: A,
        on_overrun: O,
    ) -> Result<Self, ConnectError>
    where
        A: Fn(Incoming) + Send + 'static,
        O: Fn() + Send + Sync + 'static,
    {
        let heard = Arc::new(Heard::of(server.lane));
        let hearing = heard.clone();
        let options = options(server).event_callback(move |event| {
            hearing.hear(&event, &on_overrun);
            std::future::ready(())
        });
        let client =
            options.connect(server.address.clone()).await.map_err(|error| refusal(&error))?;
        let lost = |_| ConnectError::Unreachable(ConnectErrorKind::Io);
        let answers = Ear::open(&client, inboxes, None, on_answer).await.map_err(lost)?;
        Ok(Self { client, heard, _answers: answers })
    }

    /// The client, for subscribing.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn is_alive(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Returns when the line may have ended; [`Line::is_alive`] knows.
    pub(super) async fn ended(&self) {
        self.heard.ended.notified().await;
    }

    /// Whether the broker has refused to let this be heard here.
    pub(super) fn forbids(&self, subject: &Subject) -> bool {
        lock(&self.heard.forbidden).contains(subject.as_str())
    }

    /// Puts a message into the queue towards the broker, or refuses it. Never waits.
    pub(super) fn say(&self, message: Outgoing) -> Result<(), BusError> {
        if !self.is_alive() {
            return Err(BusError::Away);
        }
        let message = outbound(message);
        // Unconstrained: a task that has used up its turn must not see a full queue.
        match unconstrained(self.client.publish_message(message)).now_or_never() {
            Some(Ok(())) => Ok(()),
            None => Err(BusError::Full),
            Some(Err(error)) => Err(match error.kind() {
                PublishErrorKind::MaxPayloadExceeded => BusError::TooLarge,
                PublishErrorKind::Send | PublishErrorKind::InvalidSubject => BusError::Away,
            }),
        }
    }
}

fn options(server: &Server) -> ConnectOptions {
    let spent = AtomicBool::new(false);
    let (user, password) = (server.user.clone(), server.password.clone());
    let once = move |_nonce| {
        let auth = if spent.swap(true, Ordering::Relaxed) {
            Err(AuthError::new("this line has ended"))
        } else {
            let mut auth = Auth::new();
            auth.username.clone_from(&user);
            auth.password = password.as_ref().map(|password| password.expose().clone());
            Ok(auth)
        };
        std::future::ready(auth)
    };
    let options = ConnectOptions::with_auth_callback(once)
        .name(format!("dhchat {}", server.lane.name()))
        .max_reconnects(1)
        .reconnect_delay_callback(|_attempts| Duration::ZERO)
        .ignore_discovered_servers()
        .connection_timeout(CONNECT_WAIT)
        .ping_interval(PING_EVERY)
        .client_capacity(COMMANDS_MAX)
        .subscription_capacity(INTAKE_MAX);
    match &server.ca_file {
        Some(file) => options.add_root_certificates(file.clone()).require_tls(true),
        None => options,
    }
}

/// What the client tells beside messages.
struct Heard {
    lane: Lane,
    ended: Notify,
    /// What this user may not hear and wanted to.
    forbidden: Mutex<BTreeSet<String>>,
}

impl Heard {
    fn of(lane: Lane) -> Self {
        Self { lane, ended: Notify::new(), forbidden: Mutex::default() }
    }

    fn hear(&self, event: &Event, on_overrun: &impl Fn()) {
        match event {
            Event::Connected | Event::Draining => {}
            Event::Disconnected | Event::Closed => self.ended.notify_one(),
            Event::LameDuckMode => tracing::info!("the broker is about to stop"),
            Event::SlowConsumer(_) | Event::ServerError(ServerError::SlowConsumer(_)) => {
                counters::overrun(self.lane);
                on_overrun();
            }
            Event::ServerError(error) => self.complaint(&error.to_string()),
            // The farewell of a line that has ended, or of one that could not be opened.
            Event::ClientError(error) => tracing::debug!(%error, "the bus client complains"),
        }
    }

    /// The broker says so once and to nobody else: a forbidden subject is a fault in `nats/` or in
    /// us, and looks like silence to whoever said something there.
    fn complaint(&self, words: &str) {
        counters::complaint(self.lane, Complaint::of(words));
        tracing::error!(words, lane = self.lane.name(), "the broker complains");
        let Some(subject) = forbidden_subscription(words) else { return };
        let mut forbidden = lock(&self.forbidden);
        if forbidden.len() < FORBIDDEN_MAX {
            forbidden.insert(subject.to_owned());
        }
    }
}

/// `Permissions Violation for Subscription to "chat.>"`
fn forbidden_subscription(words: &str) -> Option<&str> {
    let (_, subject) = words.split_once("Violation for Subscription to \"")?;
    Some(subject.split_once('"')?.0)
}

fn outbound(message: Outgoing) -> OutboundMessage {
    let headers = message.trace.map(|trace| {
        let mut headers = HeaderMap::new();
        headers.insert(TRACE_HEADER, trace.as_str());
        headers
    });
    OutboundMessage {
        subject: shared(message.subject),
        reply: message.reply.map(shared),
        payload: message.payload,
        headers,
    }
}

/// A subject of ours as one of the client, in the same buffer.
fn shared(subject: Subject) -> async_nats::Subject {
    async_nats::Subject::from_utf8(Bytes::from(subject)).expect("a subject is text")
}

/// A message of the client as one of ours.
pub(super) fn inbound(message: Message) -> Incoming {
    let trace = message.headers.as_ref().and_then(|headers| headers.get(TRACE_HEADER));
    Incoming {
        subject: Subject::received(message.subject.into_string()),
        reply: message.reply.map(|reply| Subject::received(reply.into_string())),
        trace: trace.and_then(|trace| TraceId::parse(trace.as_str())),
        payload: message.payload,
        no_responders: message.status == Some(StatusCode::NO_RESPONDERS),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn bus11_what_the_client_loses_by_itself_is_a_gap_too() {
        let (heard, gaps) = (Heard::of(Lane::Talk), AtomicUsize::new(0));
        let on_overrun = || {
            gaps.fetch_add(1, Ordering::Relaxed);
        };
        heard.hear(&Event::Connected, &on_overrun);
        heard.hear(&Event::SlowConsumer(7), &on_overrun);
        assert_eq!(gaps.load(Ordering::Relaxed), 1);
        assert!(heard.ended.notified().now_or_never().is_none());
        heard.hear(&Event::Disconnected, &on_overrun);
        assert!(heard.ended.notified().now_or_never().is_some());
    }

    #[test]
    fn bus24_what_may_not_be_heard_is_read_from_the_brokers_words() {
        let said = |words| forbidden_subscription(words);
        assert_eq!(said("nats: Permissions Violation for Subscription to \"a.b\""), Some("a.b"));
        let group = "Permissions Violation for Subscription to \"a.*\" using queue \"auth\"";
        assert_eq!(said(group), Some("a.*"));
        assert_eq!(said("Permissions Violation for Publish to \"a.b\""), None);
    }
}
