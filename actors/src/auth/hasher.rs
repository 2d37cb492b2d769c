//! The pool that hashes passwords: a few threads of the lowest priority and a short queue.
//!
//! A hash costs a fifth of a second of one core on purpose. Here is where that cost is bounded:
//! what does not fit is refused at once, and whoever relays messages always goes first.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use actors_core::auth::keys::Keys;
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use tokio::sync::oneshot;

/// Passwords that may wait for each thread: about three seconds of patience.
const WAITING_PER_THREAD: usize = 16;
/// The salt and hash of no password; checking against it costs as much as against any other.
const NOBODY: &str = "abcdefghijklmnopqrstuu5Lkq5OKVeY2Lq1DGBVMhMhVfM5Ny4pC";
/// The niceness that gives way to everybody.
const LOWEST_PRIORITY: i32 = 19;

/// How passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// The cost of bcrypt: 12 in production.
    pub cost: u32,
    /// How many passwords are hashed at once.
    pub threads: usize,
}

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// bcrypt knows costs from 4 to 31.
    #[error("a bcrypt cost is a number from 4 to 31")]
    Cost,
    /// The operating system gave no thread.
    #[error("the hashing threads could not be started")]
    Threads(#[source] std::io::Error),
}

/// The pool. Its threads end when it is dropped.
pub(crate) struct Hasher {
    keys: Arc<Keys>,
    jobs: SyncSender<Job>,
    nobody: Secret<String>,
}

enum Job {
    Hash { peppered: Secret<String>, done: oneshot::Sender<Result<Secret<String>, Code>> },
    Check { peppered: Secret<String>, hash: Secret<String>, done: oneshot::Sender<bool> },
}

impl Hasher {
    pub(crate) fn start(keys: Arc<Keys>, hashing: Hashing) -> Result<Self, HasherError> {
        if !(4..=31).contains(&hashing.cost) {
            return Err(HasherError::Cost);
        }
        let threads = hashing.threads.max(1);
        let (jobs, queue) = sync_channel(threads * WAITING_PER_THREAD);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name("dhchat-hash".to_owned())
                .spawn(move || work(&queue, hashing.cost))
                .map_err(HasherError::Threads)?;
        }
        let nobody = Secret::new(format!("$2b${:02}${NOBODY}", hashing.cost));
        Ok(Self { keys, jobs, nobody })
    }

    /// What the store keeps of a password.
    pub(crate) async fn hash(&self, password: &Secret<String>) -> Result<Secret<String>, Code> {
        let (done, wait) = oneshot::channel();
        self.queue(Job::Hash { peppered: self.keys.pepper(password), done })?;
        wait.await.map_err(|_| Code::InternalError)?
    }

    /// Whether this is the password that was hashed. Without a hash the answer is no, after just
    /// as long.
    pub(crate) async fn check(
        &self,
        password: &Secret<String>,
        hash: Option<&Secret<String>>,
    ) -> Result<bool, Code> {
        let (done, wait) = oneshot::channel();
        let peppered = self.keys.pepper(password);
        let against = hash.unwrap_or(&self.nobody).clone();
        self.queue(Job::Check { peppered, hash: against, done })?;
        let matches = wait.await.map_err(|_| Code::InternalError)?;
        Ok(matches && hash.is_some())
    }

    fn queue(&self, job: Job) -> Result<(), Code> {
        self.jobs.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => Code::ServiceUnavailable,
            TrySendError::Disconnected(_) => Code::InternalError,
        })
    }
}

/// One thread: takes what waits, until nobody can send any more.
fn work(queue: &Mutex<Receiver<Job>>, cost: u32) {
    give_way();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job.perform(cost),
            Err(_) => return,
        }
    }
}

impl Job {
    /// Whoever asked may have given up: then nothing is hashed, and the answer goes nowhere.
    fn perform(self, cost: u32) {
        match self {
            Self::Hash { peppered, done } if !done.is_closed() => {
                let hash = bcrypt::non_truncating_hash(peppered.expose(), cost);
                done.send(hash.map(Secret::new).map_err(|_| Code::InternalError)).ok();
            }
            Self::Check { peppered, hash, done } if !done.is_closed() => {
                let same = bcrypt::non_truncating_verify(peppered.expose(), hash.expose());
                done.send(same.unwrap_or(false)).ok();
            }
            Self::Hash { .. } | Self::Check { .. } => {}
        }
    }
}

/// On Linux the priority of a thread is its own; elsewhere it belongs to the whole process.
fn give_way() {
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::setpriority_process(None, LOWEST_PRIORITY)
    {
        tracing::warn!(%error, "a hashing thread keeps the priority of all others");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(threads: usize) -> Hasher {
        let keys = Arc::new(Keys::derive(&[1; 32]));
        Hasher::start(keys, Hashing { cost: 4, threads }).unwrap()
    }

    fn password(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn auth1_a_hash_knows_its_password_alone() {
        let hasher = hasher(1);
        let hash = hasher.hash(&password("correct horse 1")).await.unwrap();
        assert!(hash.expose().starts_with("$2b$04$"));
        assert!(hasher.check(&password("correct horse 1"), Some(&hash)).await.unwrap());
        assert!(!hasher.check(&password("correct horse 2"), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn auth1_a_hash_has_the_cost_of_production_when_that_is_asked_for() {
        let keys = Arc::new(Keys::derive(&[1; 32]));
        let hasher = Hasher::start(keys, Hashing { cost: 12, threads: 1 }).unwrap();
        let hash = hasher.hash(&password("correct horse 1")).await.unwrap();
        assert!(hash.expose().starts_with("$2b$12$"));
    }

    #[test]
    fn auth1_a_cost_that_bcrypt_does_not_know_is_refused() {
        for cost in [0, 3, 32] {
            let keys = Arc::new(Keys::derive(&[1; 32]));
            let refused = Hasher::start(keys, Hashing { cost, threads: 1 });
            assert!(matches!(refused, Err(HasherError::Cost)), "{cost}");
        }
    }

    #[tokio::test]
    async fn auth2_an_unknown_name_takes_as_long_as_a_wrong_password() {
        let keys = Arc::new(Keys::derive(&[1; 32]));
        let hasher = Hasher::start(keys, Hashing { cost: 10, threads: 1 }).unwrap();
        let hash = hasher.hash(&password("correct horse 1")).await.unwrap();
        let wrong = crate::clock::Stopwatch::start();
        hasher.check(&password("x"), Some(&hash)).await.unwrap();
        let wrong = wrong.elapsed();
        let unknown = crate::clock::Stopwatch::start();
        hasher.check(&password("x"), None).await.unwrap();
        // Without the work it would be a thousandth; a busy machine is not that uneven.
        assert!(unknown.elapsed() > wrong / 10);
    }

    #[tokio::test]
    async fn auth2_nobody_s_hash_is_checked_in_full_and_never_matches() {
        let hasher = hasher(1);
        let parts: bcrypt::HashParts = hasher.nobody.expose().parse().unwrap();
        assert_eq!(parts.get_cost(), 4);
        let checked = bcrypt::non_truncating_verify("x", hasher.nobody.expose());
        assert!(matches!(checked, Ok(false)), "a broken hash would be refused without any work");
        assert!(!hasher.check(&password("x"), None).await.unwrap());
    }

    #[tokio::test]
    async fn auth3_what_does_not_fit_into_the_pool_is_refused_at_once() {
        let keys = Arc::new(Keys::derive(&[1; 32]));
        let (jobs, _nobody_works) = sync_channel(1);
        let hasher = Hasher { keys, jobs, nobody: password("") };
        let (done, _wait) = oneshot::channel();
        hasher.queue(Job::Hash { peppered: password("first"), done }).unwrap();
        assert_eq!(hasher.hash(&password("second")).await.err(), Some(Code::ServiceUnavailable));
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn auth4_hashing_gives_way_to_everything_else() {
        thread::spawn(|| {
            give_way();
            assert_eq!(rustix::process::getpriority_process(None).unwrap(), LOWEST_PRIORITY);
        })
        .join()
        .unwrap();
        assert!(rustix::process::getpriority_process(None).unwrap() < LOWEST_PRIORITY);
    }
}
