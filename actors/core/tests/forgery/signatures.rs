//! Signatures that are cut, bent, of something else, or of no secret at all.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Class, Forger, class, encoded};

/// The order of the group, lowest byte first: adding it to S gives another S that an equation
/// without a bound takes as well.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// The neutral point.
pub(super) const IDENTITY: [u8; 32] = [
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];
/// Points that a small number of additions brings back to where they began.
pub(super) const SMALL_ORDER: &[[u8; 32]] = &[
    IDENTITY,
    [0; 32],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

pub(super) const CLASSES: &[Class] = &[
    class("signature empty or missing", |f| {
        let (header, payload, _) = f.parts();
        f.one(&[format!("{header}.{payload}."), format!("{header}.{payload}")])
    }),
    class("signature cut", |f| {
        let length = f.place(64);
        resigned(f, |bytes| bytes.truncate(length))
    }),
    class("signature with more behind it", |f| {
        let more = f.random::<64>();
        let length = 1 + f.place(64);
        resigned(f, |bytes| bytes.extend(&more[..length]))
    }),
    class("signature with a bit flipped", |f| {
        let bit = f.place(512);
        resigned(f, |bytes| bytes[bit / 8] ^= 1 << (bit % 8))
    }),
    class("signature of equal bytes", |f| {
        let byte = f.one(&[0, 0xff, 1, 0x80]);
        resigned(f, |bytes| bytes.fill(byte))
    }),
    class("signature of chance", |f| {
        let random = f.random::<64>();
        resigned(f, |bytes| bytes.copy_from_slice(&random))
    }),
    class("signature with its S beyond the order", |f| {
        let times = f.between(1, 8);
        resigned(f, |bytes| (0..times).for_each(|_| add_order(bytes)))
    }),
    class("signature with its halves swapped", |f| resigned(f, |bytes| bytes.rotate_left(32))),
    class("signature reversed", |f| resigned(f, |bytes| bytes.reverse())),
    class("signature with R of small order", |f| {
        let (point, keep) = (f.one(SMALL_ORDER), f.chance.one_in(2));
        resigned(f, |bytes| {
            bytes[..32].copy_from_slice(&point);
            if !keep {
                bytes[32..].fill(0);
            }
        })
    }),
    class("signature with the sign of R changed", |f| resigned(f, |bytes| bytes[31] ^= 0x80)),
    class("signature of another token", |f| {
        let (header, payload, _) = f.parts();
        f.renew();
        let (_, _, other) = f.parts();
        format!("{header}.{payload}.{other}")
    }),
    class("signature of the payload alone", |f| signature_of(f, |_, payload| payload.to_owned())),
    class("signature of the header alone", |f| signature_of(f, |header, _| header.to_owned())),
    class("signature of what is encoded", |f| {
        let said = format!("{}.{}", f.header().text(), f.claims().text());
        signature_of(f, |_, _| said)
    }),
    class("signature of the parts in another order or without their dot", |f| {
        let way = f.place(3);
        signature_of(f, |header, payload| match way {
            0 => format!("{payload}.{header}"),
            1 => format!("{header}{payload}"),
            _ => format!("{header}.{payload}."),
        })
    }),
    class("signature of a hash", |f| {
        let kind = f.one(&[&digest::SHA256, &digest::SHA512]);
        signature_of(f, |header, payload| {
            let message = format!("{header}.{payload}");
            hex::encode(digest::digest(kind, message.as_bytes()))
        })
    }),
    class("a claim edited, the signature kept", |f| {
        let (header, _, signature) = f.parts();
        let mut claims = f.claims();
        let (name, value) = f.one(EDITS);
        claims.set(name, value);
        format!("{header}.{}.{signature}", encoded(claims.text()))
    }),
    class("a character changed", |f| {
        let place = f.place(f.base.token.len());
        let digit = f.one(b"ABCDEFGHabcdefgh0123456789-_.=~ ");
        let mut token = f.base.token.clone().into_bytes();
        token[place] = digit;
        String::from_utf8(token).expect("ASCII")
    }),
    class("a character missing or twice", |f| {
        let place = f.place(f.base.token.len());
        let mut token = f.base.token.clone();
        let character = token.remove(place);
        if f.chance.one_in(2) {
            token.insert(place, character);
            token.insert(place, character);
        }
        token
    }),
    class("two neighbours swapped", |f| {
        let mut token = f.base.token.clone().into_bytes();
        // Two that are alike would change nothing.
        let place = loop {
            let place = f.place(token.len() - 1);
            if token[place] != token[place + 1] {
                break place;
            }
        };
        token.swap(place, place + 1);
        String::from_utf8(token).expect("ASCII")
    }),
    class("upper and lower case exchanged", |f| {
        let (header, payload, signature) = f.parts();
        let other = |text: &str| -> String {
            let swap = |c: char| {
                if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            };
            text.chars().map(swap).collect()
        };
        match f.place(3) {
            0 => format!("{}.{payload}.{signature}", other(&header)),
            1 => format!("{header}.{}.{signature}", other(&payload)),
            _ => format!("{header}.{payload}.{}", other(&signature)),
        }
    }),
];

/// What a thief would like to have in a token.
const EDITS: &[(&str, &str)] = &[
    ("sub", "\"00000000-0000-4000-8000-000000000001\""),
    ("sid", "\"00000000-0000-4000-8000-000000000001\""),
    ("jti", "\"00000000-0000-4000-8000-000000000001\""),
    ("usr", "\"mallory\""),
    ("exp", "9999999999"),
    ("auth_time", "1"),
    ("admin", "true"),
];

/// The base with another signature, made from its own.
fn resigned(f: &Forger, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let (header, payload, signature) = f.parts();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("our own");
    change(&mut bytes);
    format!("{header}.{payload}.{}", encoded(bytes))
}

/// The base with our signature of something else.
fn signature_of(f: &Forger, what: impl FnOnce(&str, &str) -> String) -> String {
    let (header, payload, _) = f.parts();
    let signature = f.signer.sign(&what(&header, &payload));
    format!("{header}.{payload}.{signature}")
}

/// S + L, without a carry beyond the 32 bytes.
fn add_order(signature: &mut [u8]) {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
}
