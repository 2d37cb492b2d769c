//! Alarms: one timer of a thread rings for all who wait there, those together who are due together.
//!
//! There are some for each open socket, and nearly all of them only ever move their time back. A timer
//! of the runtime would be a block of the heap for each, and a wake of the thread.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::bus::lock;

/// Whoever is due within this time rings at the end of it. What is waited for here takes a second and
/// more.
const GRAIN: Duration = Duration::from_millis(25);

thread_local! {
    static CLOCK: Arc<Clock> = Arc::new(Clock::new());
}

/// Rings once after it was set. It never rings too soon, and up to 25 ms late.
#[derive(Debug)]
pub struct Alarm {
    clock: Arc<Clock>,
    /// When it rings.
    due: Due,
    /// Whom it wakes then, by the address of what wakes; 0 for nobody.
    wakes: usize,
}

/// A place in the order in which alarms ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    /// 0 for never.
    grain: u32,
    number: u32,
}

/// Whoever waits on a thread.
#[derive(Debug)]
struct Clock {
    since: Instant,
    /// The last grain that has rung.
    rung: AtomicU32,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    by_due: BTreeMap<Due, Waker>,
    next_number: u32,
    /// The task that rings, if there is one.
    ringer: Option<Waker>,
}

impl Alarm {
    /// One that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self { clock: CLOCK.with(Arc::clone), due: Due::default(), wakes: 0 }
    }

    /// Rings at this time, and not when it was to ring before.
    pub fn set(&mut self, at: Instant) {
        self.unset();
        self.due = self.clock.due(at);
    }

    /// Whether it rings, and nobody has heard it.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due.grain != 0 && self.due.grain <= self.clock.rung.load(Ordering::Acquire)
    }

    /// Ready as it rings. Must be called on a runtime.
    pub fn poll(&mut self, ctx: &Context<'_>) -> Poll<()> {
        if self.due.grain == 0 {
            return Poll::Pending;
        }
        if self.is_due() {
            self.unset();
            return Poll::Ready(());
        }
        let wakes = ctx.waker().data().addr();
        if self.wakes != wakes {
            self.wakes = wakes;
            Clock::wait(&self.clock, self.due, ctx.waker());
        }
        Poll::Pending
    }

    fn unset(&mut self) {
        let due = std::mem::take(&mut self.due);
        if std::mem::take(&mut self.wakes) != 0 {
            let waker = lock(&self.clock.waiting).by_due.remove(&due);
            drop(waker);
        }
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.unset();
    }
}

impl Clock {
    fn new() -> Self {
        Self { since: Instant::now(), rung: AtomicU32::new(0), waiting: Mutex::default() }
    }

    /// The end of the grain in which this time is, and a number of its own.
    fn due(&self, at: Instant) -> Due {
        let after = at.saturating_duration_since(self.since).as_millis();
        let grain = u32::try_from(after.div_ceil(GRAIN.as_millis())).unwrap_or(u32::MAX);
        let mut waiting = lock(&self.waiting);
        waiting.next_number = waiting.next_number.wrapping_add(1);
        Due { grain: grain.max(1), number: waiting.next_number }
    }

    fn wait(clock: &Arc<Self>, due: Due, waker: &Waker) {
        let mut waiting = lock(&clock.waiting);
        let before = waiting.by_due.insert(due, waker.clone());
        let is_next = waiting.by_due.first_key_value().is_some_and(|(first, _)| *first == due);
        let has_ringer = waiting.ringer.is_some();
        let ringer = waiting.ringer.as_ref().filter(|_| is_next).cloned();
        drop(waiting);
        drop(before);
        match ringer {
            Some(ringer) => ringer.wake(),
            None if has_ringer => {}
            None => drop(tokio::spawn(Ringer::of(clock.clone()))),
        }
    }

    /// When the next one rings.
    fn next(&self) -> Option<Instant> {
        let first = lock(&self.waiting).by_due.first_key_value().map(|(due, _)| *due)?;
        Some(self.since + GRAIN * first.grain)
    }

    /// Wakes all who are due.
    fn ring(&self) {
        let grains = self.since.elapsed().as_millis() / GRAIN.as_millis();
        let grain = u32::try_from(grains).unwrap_or(u32::MAX);
        self.rung.store(grain, Ordering::Release);
        let mut waiting = lock(&self.waiting);
        let later = waiting.by_due.split_off(&Due { grain: grain.saturating_add(1), number: 0 });
        let due = std::mem::replace(&mut waiting.by_due, later);
        drop(waiting);
        due.into_values().for_each(Waker::wake);
    }
}

/// The task that rings. It goes down with its runtime; whoever waits next starts another.
struct Ringer {
    clock: Arc<Clock>,
    sleep: Pin<Box<Sleep>>,
}

impl Ringer {
    fn of(clock: Arc<Clock>) -> Self {
        Self { clock, sleep: Box::pin(sleep_until(Instant::now())) }
    }
}

impl Future for Ringer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<()> {
        let Self { clock, sleep } = &mut *self;
        lock(&clock.waiting).ringer = Some(ctx.waker().clone());
        while let Some(next) = clock.next() {
            sleep.as_mut().reset(next);
            ready!(sleep.as_mut().poll(ctx));
            clock.ring();
        }
        Poll::Pending
    }
}

impl Drop for Ringer {
    fn drop(&mut self) {
        lock(&self.clock.waiting).ringer = None;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn set(after: Duration) -> Alarm {
        let mut alarm = Alarm::new();
        alarm.set(Instant::now() + after);
        alarm
    }

    async fn rings(mut alarm: Alarm) -> Instant {
        poll_fn(|ctx| alarm.poll(ctx)).await;
        Instant::now()
    }

    #[test]
    fn shell28_an_alarm_is_late_by_less_than_a_grain_with_all_others_of_it() {
        let clock = Clock::new();
        let rings_after = |ms| GRAIN * clock.due(clock.since + MS * ms).grain;
        for ms in [1, 24, 25, 26, 999, 1_000, 86_400_000] {
            let after = rings_after(ms);
            assert!((MS * ms..MS * ms + GRAIN).contains(&after), "{ms}: {after:?}");
        }
        assert_eq!(rings_after(26), rings_after(50));
        assert_ne!(clock.due(clock.since), clock.due(clock.since), "each has a place");
    }

    #[tokio::test]
    async fn shell28_an_alarm_rings_no_sooner_and_waits_for_nobody_who_is_due_later() {
        for ms in [0, 1, 30, 60] {
            let begun = Instant::now();
            let waited = rings(set(MS * ms)).await - begun;
            assert!(waited >= MS * ms, "{ms}: {waited:?}");
        }
        let (later, sooner) = tokio::join!(rings(set(MS * 400)), rings(set(MS * 40)));
        assert!(sooner < later);
    }

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn shell28_one_that_is_set_anew_or_dropped_leaves_nothing_behind() {
        let wakes = [Arc::<Count>::default(), Arc::<Count>::default()];
        let [one, other] = wakes.clone().map(Waker::from);
        let mut alarm = set(MS * 40);
        let waiting = |alarm: &Alarm| lock(&alarm.clock.waiting).by_due.len();
        assert!(alarm.poll(&Context::from_waker(&one)).is_pending());
        assert!(alarm.poll(&Context::from_waker(&other)).is_pending(), "the last who asked");
        alarm.set(Instant::now() + MS * 120);
        assert!(alarm.poll(&Context::from_waker(&other)).is_pending());
        assert_eq!(waiting(&alarm), 1);
        rings(set(MS * 200)).await;
        assert_eq!(waiting(&alarm), 0);
        assert_eq!(wakes.map(|count| count.0.load(Ordering::SeqCst)), [0, 1]);
        assert!(alarm.poll(&Context::from_waker(&one)).is_ready());
        assert!(alarm.poll(&Context::from_waker(&one)).is_pending(), "it rings once");
        alarm.set(Instant::now() + MS);
        assert!(alarm.poll(&Context::from_waker(&one)).is_pending());
        let clock = alarm.clock.clone();
        drop(alarm);
        assert!(lock(&clock.waiting).by_due.is_empty());
    }

    #[test]
    fn shell28_whoever_waits_on_another_runtime_of_the_thread_is_rung_for_too() {
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            runtime.unwrap().block_on(rings(set(MS)));
        }
    }
}
