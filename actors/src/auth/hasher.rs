//! The pool that hashes passwords: a few threads of the lowest priority and a short queue.
//!
//! A hash costs a fifth of a second of one core on purpose. Here is where that cost is bounded:
//! a [`Place`] is taken first, what finds none is refused at once, and whoever relays messages
//! always goes first.

use std::ops::RangeInclusive;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use actors_core::auth::keys::Keys;
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::serve::answerer::ANSWERS_MAX;

/// Passwords that may wait for each thread: about three seconds of patience.
const WAITING_PER_THREAD: usize = 16;
/// Passwords in the pool at most: whatever else auth is asked finds a quarter of its answers free.
const PLACES_MAX: usize = ANSWERS_MAX / 4 * 3;
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
    places: Arc<Semaphore>,
    jobs: SyncSender<Job>,
    cost: u32,
    nobody: Secret<String>,
}

/// A place in the pool for one password. It is given back when the password is hashed, or when
/// it is dropped unused.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
}

/// What a thread does, and the place that it frees by having done it.
struct Job {
    work: Work,
    _place: Place,
}

enum Work {
    Hash { peppered: Secret<String>, done: oneshot::Sender<Result<Secret<String>, Code>> },
    Check { peppered: Secret<String>, hash: Secret<String>, done: oneshot::Sender<bool> },
}

impl Hasher {
    pub(crate) fn start(keys: Arc<Keys>, hashing: Hashing) -> Result<Self, HasherError> {
        if !(4..=31).contains(&hashing.cost) {
            return Err(HasherError::Cost);
        }
        let threads = hashing.threads.max(1);
        let places = threads.saturating_mul(1 + WAITING_PER_THREAD).min(PLACES_MAX);
        let (jobs, queue) = sync_channel(places);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name("dhchat-hash".to_owned())
                .spawn(move || work(&queue, hashing.cost))
                .map_err(HasherError::Threads)?;
        }
        let cost = hashing.cost;
        let nobody = nobody(cost);
        Ok(Self { keys, places: Arc::new(Semaphore::new(places)), jobs, cost, nobody })
    }

    /// A place for one password; without one it is refused at once.
    pub(crate) fn place(&self) -> Result<Place, Code> {
        let taken = Arc::clone(&self.places).try_acquire_owned();
        taken.map(|permit| Place { _permit: permit }).map_err(|_| Code::ServiceUnavailable)
    }

    /// Whether there is a place at this moment. It promises none: that is only known when it is
    /// taken.
    pub(crate) fn room(&self) -> Result<(), Code> {
        match self.places.available_permits() {
            0 => Err(Code::ServiceUnavailable),
            _ => Ok(()),
        }
    }

    /// What the store keeps of a password.
    pub(crate) async fn hash(
        &self,
        place: Place,
        password: &Secret<String>,
    ) -> Result<Secret<String>, Code> {
        let (done, wait) = oneshot::channel();
        let peppered = self.keys.pepper(password);
        self.queue(place, Work::Hash { peppered, done })?;
        wait.await.map_err(|_| Code::InternalError)?
    }

    /// Whether this is the password that was hashed. Without a hash the answer is no, after just
    /// as long.
    pub(crate) async fn check(
        &self,
        place: Place,
        password: &Secret<String>,
        hash: Option<&Secret<String>>,
    ) -> Result<bool, Code> {
        let (done, wait) = oneshot::channel();
        let peppered = self.keys.pepper(password);
        let against = hash.unwrap_or(&self.nobody).clone();
        self.queue(place, Work::Check { peppered, hash: against, done })?;
        let matches = wait.await.map_err(|_| Code::InternalError)?;
        Ok(matches && hash.is_some())
    }

    /// Whether a hash was made at another cost than the one that is configured.
    pub(crate) fn is_outdated(&self, hash: &Secret<String>) -> bool {
        let parts = hash.expose().parse::<bcrypt::HashParts>();
        parts.is_ok_and(|parts| parts.get_cost() != self.cost)
    }

    /// The queue has room for whoever has a place, so it is never full.
    fn queue(&self, place: Place, work: Work) -> Result<(), Code> {
        let queued = self.jobs.try_send(Job { work, _place: place });
        queued.map_err(|_: TrySendError<Job>| Code::InternalError)
    }
}

/// One thread: takes what waits, until nobody can send any more.
fn work(queue: &Mutex<Receiver<Job>>, cost: u32) {
    give_way();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job.work.perform(cost),
            Err(_) => return,
        }
    }
}

impl Work {
    /// Whoever asked may have given up: then nothing is hashed, and the answer goes nowhere.
    fn perform(self, cost: u32) {
        match self {
            Self::Hash { peppered, done } if !done.is_closed() => {
                let hash = bcrypt::non_truncating_hash(peppered.expose(), cost);
                done.send(hash.map(Secret::new).map_err(|_| Code::InternalError)).ok();
            }
            Self::Check { peppered, hash, done } if !done.is_closed() => {
                let same = bcrypt::non_truncating_verify(peppered.expose(), hash.expose());
                for cost in missing(&hash, cost) {
                    let made_up = nobody(cost);
                    // Only the time that it takes matters.
                    drop(bcrypt::non_truncating_verify(peppered.expose(), made_up.expose()));
                }
                done.send(same.unwrap_or(false)).ok();
            }
            Self::Hash { .. } | Self::Check { .. } => {}
        }
    }
}

/// A hash of no password.
fn nobody(cost: u32) -> Secret<String> {
    Secret::new(format!("$2b${cost:02}${NOBODY}"))
}

/// The costs of the work that is missing after a check against this hash, so that an account
/// whose hash was made when less was configured is not known by its haste: one step of cost is
/// twice the work, so n, n, n + 1 and so on up to the last but one make the configured one.
fn missing(hash: &Secret<String>, cost: u32) -> RangeInclusive<u32> {
    let made_at = hash.expose().parse::<bcrypt::HashParts>().map(|parts| parts.get_cost());
    match made_at {
        Ok(made_at) => made_at..=cost - 1,
        // What is no hash is refused without any work.
        Err(_) => cost..=cost,
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
    use std::time::Duration;

    use super::*;

    fn hasher(cost: u32) -> Hasher {
        let keys = Arc::new(Keys::derive(&[1; 32]));
        Hasher::start(keys, Hashing { cost, threads: 1 }).unwrap()
    }

    fn password(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    async fn hash(hasher: &Hasher, text: &str) -> Secret<String> {
        hasher.hash(hasher.place().unwrap(), &password(text)).await.unwrap()
    }

    async fn check(hasher: &Hasher, text: &str, hash: Option<&Secret<String>>) -> bool {
        hasher.check(hasher.place().unwrap(), &password(text), hash).await.unwrap()
    }

    #[tokio::test]
    async fn auth1_a_hash_knows_its_password_alone() {
        let hasher = hasher(4);
        let kept = hash(&hasher, "correct horse 1").await;
        assert!(kept.expose().starts_with("$2b$04$"));
        assert!(check(&hasher, "correct horse 1", Some(&kept)).await);
        assert!(!check(&hasher, "correct horse 2", Some(&kept)).await);
    }

    #[tokio::test]
    async fn auth1_a_hash_has_the_cost_of_production_when_that_is_asked_for() {
        let kept = hash(&hasher(12), "correct horse 1").await;
        assert!(kept.expose().starts_with("$2b$12$"));
        assert!(!hasher(12).is_outdated(&kept));
        assert!(hasher(11).is_outdated(&kept) && hasher(13).is_outdated(&kept));
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
        let hasher = hasher(10);
        let kept = hash(&hasher, "correct horse 1").await;
        // The shortest of several: how long a busy machine lets them wait is not their work.
        let (mut wrong, mut unknown) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            let begun = crate::clock::Stopwatch::start();
            check(&hasher, "x", Some(&kept)).await;
            wrong = wrong.min(begun.elapsed());
            let begun = crate::clock::Stopwatch::start();
            check(&hasher, "x", None).await;
            unknown = unknown.min(begun.elapsed());
        }
        // Without the work it would be a thousandth.
        assert!(unknown > wrong / 10, "{unknown:?} {wrong:?}");
    }

    #[tokio::test]
    async fn auth2_nobody_s_hash_is_checked_in_full_and_never_matches() {
        let hasher = hasher(4);
        let parts: bcrypt::HashParts = hasher.nobody.expose().parse().unwrap();
        assert_eq!(parts.get_cost(), 4);
        let checked = bcrypt::non_truncating_verify("x", hasher.nobody.expose());
        assert!(matches!(checked, Ok(false)), "a broken hash would be refused without any work");
        assert!(!check(&hasher, "x", None).await);
    }

    #[test]
    fn auth2_a_hash_of_a_lower_cost_is_made_up_for() {
        let work = |costs: RangeInclusive<u32>| costs.map(|cost| 1_u64 << cost).sum::<u64>();
        for made_at in 4..=12 {
            assert_eq!((1 << made_at) + work(missing(&nobody(made_at), 12)), 1 << 12, "{made_at}");
        }
        assert_eq!(work(missing(&nobody(13), 12)), 0);
        assert_eq!(work(missing(&password("none"), 12)), 1 << 12);
    }

    #[tokio::test]
    async fn auth2_an_account_with_a_cheap_hash_is_not_known_by_its_haste() {
        let kept = hash(&hasher(4), "correct horse 1").await;
        let hasher = hasher(10);
        let cheap = crate::clock::Stopwatch::start();
        assert!(!check(&hasher, "x", Some(&kept)).await);
        let cheap = cheap.elapsed();
        let unknown = crate::clock::Stopwatch::start();
        check(&hasher, "x", None).await;
        assert!(cheap > unknown.elapsed() / 10);
        assert!(check(&hasher, "correct horse 1", Some(&kept)).await);
    }

    #[tokio::test]
    async fn auth3_without_a_place_in_the_pool_a_password_is_refused_at_once() {
        let hasher = hasher(4);
        let mut places: Vec<Place> = Vec::new();
        let refused = loop {
            match hasher.place() {
                Ok(place) => places.push(place),
                Err(code) => break code,
            }
        };
        assert_eq!(refused, Code::ServiceUnavailable);
        assert_eq!(places.len(), 1 + WAITING_PER_THREAD);
        assert_eq!(hasher.room(), Err(Code::ServiceUnavailable));
        places.pop();
        assert_eq!(hasher.room(), Ok(()));
        assert!(hasher.place().is_ok(), "a place that is dropped is free");
        let place = places.pop().unwrap();
        hasher.hash(place, &password("correct horse 1")).await.unwrap();
        let freed = async {
            while hasher.place().is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), freed).await.unwrap();
    }

    #[test]
    fn auth3_passwords_never_take_all_answers_of_an_actor() {
        let keys = Arc::new(Keys::derive(&[1; 32]));
        let hasher = Hasher::start(keys, Hashing { cost: 4, threads: 8 }).unwrap();
        let places: Vec<Place> = std::iter::from_fn(|| hasher.place().ok()).collect();
        assert_eq!(places.len(), 48);
    }

    #[test]
    fn auth3_a_password_that_nobody_waits_for_is_not_hashed() {
        let time = |waits: bool| {
            let begun = crate::clock::Stopwatch::start();
            let (done, wait) = oneshot::channel();
            let wait = waits.then_some(wait);
            Work::Hash { peppered: password("x"), done }.perform(10);
            drop(wait);
            let (done, wait) = oneshot::channel();
            let wait = waits.then_some(wait);
            Work::Check { peppered: password("x"), hash: nobody(10), done }.perform(10);
            drop(wait);
            begun.elapsed()
        };
        // Either of the two hashes alone would be half of it.
        assert!(time(false) < time(true) / 10);
    }

    #[tokio::test]
    async fn auth3_every_place_is_worked_for() {
        let hasher = hasher(4);
        let places: Vec<Place> = std::iter::from_fn(|| hasher.place().ok()).collect();
        let one = password("correct horse 1");
        let work = places.into_iter().map(|place| hasher.hash(place, &one));
        let done = futures_util::future::join_all(work).await;
        assert_eq!(done.len(), 1 + WAITING_PER_THREAD);
        assert!(done.iter().all(Result::is_ok));
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
