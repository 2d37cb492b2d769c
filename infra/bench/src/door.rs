//! The kinds of servers that are measured, and the few things that differ between them: what is
//! said first, how a word for somebody is written, and how a heard one is read.

use anyhow::{Context, Result, bail};
use bus_schemas::frame::binary::{self, AuthAnswerFields, AuthFields, SUBPROTOCOL, control};
use bus_schemas::frame::{Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, Instance, UserId};
use bus_schemas::secret::Secret;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::people::Person;

/// Bytes of an id on either wire.
pub(crate) const ID_BYTES: usize = 16;
/// An id in MessagePack: two bytes say what it is.
const ID_FIELD_BYTES: usize = 2 + ID_BYTES;

/// A kind of server.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Door {
    /// The binary door of dh-secure-chat.
    House,
    /// What everybody would write: 16 bytes of id, then the word.
    Naive,
    /// The same over Bun.
    Bun,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    /// A word or a chunk, and what is in it.
    Peer(Label, &'a [u8]),
    /// Something of ours did not get through.
    Refused(&'a [u8]),
    /// Anything else.
    Other,
}

impl Door {
    /// What a figure of it is called by.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Naive => "naive",
            Self::Bun => "bun",
        }
    }

    /// Headers of the handshake beside the usual ones.
    pub(crate) fn headers(self) -> String {
        match self {
            Self::House => {
                format!(
                    "sec-websocket-protocol: {SUBPROTOCOL}\r\norigin: http://localhost:8080\r\n"
                )
            }
            Self::Naive | Self::Bun => String::new(),
        }
    }

    /// The first message: who it is.
    pub(crate) fn hello(self, person: &Person) -> Result<Vec<u8>> {
        match self {
            Self::House => {
                let fields = AuthFields {
                    token: Secret::new(person.token.clone()),
                    instance: Instance::from_bytes(person.id),
                    attach: 1,
                };
                Ok(rmp_serde::to_vec_named(&(control::AUTH, fields))?)
            }
            Self::Naive | Self::Bun => Ok(person.id.to_vec()),
        }
    }

    /// Fails unless this is the answer of somebody who lets us in.
    pub(crate) fn welcomes(self, answer: &[u8]) -> Result<()> {
        if self != Self::House {
            return Ok(());
        }
        let (kind, fields): (u8, AuthAnswerFields) =
            rmp_serde::from_slice(answer).context("no answer to `auth`")?;
        if kind != control::AUTH || !fields.authenticated {
            bail!("not let in: {:?}", fields.code);
        }
        Ok(())
    }

    /// A word for somebody, whole but for its number and time.
    pub(crate) fn write(
        self,
        label: Label,
        to: [u8; ID_BYTES],
        part: Part,
        body: &[u8],
    ) -> Vec<u8> {
        match self {
            Self::House => {
                // A frame looks the same from a client and to one.
                let frame = PeerFrame {
                    label,
                    attempt: 0,
                    peer: UserId::from_bytes(to),
                    id: FrameId::new(Bytes::from_static(&[0; ID_BYTES])).unwrap_or_default(),
                    part,
                    body: Bytes::copy_from_slice(body),
                };
                binary::encode(&ServerFrame::Peer(frame)).to_vec()
            }
            Self::Naive | Self::Bun => [&to[..], &[label.code()], body].concat(),
        }
    }

    /// Where the id of a frame stands that [`Door::write`] wrote; the other kind has none.
    pub(crate) const fn id_at(self) -> Option<usize> {
        match self {
            // An array, a label and an attempt of one byte each, then the peer.
            Self::House => Some(3 + ID_FIELD_BYTES + 2),
            Self::Naive | Self::Bun => None,
        }
    }

    /// Where the place of a chunk stands in five bytes, of which the last four are the number; for
    /// frames that were written with a place of more than 65,535.
    pub(crate) const fn place_at(self) -> Option<usize> {
        match self {
            Self::House => Some(3 + 2 * ID_FIELD_BYTES + 1),
            Self::Naive | Self::Bun => None,
        }
    }

    /// What a message is.
    pub(crate) fn read(self, message: &[u8]) -> Heard<'_> {
        match self {
            Self::House => read_house(message).unwrap_or(Heard::Other),
            Self::Naive | Self::Bun => match message.split_first() {
                Some((code, body)) => {
                    Label::from_code(*code).map_or(Heard::Other, |label| Heard::Peer(label, body))
                }
                None => Heard::Other,
            },
        }
    }
}

fn read_house(message: &[u8]) -> Option<Heard<'_>> {
    let mut rest = message;
    rmp::decode::read_array_len(&mut rest).ok()?;
    let kind: u8 = rmp::decode::read_int(&mut rest).ok()?;
    let Some(label) = Label::from_code(kind) else {
        let is_refusal = matches!(kind, control::ERROR | control::PEER_OFFLINE);
        return Some(if is_refusal { Heard::Refused(message) } else { Heard::Other });
    };
    let _attempt: u32 = rmp::decode::read_int(&mut rest).ok()?;
    rest = rest.get(2 * ID_FIELD_BYTES..)?;
    if label.is_file() {
        let _index: u32 = rmp::decode::read_int(&mut rest).ok()?;
        let _count: u32 = rmp::decode::read_int(&mut rest).ok()?;
    }
    rmp::decode::read_bin_len(&mut rest).ok()?;
    Some(Heard::Peer(label, rest))
}

#[cfg(test)]
mod tests {
    use bus_schemas::fault::Code;
    use bus_schemas::frame::ClientFrame;

    use super::*;

    const ALICE: Person = Person { id: [7; ID_BYTES], token: String::new() };

    #[test]
    fn the_codec_of_the_house_reads_what_is_written_and_finds_the_id_where_it_is() {
        let part = Part { index: 70_000, count: 80_000 };
        for (label, part) in [(Label::Message, Part::default()), (Label::FileChunk, part)] {
            let mut frame = Door::House.write(label, [3; ID_BYTES], part, b"words");
            let at = Door::House.id_at().unwrap();
            frame[at..at + ID_BYTES].copy_from_slice(&[9; ID_BYTES]);
            let read = binary::decode(&Bytes::from(frame.clone())).unwrap();
            let ClientFrame::Peer(read) = read else { panic!("{read:?}") };
            assert_eq!(
                (read.label, read.peer, read.part),
                (label, UserId::from_bytes([3; 16]), part)
            );
            assert_eq!((read.id.as_bytes(), &read.body[..]), (&[9; ID_BYTES][..], &b"words"[..]));
            assert_eq!(Door::House.read(&frame), Heard::Peer(label, b"words"));
        }
    }

    #[test]
    fn a_refusal_is_no_word() {
        let refusals = [
            ServerFrame::Error { code: Code::SlowReader, id: FrameId::default() },
            ServerFrame::PeerOffline { peer: UserId::from_bytes([1; 16]), id: FrameId::default() },
        ];
        for refusal in refusals {
            let frame = binary::encode(&refusal);
            assert_eq!(Door::House.read(&frame), Heard::Refused(&frame));
        }
        assert_eq!(Door::House.read(&binary::encode(&ServerFrame::Pong)), Heard::Other);
        assert_eq!(Door::House.read(b"\xc1"), Heard::Other);
    }

    #[test]
    fn the_house_understands_who_it_is_and_its_no_is_understood() {
        let hello = Door::House.hello(&ALICE).unwrap();
        let read = binary::decode(&Bytes::from(hello)).unwrap();
        assert!(matches!(read, ClientFrame::Auth { attach: 1, .. }), "{read:?}");
        let yes =
            ServerFrame::Authenticated { user: UserId::from_bytes([7; 16]), expires_in_ms: 9 };
        Door::House.welcomes(&binary::encode(&yes)).unwrap();
        let no = ServerFrame::NotAuthenticated { code: Code::InvalidToken };
        assert!(Door::House.welcomes(&binary::encode(&no)).is_err());
    }

    #[test]
    fn a_relay_passes_on_what_follows_the_id() {
        for relay in [Door::Naive, Door::Bun] {
            let frame = relay.write(Label::Message, [3; ID_BYTES], Part::default(), b"words");
            assert_eq!(frame[..ID_BYTES], [3; ID_BYTES]);
            let heard = relay.read(&frame[ID_BYTES..]);
            assert_eq!(heard, Heard::Peer(Label::Message, b"words"));
        }
    }
}
