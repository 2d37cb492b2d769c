//! Properties of the codec: the network may cut frames anywhere, and the library, which had this
//! place before, understands the same.

use bytes::{BufMut, BytesMut};
use sockudo_ws::deflate::{DeflateConfig, DeflateEncoder};
use sockudo_ws::error::{Error, ErrorKind};
use sockudo_ws::protocol::{CompressedProtocol, Message, Protocol, Role};

use super::*;

const MESSAGE_BYTES_MAX: usize = 70_000;
const STREAMS: u64 = 3_000;

/// Numbers that only look like chance (xorshift), so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    fn one_in(&mut self, most: usize) -> bool {
        self.below(most) == 0
    }

    fn payload(&mut self, is_text: bool) -> Vec<u8> {
        let bytes = match self.below(40) {
            0 => MESSAGE_BYTES_MAX - 2 + self.below(5),
            1 | 2 => 65_534 + self.below(4),
            3..=8 => 124 + self.below(4),
            9..=15 => self.below(10_000),
            _ => self.below(100),
        };
        if is_text && !self.one_in(20) {
            // Characters of one to four bytes.
            let letters = ["a", "é", "€", "🦀"];
            let mut text = String::new();
            while text.len() < bytes {
                text.push_str(letters[self.below(letters.len())]);
            }
            return text.into_bytes();
        }
        (0..bytes).map(|_| u8::try_from(self.next() % 256).unwrap()).collect()
    }
}

/// A frame as a client writes it.
fn put(into: &mut Vec<u8>, first: u8, payload: &[u8], chance: &mut Chance) {
    let at = into.len();
    put_head(into, first, payload.len());
    into[at + 1] |= 0x80;
    let mask = u32::try_from(chance.next() >> 32).unwrap().to_be_bytes();
    into.extend(mask);
    into.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// A message in pieces, with other frames between them.
fn put_message(into: &mut Vec<u8>, deflates: bool, chance: &mut Chance) {
    let is_text = chance.one_in(2);
    let mut payload = chance.payload(is_text);
    let mut first = if is_text { 1 } else { 2 };
    if deflates && chance.one_in(2) {
        let mut encoder = DeflateEncoder::new(Window::Bits15, true, 6, 0);
        if let Some(deflated) = encoder.compress(&payload).unwrap() {
            (first, payload) = (first | DEFLATED, deflated.to_vec());
        }
    }
    while !payload.is_empty() && chance.one_in(3) {
        let rest = payload.split_off(chance.below(payload.len()));
        put(into, first, &payload, chance);
        (first, payload) = (0, rest);
        if chance.one_in(3) {
            let ping = chance.payload(false);
            put(into, 0x89, ping.get(..100).unwrap_or(&ping), chance);
        }
    }
    put(into, first | 0x80, &payload, chance);
}

/// What somebody says; now and then what nobody may say.
fn stream(deflates: bool, chance: &mut Chance) -> Vec<u8> {
    let mut said = Vec::new();
    for _ in 0..=chance.below(8) {
        match chance.below(40) {
            0 => put(&mut said, u8::try_from(chance.below(256)).unwrap(), b"odd", chance),
            1 => put(&mut said, 0x8a, &[7; 126][..chance.below(127)], chance),
            2 => {
                let code = u16::try_from(990 + chance.below(30)).unwrap();
                put(&mut said, 0x88, &[&code.to_be_bytes()[..], b"bye"].concat(), chance);
            }
            _ => put_message(&mut said, deflates, chance),
        }
    }
    if chance.one_in(10) {
        let place = chance.below(said.len());
        said[place] ^= 1 << chance.below(8);
    }
    said
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    events: Vec<Event>,
    end: Option<Violation>,
}

/// What is understood of it when it comes in such pieces. Nobody listens behind a close.
fn hear(deflates: bool, said: &[u8], mut piece: impl FnMut() -> usize) -> Heard {
    let mut decoder = Decoder::new(MESSAGE_BYTES_MAX, deflates);
    let (mut heard, mut said) = (Heard::default(), said.to_vec());
    let mut rest = &mut said[..];
    while !rest.is_empty() {
        let mut input = split(&mut rest, piece());
        loop {
            match decoder.next(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => {
                    let is_last = matches!(event, Event::Close(_));
                    heard.events.push(event);
                    if is_last {
                        return heard;
                    }
                }
                Err(violation) => {
                    heard.end = Some(violation);
                    return heard;
                }
            }
        }
        assert!(input.is_empty(), "all of it is taken");
    }
    heard
}

#[test]
fn sock15_frames_mean_the_same_however_they_are_cut() {
    let mut chance = Chance(0x5eed);
    for n in 0..STREAMS {
        let deflates = n % 2 == 0;
        let said = stream(deflates, &mut chance);
        let whole = hear(deflates, &said, || said.len());
        let most = [2, 20, 1_000, 100_000][chance.below(4)];
        let cut = hear(deflates, &said, || 1 + chance.below(most));
        assert!(whole == cut, "stream {n}");
    }
}

/// The same by the library.
fn library_hears(deflates: bool, said: &[u8]) -> Heard {
    let (mut from, mut messages) = (BytesMut::from(said), Vec::new());
    let most = MESSAGE_BYTES_MAX;
    let outcome = if deflates {
        let agreed = DeflateConfig {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            ..DeflateConfig::default()
        };
        CompressedProtocol::server(most, most, agreed).process_into(&mut from, &mut messages)
    } else {
        Protocol::new(Role::Server, most, most).process_into(&mut from, &mut messages)
    };
    let mut heard = Heard { events: Vec::new(), end: outcome.err().as_ref().map(violation) };
    for message in messages {
        let event = match message {
            Message::Text(bytes) => Event::Message(Kind::Text, bytes),
            Message::Binary(bytes) => Event::Message(Kind::Binary, bytes),
            Message::Ping(bytes) => Event::Ping(bytes),
            Message::Pong(bytes) => Event::Pong(bytes),
            Message::Close(reason) => {
                let mut payload = BytesMut::new();
                if let Some(reason) = reason {
                    payload.put_u16(reason.code);
                    payload.put_slice(reason.reason.as_bytes());
                }
                heard.end = None;
                heard.events.push(Event::Close(payload.freeze()));
                return heard;
            }
        };
        heard.events.push(event);
    }
    heard
}

fn violation(error: &Error) -> Violation {
    match (error, error.kind()) {
        (Error::InvalidUtf8, _) | (_, ErrorKind::Compression) => INVALID,
        (_, ErrorKind::Capacity) => Violation::TooLarge,
        _ => BROKEN,
    }
}

#[test]
fn sock15_the_library_understands_the_same() {
    let mut chance = Chance(0x0b5e_55ed);
    let (mut whole, mut broken) = (0, 0);
    for n in 0..STREAMS {
        let deflates = n % 2 == 0;
        let said = stream(deflates, &mut chance);
        let (ours, theirs) = (hear(deflates, &said, || said.len()), library_hears(deflates, &said));
        let is_early = ours.end.is_some() && theirs.end.is_none();
        // We say what is wrong with a frame before the rest of it has come.
        assert!(is_early || ours.end == theirs.end, "stream {n}: {:?}, {:?}", ours.end, theirs.end);
        // So may a ping come too late for us, within a text that has stopped being one.
        let is_early = is_early || ours.end == Some(INVALID);
        let begins = theirs.events.starts_with(&ours.events);
        assert!(begins && (is_early || ours.events == theirs.events), "stream {n}");
        if ours.end.is_some() { broken += 1 } else { whole += 1 }
    }
    assert!(whole > STREAMS / 3 && broken > STREAMS / 20, "{whole} whole, {broken} broken");
}

#[test]
fn sock15_whoever_stops_being_text_hears_so_at_once() {
    let said =
        [&[0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0][..], "é".as_bytes(), b"\xed\xa0\x80"].concat();
    for piece in [1, 2, 3, said.len()] {
        assert_eq!(hear(false, &said, || piece).end, Some(INVALID), "in pieces of {piece}");
    }
}

#[test]
fn sock15_what_has_begun_before_somebody_said_anything_gets_little_room() {
    let mut decoder = Decoder::new(MESSAGE_BYTES_MAX, false);
    let mut begins = vec![0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 7];
    assert_eq!(decoder.next(&mut &mut begins[..]), Ok(None));
    assert!(decoder.bytes_kept() <= FIRST_BYTES_KEPT, "{}", decoder.bytes_kept());
    assert!(!decoder.take_has_frame(), "it is not whole");
    let mut rest = vec![7; 0xffff - 1];
    assert!(matches!(decoder.next(&mut &mut rest[..]), Ok(Some(Event::Message(..)))));
    assert_eq!(decoder.bytes_kept(), 0);
    assert!(decoder.take_has_frame() && !decoder.take_has_frame(), "it is said once");
    // From then on there is room for all of it at once.
    assert_eq!(decoder.next(&mut &mut begins[..]), Ok(None));
    assert_eq!(decoder.bytes_kept(), 0xffff);
}

#[test]
fn sock15_what_is_written_is_read() {
    for bytes in [0, 1, 125, 126, 65_535, 65_536] {
        let mut written = Vec::new();
        put_head(&mut written, Opcode::Binary.first(), bytes);
        let mut from = BytesMut::from(&written[..]);
        from.put_bytes(7, bytes);
        let mut messages = Vec::new();
        let mut client = Protocol::new(Role::Client, bytes, bytes);
        client.process_into(&mut from, &mut messages).unwrap();
        assert!(matches!(&messages[..], [Message::Binary(read)] if read.len() == bytes));
    }
}

#[test]
fn sock2_messages_of_all_connections_are_deflated_alone() {
    let (text, other) = ("a word and again a word, ".repeat(40), "another one, ".repeat(40));
    let alone = deflate(Window::Bits15, 0, text.as_bytes()).unwrap();
    assert!(alone.len() < text.len() / 4);
    for window in [Window::Bits9, Window::Bits15] {
        assert!(deflate(window, 10_000, other.as_bytes()).is_none(), "it would not pay");
        let deflated = deflate(window, 0, other.as_bytes()).unwrap();
        let inflated = deflate::inflate(&deflated, other.len());
        assert_eq!(inflated.unwrap(), other.as_bytes());
        assert_eq!(deflate::inflate(&deflated, other.len() - 1), Err(Violation::TooLarge));
        // What was said before changes neither its bytes nor its length.
        assert_eq!(deflate(Window::Bits15, 0, text.as_bytes()).unwrap(), alone);
        assert_eq!(deflate::inflate(b"no such thing", 1_000), Err(INVALID));
    }
}
