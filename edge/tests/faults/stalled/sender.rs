//! Somebody who talks to one reader, whatever becomes of that. Nobody may cut it for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::binary;
use crate::provision::Resident;
use crate::raw::{BINARY, PING, PONG, Raw, frame, read};

const MESSAGE: u8 = 4;
const CHUNK_BYTES: usize = 64 * 1024;
const WORD_BYTES: usize = 4 * 1024;
/// Words at each beat of a steady feed, beside one chunk.
const WORDS_A_BEAT: u32 = 4;
/// Words that fill a sender's share of a reader's queue: so small that what the queue itself takes
/// counts as well.
const WORDS_TO_FILL: u32 = 300;
const FILLING_WORD_BYTES: usize = 512;

/// What senders are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    Nothing,
    /// So much, again and again.
    Beat(Duration),
    /// Chunks until one is refused, then words.
    Full,
    Goes,
}

/// Senders that fill their readers at the same time: more would fill the edge's way to the broker,
/// which refuses words to everybody then, also to those who talk.
const FILL_AT_ONCE: usize = 2;

/// What senders were told, all of them together.
#[derive(Debug)]
pub(crate) struct Told {
    turns: Semaphore,
    /// Chunks refused because the reader does not read.
    pub(crate) refused: AtomicUsize,
    /// Frames that came back because the reader had just been cut.
    pub(crate) away: AtomicUsize,
    /// Senders that have filled their reader.
    pub(crate) filled: AtomicUsize,
}

impl Told {
    pub(crate) fn nothing() -> Self {
        let [refused, away, filled] = [(); 3].map(|()| AtomicUsize::new(0));
        Self { turns: Semaphore::new(FILL_AT_ONCE), refused, away, filled }
    }
}

/// The sender's own side of what it was told.
#[derive(Debug, Default)]
struct Own {
    refused: AtomicUsize,
}

/// Talks to the first of these readers as it is told, and fills the others too: none can be filled
/// by one alone. A sender that is closed has failed the test.
pub(crate) async fn send(
    address: SocketAddr,
    resident: Resident,
    to: Vec<String>,
    mut feed: watch::Receiver<Feed>,
    told: Arc<Told>,
) {
    let raw = Raw::binary_as(address, &resident.token).await;
    let (reading, writing) = raw.tcp.into_split();
    let (own, writing) = (Arc::new(Own::default()), Arc::new(Mutex::new(writing)));
    let listening = listen(reading, Arc::clone(&told), Arc::clone(&own), Arc::clone(&writing));
    let mut sender = Sender { to, next: 0, writing };
    loop {
        let now = *feed.borrow_and_update();
        match now {
            Feed::Goes => break,
            Feed::Nothing => feed.changed().await.unwrap(),
            Feed::Beat(every) => {
                let mut beat = interval(every);
                beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
                while !feed.has_changed().unwrap_or(true) {
                    beat.tick().await;
                    sender.words(0, WORDS_A_BEAT, WORD_BYTES).await;
                    sender.chunk().await;
                }
            }
            Feed::Full => {
                sender.fill(&told, &own).await;
                feed.changed().await.unwrap();
            }
        }
    }
    listening.abort();
}

struct Sender {
    to: Vec<String>,
    next: u32,
    writing: Arc<Mutex<OwnedWriteHalf>>,
}

impl Sender {
    /// Chunks until one is refused, then words, to each reader.
    async fn fill(&mut self, told: &Told, own: &Own) {
        let _turn = told.turns.acquire().await.unwrap();
        let before = own.refused.load(Ordering::Relaxed);
        while own.refused.load(Ordering::Relaxed) == before {
            self.chunk().await;
            // pause: what the refusal takes to come back, so that few chunks follow it
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for reader in 0..self.to.len() {
            self.words(reader, WORDS_TO_FILL, FILLING_WORD_BYTES).await;
        }
        told.filled.fetch_add(1, Ordering::Relaxed);
    }

    async fn words(&mut self, reader: usize, count: u32, bytes: usize) {
        for _ in 0..count {
            let id = self.id();
            let word = binary::peer(MESSAGE, &self.to[reader], id, &vec![0; bytes]);
            say(&self.writing, &frame(BINARY, &word)).await;
        }
    }

    async fn chunk(&mut self) {
        let id = self.id();
        let chunk = binary::chunk(&self.to[0], id, self.next, &vec![0; CHUNK_BYTES]);
        say(&self.writing, &frame(BINARY, &chunk)).await;
    }

    fn id(&mut self) -> [u8; 16] {
        self.next += 1;
        let mut id = [0; 16];
        id[..4].copy_from_slice(&self.next.to_be_bytes());
        id
    }
}

async fn say(writing: &Mutex<OwnedWriteHalf>, frame: &[u8]) {
    writing.lock().await.write_all(frame).await.expect("nobody cuts a sender");
}

/// Counts what the sender hears, for as long as it is there.
fn listen(
    mut reading: OwnedReadHalf,
    told: Arc<Told>,
    own: Arc<Own>,
    writing: Arc<Mutex<OwnedWriteHalf>>,
) -> JoinHandle<()> {
    const PEER_OFFLINE: u8 = 32;
    const ERROR: u8 = 35;
    tokio::spawn(async move {
        loop {
            let heard = read(&mut reading).await.expect("nobody cuts a sender");
            assert_eq!(heard.close_code(), None, "nobody closes a sender");
            if heard.first == PING {
                say(&writing, &frame(PONG, &heard.payload)).await;
                continue;
            }
            let words = String::from_utf8_lossy(&heard.payload).into_owned();
            match heard.payload.get(1..3) {
                // Numbers above 31 have a byte of their own before them.
                Some([ERROR, _] | [_, ERROR]) if words.contains("SLOW_READER") => {
                    own.refused.fetch_add(1, Ordering::Relaxed);
                    told.refused.fetch_add(1, Ordering::Relaxed);
                }
                // A reader that comes back is there before it may hear anything.
                Some([ERROR, _] | [_, ERROR]) if words.contains("SERVICE_UNAVAILABLE") => {
                    told.away.fetch_add(1, Ordering::Relaxed);
                }
                Some([ERROR, _] | [_, ERROR]) => panic!("a sender is told {words}"),
                Some([PEER_OFFLINE, _] | [_, PEER_OFFLINE]) => {
                    told.away.fetch_add(1, Ordering::Relaxed);
                }
                Some(_) | None => {}
            }
        }
    })
}
