//! Chance that can be repeated, and how long a run is: what every hostile run stands on.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// From here on every panic of this process is counted, whoever catches it.
pub(crate) fn count_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        before(panic);
    }));
}

pub(crate) fn panics() -> usize {
    PANICS.load(Ordering::Relaxed)
}

/// Numbers that follow from a seed: splitmix64.
pub(crate) struct Chance(u64);

impl Chance {
    /// The seed of this run: 7, or `DHCHAT_HOSTILE_SEED`.
    pub(crate) fn of_this_run() -> Self {
        Self(u64::try_from(seed()).unwrap())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    pub(crate) fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.byte()).collect()
    }

    /// A document of which some bytes were changed, added or cut, or none.
    pub(crate) fn broken(&mut self, mut document: Vec<u8>) -> Vec<u8> {
        for _ in 0..self.below(4) {
            if document.is_empty() {
                break;
            }
            let place = self.below(document.len());
            document[place] = self.byte();
        }
        if self.one_in(4) {
            document.extend(self.bytes(4));
        }
        let cut = self.below(document.len().clamp(1, 4));
        document.truncate(document.len() - cut);
        document
    }
}

pub(crate) fn seed() -> usize {
    from_environment("DHCHAT_HOSTILE_SEED", 7)
}

pub(crate) fn from_environment(name: &str, default: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| text.parse().unwrap())
}
