//! Nanoseconds since the run began, and waiting for one of them.
//!
//! The timer of the runtime counts whole milliseconds, which is longer than a word takes: a timer
//! of the system rings within some 50 µs.

use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::fd::OwnedFd;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// When the run began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Nanoseconds since then.
    pub(crate) fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Waits more exactly than the runtime does.
pub(crate) struct Timer(AsyncFd<OwnedFd>);

impl Timer {
    pub(crate) fn new() -> Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(deprecated, reason = "an owned descriptor stays what it is until it is closed")]
        let registered = AsyncFd::new(timer)?;
        Ok(Self(registered))
    }

    /// Returns when so much time has passed.
    pub(crate) async fn wait(&self, wait: Duration) -> Result<()> {
        // No time at all would set no alarm.
        let wait = wait.max(Duration::from_nanos(1));
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let alarm = Timespec {
            tv_sec: i64::try_from(wait.as_secs())?,
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        let once = Itimerspec { it_interval: zero, it_value: alarm };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        let mut ready = self.0.readable().await?;
        let mut rings = [0; 8];
        // Whether it rang once or more says nothing.
        rustix::io::read(self.0.get_ref(), &mut rings).ok();
        ready.clear_ready();
        Ok(())
    }
}
