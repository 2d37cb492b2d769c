//! What has ended: single access tokens, and whole Logins.
//!
//! Looked up twice for every word, so it costs a look at a number while nothing has ended, and little
//! when something has.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use actors::clock::Uptime;
use bus_schemas::auth::Revoked;
use bus_schemas::chat::Standing;
use bus_schemas::id::{LoginId, TokenId};
use bus_schemas::time::{Millis, Timestamp};

/// Revocations that are kept. They last at most as long as an access token; beyond this number
/// nothing is judged here, because one of them is not known here.
const ENDED_MAX: usize = 1_000_000;
/// How much longer an entry is kept than it says: a clock elsewhere may be behind.
const KEPT_LONGER_SECONDS: u64 = 60;
/// The longest that an entry is kept, whatever it says: many times the life of a token, and of any
/// difference between clocks. What came by the bus must not stay for ever.
const KEPT_SECONDS_MAX: u64 = 24 * 60 * 60;

/// One token, or all of a Login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum What {
    Token(TokenId),
    Login(LoginId),
}

/// What has ended and has not expired by itself.
pub(super) struct Ended {
    since: Uptime,
    kept: RwLock<Kept>,
    /// How many are kept, for whoever only wants to know whether there are any, or too many.
    count: AtomicUsize,
}

struct Kept {
    max: usize,
    /// Until when each is kept.
    until: HashMap<What, Millis, BuildHasherDefault<OfIds>>,
    /// The same in the order in which they are forgotten.
    in_turn: BTreeSet<(Millis, What)>,
    /// Until when something matters for which there was no room.
    lost_until: Option<Millis>,
}

impl Default for Ended {
    fn default() -> Self {
        let (kept, count) = (RwLock::new(Kept::of(ENDED_MAX)), AtomicUsize::new(0));
        Self { since: Uptime::start(), kept, count }
    }
}

impl Ended {
    /// Keeps an entry; whether it is new here.
    pub(super) fn keep(&self, entry: &Revoked, now: Timestamp) -> bool {
        let at = self.since.millis();
        let what = entry.token.map_or(What::Login(entry.login), What::Token);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.forget(at);
        let is_new = kept.keep(what, at.plus(lasts_ms(entry, now)));
        self.count.store(kept.count(), Ordering::SeqCst);
        is_new
    }

    /// Whether either of the two that a Session stands on has ended.
    pub(super) fn holds(&self, standing: Standing) -> bool {
        if self.count.load(Ordering::SeqCst) == 0 {
            return false;
        }
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let until = kept.until(standing);
        drop(kept);
        until.is_some_and(|until| self.since.millis() < until)
    }

    /// Whether something is not known here.
    pub(super) fn is_full(&self) -> bool {
        if self.count.load(Ordering::SeqCst) < ENDED_MAX {
            return false;
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.forget(self.since.millis());
        self.count.store(kept.count(), Ordering::SeqCst);
        kept.count() >= ENDED_MAX
    }
}

impl Kept {
    fn of(max: usize) -> Self {
        let (until, in_turn) = (HashMap::default(), BTreeSet::new());
        Self { max, until, in_turn, lost_until: None }
    }

    /// Keeps it until this moment, or longer if it was to be kept longer; whether it is new.
    fn keep(&mut self, what: What, until: Millis) -> bool {
        let before = self.until.get(&what).copied();
        if before.is_none() && self.until.len() >= self.max {
            self.lost_until = self.lost_until.max(Some(until));
            return true;
        }
        if before.is_none_or(|before| before < until) {
            self.in_turn.extend([(until, what)]);
            self.until.insert(what, until);
        }
        if let Some(before) = before.filter(|before| *before < until) {
            self.in_turn.remove(&(before, what));
        }
        before.is_none()
    }

    /// Forgets what has expired.
    fn forget(&mut self, at: Millis) {
        while let Some((_, what)) = self.in_turn.first().filter(|(until, _)| *until <= at).copied()
        {
            self.in_turn.pop_first();
            self.until.remove(&what);
        }
        self.lost_until.take_if(|until| *until <= at);
    }

    /// Until when either of the two has ended that a Session stands on.
    fn until(&self, standing: Standing) -> Option<Millis> {
        let token = self.until.get(&What::Token(standing.token));
        token.max(self.until.get(&What::Login(standing.login))).copied()
    }

    /// How many are kept; as many as can be, while one is missing.
    fn count(&self) -> usize {
        if self.lost_until.is_some() { self.max } else { self.until.len() }
    }
}

/// How long an entry is kept that is learnt at this moment.
fn lasts_ms(entry: &Revoked, Timestamp(now): Timestamp) -> u64 {
    let left = u64::try_from(entry.until.0.saturating_sub(now)).unwrap_or(0);
    let seconds = left.saturating_add(KEPT_LONGER_SECONDS).min(KEPT_SECONDS_MAX);
    seconds * 1_000
}

/// A hasher for ids alone: auth makes them by chance, so that nobody else can choose where they fall.
#[derive(Default)]
struct OfIds(u64);

impl Hasher for OfIds {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(size_of::<u64>()) {
            let mut word = [0; size_of::<u64>()];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // An odd number with half of its bits set: each bit of an id reaches the highest ones.
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// The length of what follows, and which kind of id it is: the same for all of a kind.
    fn write_usize(&mut self, word: usize) {
        self.0 ^= word as u64;
    }

    fn write_isize(&mut self, word: isize) {
        self.0 ^= word.cast_unsigned() as u64;
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::id::UserId;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn standing(login: u8, token: u8) -> Standing {
        Standing {
            login: LoginId::from_bytes([login; 16]),
            token: TokenId::from_bytes([token; 16]),
        }
    }

    fn revoked(login: u8, token: Option<u8>) -> Revoked {
        Revoked {
            user: UserId::from_bytes([1; 16]),
            login: LoginId::from_bytes([login; 16]),
            token: token.map(|token| TokenId::from_bytes([token; 16])),
            until: NOW.plus_seconds(900),
        }
    }

    fn token(number: u8) -> What {
        What::Token(standing(0, number).token)
    }

    #[test]
    fn revoke1_a_token_ends_alone_and_a_login_with_all_of_its_tokens() {
        let ended = Ended::default();
        assert!(!ended.holds(standing(1, 7)), "nothing has ended at all");
        assert!(ended.keep(&revoked(1, Some(7)), NOW));
        assert!(!ended.keep(&revoked(1, Some(7)), NOW), "told before");
        assert!(ended.holds(standing(1, 7)));
        assert!(!ended.holds(standing(1, 8)));
        assert!(ended.keep(&revoked(1, None), NOW));
        assert!(ended.holds(standing(1, 8)));
        assert!(!ended.holds(standing(2, 8)));
        assert!(!ended.is_full());
    }

    #[test]
    fn revoke1_an_entry_that_has_expired_by_itself_is_kept_a_little_longer() {
        let ended = Ended::default();
        assert!(ended.keep(&revoked(1, Some(7)), NOW.plus_seconds(10_000)));
        assert!(ended.holds(standing(1, 7)));
    }

    #[test]
    fn revoke1_an_entry_is_kept_for_the_longest_that_was_said_and_then_forgotten() {
        let mut kept = Kept::of(10);
        assert!(kept.keep(token(1), Millis(50)));
        for (until, longest) in [(40, 50), (60, 60), (60, 60)] {
            assert!(!kept.keep(token(1), Millis(until)));
            assert_eq!(kept.until(standing(9, 1)), Some(Millis(longest)));
        }
        kept.forget(Millis(59));
        assert_eq!((kept.count(), kept.in_turn.len()), (1, 1));
        kept.forget(Millis(60));
        assert_eq!((kept.count(), kept.in_turn.len()), (0, 0));
    }

    #[test]
    fn revoke1_where_one_found_no_room_nothing_is_judged_until_it_would_be_forgotten() {
        let mut kept = Kept::of(2);
        for number in 1..=4 {
            assert!(kept.keep(token(number), Millis(100 * u64::from(number))));
        }
        kept.forget(Millis(399));
        assert_eq!((kept.until.len(), kept.count()), (0, 2));
        kept.forget(Millis(400));
        assert_eq!(kept.count(), 0);
    }

    #[test]
    fn revoke8_an_entry_is_kept_for_a_day_at_most_whatever_it_says() {
        for (until, seconds) in [(900, 960), (i64::MAX, 24 * 60 * 60), (i64::MIN, 60)] {
            let entry = Revoked { until: Timestamp(until), ..revoked(1, None) };
            assert_eq!(lasts_ms(&entry, Timestamp(0)), seconds * 1_000, "{until}");
        }
    }
}
