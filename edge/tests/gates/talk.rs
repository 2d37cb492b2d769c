//! Alice talks to Bob on plain sockets that wait, without a heap: whatever is counted meanwhile is
//! the server's.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::raw::{self, BINARY, PING, PONG, Raw};
use crate::support::{Person, binary};

/// Number of a `message` on the binary door.
const MESSAGE: u8 = 4;
/// Bytes of a frame before its payload, as the server writes it and as a client does.
const HEADER_BYTES_MAX: usize = 4;
const MASK_BYTES: usize = 4;
/// Longer than anything honest takes.
const WAIT: Duration = Duration::from_mins(1);

/// Both of them, and the word that Alice says again and again, each time under another id.
pub(crate) struct Talk {
    alice: TcpStream,
    bob: TcpStream,
    /// As many words as go into one write.
    words: Vec<u8>,
    word_bytes: usize,
    /// Where in a word its id begins, and how its first eight bytes are masked.
    id_at: usize,
    mask: [u8; 8],
    said: u64,
    heard: Vec<u8>,
}

impl Talk {
    /// Of two sockets that have said who they are; `window` words go into one write, each with a
    /// body of so many bytes.
    pub(crate) fn between(
        alice: Raw,
        bob: Raw,
        to: &Person,
        body_bytes: usize,
        window: usize,
    ) -> Self {
        const MARK: [u8; 16] = [0x5a; 16];
        let payload = binary::peer(MESSAGE, &to.id, MARK, &vec![7; body_bytes]);
        let id_in_payload = payload.windows(16).position(|part| part == MARK).unwrap();
        let word = raw::frame(BINARY, &payload);
        let id_at = word.len() - payload.len() + id_in_payload;
        let mask = std::array::from_fn(|place| word[id_at + place] ^ MARK[place]);
        Self {
            alice: waiting(alice),
            bob: waiting(bob),
            word_bytes: word.len(),
            words: word.repeat(window),
            id_at,
            mask,
            said: 0,
            heard: vec![0; HEADER_BYTES_MAX + payload.len()],
        }
    }

    /// Says so many words, as many at once as go into a write, and hears each.
    pub(crate) fn relay(&mut self, frames: u64) {
        let window = self.words.len() / self.word_bytes;
        let mut left = usize::try_from(frames).unwrap();
        while left > 0 {
            let now = left.min(window);
            self.say(now);
            for _ in 0..now {
                self.hear();
            }
            left -= now;
        }
    }

    fn say(&mut self, count: usize) {
        for word in self.words.chunks_exact_mut(self.word_bytes).take(count) {
            self.said += 1;
            let id = self.said.to_be_bytes();
            for (place, byte) in id.iter().enumerate() {
                word[self.id_at + place] = byte ^ self.mask[place];
            }
        }
        self.alice.write_all(&self.words[..count * self.word_bytes]).unwrap();
    }

    /// Bob hears a word of the size that was said. He answers a ping.
    fn hear(&mut self) {
        while self.hear_frame() == PING {
            let mut pong = [0; 2 + MASK_BYTES + 125];
            let length = usize::from(self.heard[1]);
            pong[0] = PONG;
            pong[1] = 0x80 | self.heard[1];
            // A mask of zeros changes nothing.
            pong[2 + MASK_BYTES..][..length].copy_from_slice(&self.heard[2..2 + length]);
            self.bob.write_all(&pong[..2 + MASK_BYTES + length]).unwrap();
        }
        assert_eq!(self.heard[0], BINARY, "a word");
    }

    /// Reads one frame to where the last one stood; its first byte.
    fn hear_frame(&mut self) -> u8 {
        self.bob.read_exact(&mut self.heard[..2]).unwrap();
        let (mut header, mut length) = (2, usize::from(self.heard[1]));
        if length == 126 {
            self.bob.read_exact(&mut self.heard[2..4]).unwrap();
            header = 4;
            length = usize::from(u16::from_be_bytes([self.heard[2], self.heard[3]]));
        }
        self.bob.read_exact(&mut self.heard[header..header + length]).unwrap();
        self.heard[0]
    }
}

/// The same socket; whoever reads from it waits, but not for ever.
fn waiting(socket: Raw) -> TcpStream {
    let tcp = socket.tcp.into_std().unwrap();
    tcp.set_nonblocking(false).unwrap();
    tcp.set_nodelay(true).unwrap();
    tcp.set_read_timeout(Some(WAIT)).unwrap();
    tcp
}
