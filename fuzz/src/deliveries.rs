//! Envelopes between Sessions: read as written, the body passed on in the buffer it came in, and in
//! a capture covered without changing its length.

use bus_schemas::capture::{Bodies, Payload, body};
use bus_schemas::chat::{self, Delivery};
use bus_schemas::id::UserId;
use bytes::Bytes;

use crate::{and_more, shares};

/// A payload on the subject of a user.
pub fn delivery(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let subject = chat::peer(UserId::from_bytes([0xb0; 16]));
    let cover = |body: &Bytes| body::stand_in(body.len(), [7; 16]);
    let kept = Payload::of(&subject, &bytes, &cover);
    let Ok(delivery) = Delivery::decode(&bytes) else {
        let withheld = Payload::Withheld { bytes: bytes.len() as u64 };
        return assert_eq!(kept, withheld, "what is no delivery may be anything");
    };
    let written = delivery.encode();
    assert!(written.len() <= bytes.len(), "ours is the shortest way to write it");
    assert_eq!(Delivery::decode(&written).expect("it was written"), delivery);
    assert!(Delivery::decode(&and_more(&bytes)).is_err(), "something may follow it");
    if let Delivery::Frame { frame, .. } = &delivery {
        assert!(shares(&bytes, &frame.body), "the body was copied");
    }
    let Some(Payload::Kept(expanded)) = kept.expanded(&subject, Bodies::Random) else {
        panic!("a delivery is kept, and read again");
    };
    assert_eq!(expanded.len(), written.len());
}
