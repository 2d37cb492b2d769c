//! Strangers who say as much at once as anybody may, to somebody who talks with a friend.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bus_schemas::limit::TALK_FRAMES_BURST;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::binary;
use crate::deployment::{Deployment, Plan, ROOT, variables};
use crate::provision::{Provision, Resident};
use crate::raw::{BINARY, BINARY_DOOR, Frame, Raw, frame};
use crate::say;
use crate::servers::{DEADLINE, eventually};

const MESSAGE: u8 = 4;
/// Who burst at the same moment: as many as find room where a Session has not looked yet.
const STRANGERS: usize = 2;
/// What the system keeps on the side of whoever is spoken to: little, so that the queue fills up.
const OWN_BUFFER_BYTES: u32 = 16 * 1024;
/// What a client may say at once, but for its first words.
const WORDS: usize = TALK_FRAMES_BURST as usize - 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sock13_strangers_who_say_a_thousand_words_at_once_disturb_no_talk() {
    let edge = variables(&[("DHCHAT_PUBLIC_URL", "http://localhost:8080")]);
    let deployment = Deployment::planned(Plan { edge, ..Plan::default() }).await;
    let provision = Provision::open(&deployment.postgres.url(), &ROOT).await;
    let friend = provision.resident("friend").await;
    let refused = Arc::new(AtomicUsize::new(0));
    let bob = provision.resident("bob").await;
    let bob = Bob::sits(deployment.address(1), bob, &friend, Arc::clone(&refused)).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let (to, over) = (bob.id.clone(), Arc::clone(&is_over));
    let talk = tokio::spawn(talk(deployment.address(0), friend, to, over));

    let mut strangers = JoinSet::new();
    for n in 0..STRANGERS {
        let stranger = provision.resident(&format!("stranger-{n}")).await;
        let raw = Raw::binary_as(deployment.address(0), &stranger.token).await;
        strangers.spawn(burst(raw, bob.id.clone(), Arc::clone(&refused)));
    }
    let so_far = || (bob.heard.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
    let (heard, refused) = eventually("each word is heard or comes back", async || {
        let (heard, refused) = so_far();
        (heard + refused >= STRANGERS * WORDS).then_some((heard, refused))
    })
    .await;
    is_over.store(true, Ordering::Relaxed);
    let words = timeout(DEADLINE, talk).await.expect("the talk goes on").unwrap();
    say(&format!("{heard} words of strangers were heard and {refused} refused, beside {words}"));
    assert_eq!(heard + refused, STRANGERS * WORDS, "none is heard and refused");
    assert!(!bob.sits.is_finished(), "nobody closes a socket for what others say to it");
    assert!(strangers.try_join_next().is_none(), "a stranger within its budget is not closed");
    strangers.shutdown().await;
    bob.sits.abort();
    deployment.stop();
}

/// Who answers a friend and counts the words of strangers, but reads nothing until one was refused.
struct Bob {
    id: String,
    heard: Arc<AtomicUsize>,
    sits: JoinHandle<()>,
}

impl Bob {
    async fn sits(
        address: SocketAddr,
        bob: Resident,
        friend: &Resident,
        refused: Arc<AtomicUsize>,
    ) -> Self {
        let (id, friend) = (bob.id.to_string(), friend.id.to_string());
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(OWN_BUFFER_BYTES).unwrap();
        let raw = Raw::over(socket.connect(address).await.unwrap(), address, BINARY_DOOR).await;
        let mut raw = raw.says_who_in_binary(&bob.token).await;
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        let sits = tokio::spawn(async move {
            let mut words = HashSet::new();
            let is_full = async {
                while refused.load(Ordering::Relaxed) == 0 {
                    // pause: who reads nothing hears of nothing, and looks again
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(DEADLINE, is_full).await.expect("a word finds no room");
            // Whatever is silent or closed ends this, and the test sees it.
            while let Some(frame) = raw.hear().await.filter(|frame| frame.close_code().is_none()) {
                let Some(word) = Word::read(&frame) else { continue };
                if word.from == binary::uuid(&friend) {
                    let answer = binary::peer(MESSAGE, &friend, word.id, b"answer");
                    raw.say(BINARY, &answer).await.unwrap();
                } else {
                    assert!(words.insert((word.from, word.id)), "a word is heard once");
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { id, heard, sits }
    }
}

/// A word and its answer, again and again; how many.
async fn talk(
    address: SocketAddr,
    friend: Resident,
    to: String,
    is_over: Arc<AtomicBool>,
) -> usize {
    let mut raw = Raw::binary_as(address, &friend.token).await;
    let mut words = 0;
    while !is_over.load(Ordering::Relaxed) {
        words += 1;
        let id = id(words);
        raw.say(BINARY, &binary::peer(MESSAGE, &to, id, b"word")).await.unwrap();
        loop {
            let frame = raw.hear().await.expect("an open socket");
            assert!(!is_refusal(&frame), "a word of a friend is refused");
            if Word::read(&frame).is_some_and(|word| word.id == id) {
                break;
            }
        }
        // pause: within the budget of whoever talks
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    words
}

/// Says everything in one write, and counts what is refused of it for as long as the socket lives.
async fn burst(mut raw: Raw, to: String, refused: Arc<AtomicUsize>) {
    let word = |n| frame(BINARY, &binary::peer(MESSAGE, &to, id(n), &[0; 300]));
    let all: Vec<u8> = (0..WORDS).flat_map(word).collect();
    raw.tcp.write_all(&all).await.unwrap();
    while let Some(frame) = raw.hear().await.filter(|frame| frame.close_code().is_none()) {
        refused.fetch_add(usize::from(is_refusal(&frame)), Ordering::Relaxed);
    }
}

/// A peer's frame: `[label, attempt, peer, id, body]`.
struct Word {
    from: [u8; 16],
    id: [u8; 16],
}

impl Word {
    fn read(frame: &Frame) -> Option<Self> {
        let [0x95, MESSAGE, _, 0xc4, 16, from @ ..] = &frame.payload[..] else { return None };
        let (from, rest) = from.split_first_chunk::<16>()?;
        let id = rest.get(2..)?.first_chunk::<16>()?;
        Some(Self { from: *from, id: *id })
    }
}

fn is_refusal(frame: &Frame) -> bool {
    frame.payload.windows(11).any(|part| part == b"SLOW_READER")
}

fn id(n: usize) -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    id
}
