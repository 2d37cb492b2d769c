//! One actix System on its own thread, and its arbiters: one thread and one runtime each.
//!
//! Whatever shares sockets, actors and a bus connection is started on one arbiter and stays
//! there, so that no frame crosses threads. The order of a stop is the caller's: first the work
//! on the arbiters, then [`Runtime::stop`].

use std::future::Future;
use std::thread::JoinHandle;

use actix_rt::{Arbiter, ArbiterHandle, System};
use tokio::sync::oneshot;

/// Why the runtime could not start or do something.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The operating system gave no thread, or the thread ended early.
    #[error("the actor threads could not be started")]
    NotStarted(#[source] std::io::Error),
    /// The arbiter has stopped.
    #[error("this arbiter has stopped")]
    Stopped,
}

/// The running System.
pub struct Runtime {
    system: System,
    arbiters: Vec<ArbiterHandle>,
    thread: JoinHandle<()>,
}

impl Runtime {
    /// Starts the System and `arbiters` arbiters, at least one.
    pub fn start(arbiters: usize) -> Result<Self, RuntimeError> {
        let (started, wait) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("dhchat-system".to_owned())
            .spawn(move || run(arbiters.max(1), &started))
            .map_err(RuntimeError::NotStarted)?;
        let (system, arbiters) = wait.recv().map_err(|_| RuntimeError::Stopped)?;
        Ok(Self { system, arbiters, thread })
    }

    /// How many arbiters there are.
    #[must_use]
    pub fn arbiters(&self) -> usize {
        self.arbiters.len()
    }

    /// Runs work to its end on one arbiter; `index` counts round.
    pub async fn on<F, Fut, T>(&self, index: usize, work: F) -> Result<T, RuntimeError>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = T> + 'static,
        T: Send + 'static,
    {
        let (done, wait) = oneshot::channel();
        let arbiter =
            self.arbiters.get(index % self.arbiters.len()).ok_or(RuntimeError::Stopped)?;
        arbiter.spawn_fn(move || {
            actix_rt::spawn(async move {
                // The caller may have given up waiting; the work was done all the same.
                drop(done.send(work().await));
            });
        });
        wait.await.map_err(|_| RuntimeError::Stopped)
    }

    /// Stops every arbiter and the System, and waits for the System's thread.
    pub fn stop(self) {
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
        self.system.stop();
        if self.thread.join().is_err() {
            tracing::error!("the system thread ended with a panic");
        }
    }
}

fn run(count: usize, started: &std::sync::mpsc::SyncSender<(System, Vec<ArbiterHandle>)>) {
    let runner = System::new();
    let (arbiters, system) = runner.block_on(async move {
        let arbiters: Vec<Arbiter> = (0..count).map(|_| Arbiter::new()).collect();
        (arbiters, System::current())
    });
    let handles = arbiters.iter().map(Arbiter::handle).collect();
    if started.send((system, handles)).is_err() {
        return;
    }
    if let Err(error) = runner.run() {
        tracing::error!(%error, "the system ended with an error");
    }
    for arbiter in arbiters {
        if arbiter.join().is_err() {
            tracing::error!("an arbiter ended with a panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_on_one_arbiter_stays_on_its_thread_and_the_stop_joins() {
        let runtime = Runtime::start(2).unwrap();
        let thread = || async { std::thread::current().id() };
        let first = runtime.on(0, thread).await.unwrap();
        assert_eq!(first, runtime.on(2, thread).await.unwrap());
        assert_ne!(first, runtime.on(1, thread).await.unwrap());
        runtime.stop();
    }
}
