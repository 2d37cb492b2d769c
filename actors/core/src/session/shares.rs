//! How much of the queue in front of a client each of those who speak to it may take.
//!
//! Whoever knows an id may speak to anybody who is online, and say a thousand words at once: the
//! queue must be nobody's to fill. A peer's word is taken while what waits of that peer is no more
//! than what is free. Alone a peer fills half of the queue; of `n` at the same time each fills one
//! part in `n + 1`, and as much is left for the next. Nobody has to say who is a friend and who is
//! not, which a server cannot know: a browser answers the ring of a stranger too.
//!
//! The rule is the dynamic threshold of A. K. Choudhury and E. L. Hahne (*Dynamic queue length
//! thresholds for shared-memory packet switches*, IEEE/ACM Transactions on Networking 6, 1998) with
//! the factor 1.

use bus_schemas::id::LoginId;

/// What a word costs beside its own bytes, in bytes: its entry in the queue, its entry here, and
/// what an allocation takes. So that many small words weigh what they weigh.
const WORD_BYTES: u32 = 192;

/// For how many peers there is room when nothing waits.
const PEERS_KEPT: usize = 4;

/// What waits for one client, by who said it: each person has one connection at a time, and so one
/// Login that speaks.
#[derive(Debug)]
pub struct Shares {
    max: Load,
    all: Load,
    /// Sorted. There are few at a time, and asking for memory for each word would cost more than
    /// all the rest of it.
    peers: Vec<(LoginId, Load)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Load {
    words: u32,
    bytes: u32,
}

impl Shares {
    /// An empty queue of so many words and bytes.
    #[must_use]
    pub fn new(words_max: usize, bytes_max: usize) -> Self {
        let max = Load { words: saturated(words_max), bytes: saturated(bytes_max) };
        Self { max, all: Load::default(), peers: Vec::new() }
    }

    /// Whether a word of this peer is to be taken.
    #[must_use]
    pub fn has_room_for(&self, peer: LoginId, bytes: usize) -> bool {
        let share = self.of(peer).unwrap_or_default();
        share.with(bytes).is_within(self.max.without(self.all))
    }

    /// Whether a word of the server's own is to be taken: those have the whole queue.
    #[must_use]
    pub fn has_own_room(&self, bytes: usize) -> bool {
        self.all.with(bytes).is_within(self.max)
    }

    /// Words that the whole queue has places for.
    #[must_use]
    pub const fn words_max(&self) -> usize {
        self.max.words as usize
    }

    /// A word waits; it is the server's own if no peer said it.
    pub fn add(&mut self, peer: Option<LoginId>, bytes: usize) {
        self.all = self.all.with(bytes);
        if let Some(peer) = peer {
            match self.find(peer) {
                Ok(place) => self.change(place, |share| share.with(bytes)),
                Err(place) => self.peers.insert(place, (peer, Load::default().with(bytes))),
            }
        }
    }

    /// It waits no longer.
    pub fn remove(&mut self, peer: Option<LoginId>, bytes: usize) {
        let word = Load::default().with(bytes);
        self.all = self.all.without(word);
        let Some(Ok(place)) = peer.map(|peer| self.find(peer)) else { return };
        self.change(place, |share| share.without(word));
        if self.peers.get(place).is_some_and(|(_, share)| share.words == 0) {
            self.peers.remove(place);
        }
        if self.peers.is_empty() {
            // A crowd is rare, and there are many queues.
            self.peers.shrink_to(PEERS_KEPT);
        }
    }

    /// How many peers it knows: no more than words wait.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.peers.len()
    }

    fn find(&self, peer: LoginId) -> Result<usize, usize> {
        self.peers.binary_search_by_key(&peer, |(login, _)| *login)
    }

    fn of(&self, peer: LoginId) -> Option<Load> {
        self.peers.get(self.find(peer).ok()?).map(|(_, share)| *share)
    }

    fn change(&mut self, place: usize, how: impl FnOnce(Load) -> Load) {
        if let Some((_, share)) = self.peers.get_mut(place) {
            *share = how(*share);
        }
    }
}

/// More than this nothing may be, and nothing that waits is.
#[expect(clippy::cast_possible_truncation, reason = "what would be cut off is looked at first")]
const fn saturated(count: usize) -> u32 {
    if count > u32::MAX as usize { u32::MAX } else { count as u32 }
}

impl Load {
    /// This and one more word.
    const fn with(self, bytes: usize) -> Self {
        let bytes = self.bytes.saturating_add(saturated(bytes)).saturating_add(WORD_BYTES);
        Self { words: self.words.saturating_add(1), bytes }
    }

    const fn without(self, other: Self) -> Self {
        let words = self.words.saturating_sub(other.words);
        Self { words, bytes: self.bytes.saturating_sub(other.bytes) }
    }

    const fn is_within(self, other: Self) -> bool {
        self.words <= other.words && self.bytes <= other.bytes
    }
}
