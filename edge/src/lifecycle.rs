//! The order of a stop: first nobody new, then everybody elsewhere, then nothing.
//!
//! A first SIGTERM or SIGINT begins to drain, a second one ends at once. Every task is spawned
//! through here, so that none outlives the process it belongs to.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long tasks may take to end once they were told to.
const TASKS_WAIT: Duration = Duration::from_secs(5);

/// Where the process is between start and stop. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    draining: CancellationToken,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Lifecycle {
    /// Whether nobody new is taken in.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    /// From here on nobody new is taken in.
    pub fn drain(&self) {
        self.0.draining.cancel();
    }

    /// Resolves when listeners and connections are to end.
    pub async fn stopping(&self) {
        self.0.stopping.cancelled().await;
    }

    /// Runs a task on this thread until it ends or the process stops. A large one is to be boxed:
    /// whatever passes a future on has room for it twice, before and while it runs.
    pub fn spawn_local(&self, task: impl Future<Output = ()> + 'static) {
        let stopping = self.0.stopping.clone();
        // The handle is not needed: the tracker waits for the task.
        drop(self.0.tasks.spawn_local(async move {
            stopping.run_until_cancelled(task).await;
        }));
    }

    /// Runs a task on this thread that ends by itself after [`Lifecycle::stopping`].
    pub fn spawn_graceful(&self, task: impl Future<Output = ()> + 'static) {
        drop(self.0.tasks.spawn_local(task));
    }

    /// Runs what is left to be done for something that goes down at this moment, until it ends or the
    /// process stops. Without a runtime, or at the end of the process, nothing is done any more.
    pub fn spawn_last(&self, task: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else { return };
        if self.0.stopping.is_cancelled() {
            return;
        }
        let stopping = self.0.stopping.clone();
        let last = async move {
            stopping.run_until_cancelled(task).await;
        };
        drop(self.0.tasks.spawn_on(last, &runtime));
    }

    /// Ends everything and waits for it, but not for ever.
    pub async fn stop(&self) {
        self.0.draining.cancel();
        self.0.stopping.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(TASKS_WAIT, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.0.tasks.len(), "tasks are left behind");
        }
    }
}

/// The signals that ask for an end.
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Listens from here on.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
