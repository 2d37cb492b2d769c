//! Alice and Bob on one door, and frames between them of any size.

use serde_json::{Value, json};

use crate::support::raw::{BINARY, Frame, Raw, TEXT};
use crate::support::{House, Person, binary};

/// Number of a `message` on the binary door.
const MESSAGE: u8 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Text,
    Binary,
}

pub(crate) const DOORS: [Door; 2] = [Door::Text, Door::Binary];

impl Door {
    /// What a message begins with here.
    pub(crate) fn first(self) -> u8 {
        match self {
            Self::Text => TEXT,
            Self::Binary => BINARY,
        }
    }

    /// The close code of this door.
    pub(crate) fn code(self, text: u16, binary: u16) -> u16 {
        match self {
            Self::Text => text,
            Self::Binary => binary,
        }
    }

    pub(crate) async fn open(self, house: &House) -> Raw {
        match self {
            Self::Text => Raw::text(house.doors).await,
            Self::Binary => Raw::binary(house.doors).await,
        }
    }

    pub(crate) async fn open_as(self, house: &House, person: &Person) -> Raw {
        match self {
            Self::Text => Raw::text_as(house.doors, &person.token).await,
            Self::Binary => Raw::binary_as(house.doors, &person.token).await,
        }
    }

    /// A message to somebody that has exactly so many bytes.
    pub(crate) fn message(self, to: &Person, bytes: usize) -> Vec<u8> {
        let with_body = |body: usize| match self {
            Self::Text => {
                let payload = json!({
                    "to": to.id, "message_id": format!("m-{bytes}"),
                    "ciphertext": "A".repeat(body), "nonce": "bm9uY2U=",
                });
                json!({ "type": "message", "payload": payload }).to_string().into_bytes()
            }
            Self::Binary => {
                let mut id = [0; 16];
                id[..8].copy_from_slice(&bytes.to_be_bytes());
                binary::peer(MESSAGE, &to.id, id, &vec![0; body])
            }
        };
        // How many bytes stand around a body depends on its size.
        let (mut body, mut tries) = (0, 0);
        loop {
            let message = with_body(body);
            if message.len() == bytes {
                return message;
            }
            tries += 1;
            assert!(tries < 4, "no message of {bytes} bytes, but of {}", message.len());
            body = body + bytes - message.len();
        }
    }

    /// How long the body of a message is that somebody heard.
    pub(crate) fn body_length(self, heard: &Frame) -> usize {
        assert_eq!(
            heard.first,
            self.first(),
            "{:?}",
            &heard.payload[..heard.payload.len().min(99)]
        );
        match self {
            Self::Text => {
                let document: Value = serde_json::from_slice(&heard.payload).unwrap();
                let body = document["payload"]["ciphertext"].as_str();
                body.unwrap_or_else(|| panic!("no message: {document}")).len()
            }
            Self::Binary => {
                assert_eq!(heard.payload[1], MESSAGE);
                heard.payload.iter().rev().take_while(|byte| **byte == 0).count()
            }
        }
    }
}

/// Says a word and hears it, so that everything before it has been dealt with.
pub(crate) async fn still_talk(door: Door, from: &mut Raw, to: &mut Raw, bob: &Person) {
    from.say(door.first(), &door.message(bob, 300)).await.unwrap();
    let heard = to.hear().await.expect("a word");
    assert!(door.body_length(&heard) > 50);
}

/// A house, two people and a socket of each.
pub(crate) struct Pair {
    pub(crate) house: House,
    pub(crate) alice: Person,
    pub(crate) bob: Person,
    pub(crate) from_alice: Raw,
    pub(crate) from_bob: Raw,
}

impl Pair {
    pub(crate) async fn on(door: Door) -> Self {
        Self::in_house(House::open().await, door).await
    }

    /// Where anybody may say as much as they like.
    pub(crate) async fn generous(door: Door) -> Self {
        let given =
            [("DHCHAT_TALK_FRAMES_PER_SECOND", "1000000"), ("DHCHAT_TALK_FRAMES_BURST", "1000000")];
        Self::in_house(House::open_with(&given).await, door).await
    }

    /// Reads whatever Bob was told up to a word of Alice, so that nobody has to wait for him. No
    /// word twice: repeats are dropped.
    pub(crate) async fn hear_out(&mut self, door: Door, n: usize) {
        let bytes = 10_000 + n;
        self.from_alice.say(door.first(), &door.message(&self.bob, bytes)).await.unwrap();
        let marks = [format!("\"m-{bytes}\"").into_bytes(), bytes.to_be_bytes().to_vec()];
        let is_marked = |heard: &Frame| {
            marks.iter().any(|mark| heard.payload.windows(mark.len()).any(|part| part == mark))
        };
        while !is_marked(&self.from_bob.hear().await.expect("Bob stays")) {}
    }

    async fn in_house(house: House, door: Door) -> Self {
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        let from_alice = door.open_as(&house, &alice).await;
        let from_bob = door.open_as(&house, &bob).await;
        Self { house, alice, bob, from_alice, from_bob }
    }
}
