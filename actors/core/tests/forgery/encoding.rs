//! Bytes that are right and written down otherwise than we write them. Where the signature covers
//! the text it is made anew, so that the spelling alone is wrong.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::{Class, Forger, class, encoded};

/// The digits of base64url in their order.
const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The parts of a token.
const PARTS: &[usize] = &[0, 1, 2];

pub(super) const CLASSES: &[Class] = &[
    class("padding", |f| {
        let (part, more) = (f.one(PARTS), f.one(&["=", "==", "===", "%3D"]));
        rewritten(f, part, |text| text + more)
    }),
    class("padding as it would be right", |f| {
        let part = f.one(PARTS);
        rewritten(f, part, |text| {
            let length = text.len().next_multiple_of(4);
            format!("{text:=<length$}")
        })
    }),
    class("the alphabet of plain base64", |f| {
        let (part, digits) = (f.one(PARTS), f.one(&["+", "/", "+/"]));
        rewritten(f, part, |text| {
            let plain = text.replace('-', "+").replace('_', "/");
            if plain == text { text + digits } else { plain }
        })
    }),
    class("plain base64 of other bytes that count the same", |f| {
        // A question mark and a tilde are what makes the two alphabets differ.
        let mut header = f.header();
        header.add("x", "\"???~~~\"");
        let text = header.text();
        let plain = f.one(&[STANDARD.encode(&text), STANDARD_NO_PAD.encode(&text)]);
        f.sealed_parts(&plain, &encoded(f.claims().text()))
    }),
    class("bits to spare that are not zero", |f| {
        let part = f.one(PARTS);
        let bits = usize::try_from(f.between(1, 4)).expect("small");
        spare_bits(f, part, bits)
    }),
    class("white space within", |f| {
        let (part, place) = (f.one(PARTS), f.place(40));
        let space = f.one(&[" ", "\t", "\n", "\r\n", "\u{a0}", "\u{200b}", "\u{feff}"]);
        rewritten(f, part, |mut text| {
            text.insert_str(place, space);
            text
        })
    }),
    class("white space at the ends", |f| {
        let space = f.one(&[" ", "\n", "\r\n", "\t", "\u{a0}", "\0"]);
        let token = f.base.token.clone();
        f.one(&[format!("{space}{token}"), format!("{token}{space}")])
    }),
    class("a newline every 64 digits", |f| {
        let part = f.one(PARTS);
        rewritten(f, part, |text| {
            let lines: Vec<&str> =
                text.as_bytes().chunks(64).filter_map(|c| std::str::from_utf8(c).ok()).collect();
            lines.join("\n") + "\n"
        })
    }),
    class("digits of other scripts", |f| {
        let (part, place) = (f.one(PARTS), f.place(40));
        rewritten(f, part, |text| look_alike(&text, place))
    }),
    class("percent signs", |f| {
        let (part, place) = (f.one(PARTS), f.place(40));
        rewritten(f, part, |text| {
            let digit = text.as_bytes()[place];
            format!("{}%{digit:02X}{}", &text[..place], &text[place + 1..])
        })
    }),
    class("full stops of other scripts", |f| {
        let dot = f.one(&["．", "。", "․", "·", "%2E", "\u{0}.", "..", ":", "|"]);
        f.base.token.replace('.', dot)
    }),
    class("hexadecimal digits", |f| {
        let (header, claims) = (hex::encode(f.header().text()), hex::encode(f.claims().text()));
        f.sealed_parts(&header, &claims)
    }),
    class("encoded twice", |f| {
        let header = encoded(encoded(f.header().text()));
        let claims = encoded(encoded(f.claims().text()));
        f.sealed_parts(&header, &claims)
    }),
    class("not encoded", |f| f.sealed_parts(&f.header().text(), &f.claims().text())),
    class("header or payload padded as URL-safe base64", |f| {
        let header = URL_SAFE.encode(f.header().text() + " ");
        let claims = URL_SAFE.encode(f.claims().text() + "  ");
        if header.contains('=') || claims.contains('=') {
            f.sealed_parts(&header, &claims)
        } else {
            f.sealed_parts(&(header + "="), &claims)
        }
    }),
];

/// The base with one part written otherwise; signed anew unless that part is the signature.
fn rewritten(f: &Forger, part: usize, write: impl FnOnce(String) -> String) -> String {
    let (header, payload, signature) = f.parts();
    match part {
        0 => f.sealed_parts(&write(header), &payload),
        1 => f.sealed_parts(&header, &write(payload)),
        _ => format!("{header}.{payload}.{}", write(signature)),
    }
}

/// The last digit of a part with other lower bits, which say nothing.
fn spare_bits(f: &Forger, part: usize, bits: usize) -> String {
    rewritten(f, part, |mut text| {
        let spare = match text.len() % 4 {
            2 => 0x0f,
            3 => 0x03,
            // Nothing to spare: one digit more is nothing but spare bits.
            _ => {
                text.push('B');
                return text;
            }
        };
        let last = text.pop().and_then(|digit| u8::try_from(digit).ok()).expect("a digit");
        let value = DIGITS.iter().position(|digit| *digit == last).expect("a digit");
        let other = value ^ (bits & spare).max(1);
        text.push(char::from(DIGITS[other]));
        text
    })
}

/// One digit replaced by one of another script that looks like it.
fn look_alike(text: &str, place: usize) -> String {
    let replaced = text.chars().enumerate().map(|(at, digit)| match digit {
        _ if at < place => digit,
        'a' => 'а',
        'e' | 'E' => 'е',
        'o' | 'O' => 'о',
        'c' | 'C' => 'с',
        'x' | 'X' => 'х',
        other if at == place => char::from_u32(u32::from(other) + 0xFEE0).unwrap_or('０'),
        other => other,
    });
    replaced.collect()
}
