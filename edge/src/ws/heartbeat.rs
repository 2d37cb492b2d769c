//! Whether a client that says nothing is still there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors::alarm::Alarm;
use tokio::time::Instant;

/// How soon a client is pinged to which nothing can be said at the moment. While something waits to
/// be written to it, its writer minds whether it is still there.
const LATER: Duration = Duration::from_secs(1);
/// Makes each ping another one.
static PINGS: AtomicU64 = AtomicU64::new(1);

/// What is to be done about a silent client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Ping it with this.
    Ping([u8; 8]),
    /// It did not answer.
    Silent,
}

/// The clock of one client.
#[derive(Debug)]
pub(super) struct Heartbeat {
    ping_after_ms: u32,
    answer_within_ms: u32,
    /// When the client said something last.
    heard: Instant,
    /// Whether it has said something since: that is dated once nothing more is there to be read.
    has_said: bool,
    /// What it was pinged with, and until when it may answer.
    asked: Option<([u8; 8], Instant)>,
    /// Only set anew once it rings, however much is heard before.
    clock: Alarm,
}

impl Heartbeat {
    pub(super) fn new(ping_after: Duration, answer_within: Duration) -> Self {
        let (heard, mut clock) = (Instant::now(), Alarm::new());
        clock.set(heard + ping_after);
        let [ping_after_ms, answer_within_ms] = [ping_after, answer_within].map(millis);
        Self { ping_after_ms, answer_within_ms, heard, has_said: false, asked: None, clock }
    }

    fn ping_after(&self) -> Duration {
        Duration::from_millis(self.ping_after_ms.into())
    }

    fn answer_within(&self) -> Duration {
        Duration::from_millis(self.answer_within_ms.into())
    }

    /// The client said something whole.
    pub(super) fn heard(&mut self) {
        self.has_said = true;
    }

    /// The client answered a ping, perhaps ours.
    pub(super) fn answered(&mut self, with: &[u8]) {
        let now = Instant::now();
        if self.asked.is_some_and(|(ping, until)| ping == with && now < until) {
            self.asked = None;
            self.heard = now;
            let again = now + self.ping_after();
            self.clock.set(again);
        }
    }

    /// Nothing can be said to it: it is asked again soon.
    pub(super) fn postpone(&mut self) {
        self.asked = None;
        self.clock.set(Instant::now() + LATER);
    }

    pub(super) fn poll(&mut self, ctx: &mut Context<'_>) -> Poll<Beat> {
        if std::mem::take(&mut self.has_said) {
            self.heard = Instant::now();
        }
        loop {
            ready!(self.clock.poll(ctx));
            let now = Instant::now();
            let until = match self.asked {
                Some((_, until)) if until <= now => return Poll::Ready(Beat::Silent),
                Some((_, until)) => until,
                None => self.heard + self.ping_after(),
            };
            if now < until {
                self.clock.set(until);
                continue;
            }
            let (ping, until) = (ping(), now + self.answer_within());
            self.asked = Some((ping, until));
            self.clock.set(until);
            return Poll::Ready(Beat::Ping(ping));
        }
    }
}

/// Both waits are of seconds, and there is a pair of them for each open socket.
fn millis(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis()).unwrap_or(u32::MAX)
}

fn ping() -> [u8; 8] {
    PINGS.fetch_add(1, Ordering::Relaxed).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const PING_AFTER: Duration = Duration::from_millis(200);
    const ANSWER_WITHIN: Duration = Duration::from_millis(300);

    /// What is to be done next, and when it was due at the earliest.
    async fn next(heartbeat: &mut Heartbeat) -> (Beat, Duration) {
        let begun = Instant::now();
        (poll_fn(|ctx| heartbeat.poll(ctx)).await, begun.elapsed())
    }

    async fn ping(heartbeat: &mut Heartbeat, after: Duration) -> [u8; 8] {
        match next(heartbeat).await {
            (Beat::Ping(ping), waited) if after <= waited => ping,
            (beat, waited) => panic!("{beat:?} after {waited:?}"),
        }
    }

    #[tokio::test]
    async fn sock8_only_the_answer_to_the_last_ping_is_an_answer() {
        let mut heartbeat = Heartbeat::new(PING_AFTER, ANSWER_WITHIN);
        let first = ping(&mut heartbeat, PING_AFTER).await;
        heartbeat.answered(&first);
        // Silence counts from the answer on.
        let second = ping(&mut heartbeat, PING_AFTER).await;
        assert_ne!(first, second);
        heartbeat.answered(&first);
        heartbeat.answered(b"whatever");
        // To speak is no answer either.
        heartbeat.heard();
        let (beat, waited) = next(&mut heartbeat).await;
        assert_eq!(beat, Beat::Silent);
        assert!(ANSWER_WITHIN <= waited, "{waited:?}");
    }

    #[tokio::test]
    async fn sock8_whoever_speaks_is_not_asked() {
        let mut heartbeat = Heartbeat::new(PING_AFTER, ANSWER_WITHIN);
        assert!(futures_util::poll!(poll_fn(|ctx| heartbeat.poll(ctx))).is_pending());
        let begun = Instant::now();
        heartbeat.heard = begun + PING_AFTER;
        ping(&mut heartbeat, PING_AFTER).await;
        assert!(2 * PING_AFTER <= begun.elapsed(), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn sock8_whoever_cannot_be_asked_is_asked_a_little_later() {
        let mut heartbeat = Heartbeat::new(PING_AFTER, ANSWER_WITHIN);
        ping(&mut heartbeat, PING_AFTER).await;
        heartbeat.postpone();
        ping(&mut heartbeat, LATER).await;
    }
}
