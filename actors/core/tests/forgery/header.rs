//! Headers that say more than ours, say it twice, or are none.

use super::members::{Members, quoted};
use super::{Class, Forger, class};

pub(super) const CLASSES: &[Class] = &[
    class("crit", |f| {
        let crit = f.one(&[
            "[\"exp\"]",
            "[\"b64\"]",
            "[\"alg\"]",
            "[]",
            "[\"\"]",
            "\"exp\"",
            "null",
            "[\"x\",\"x\"]",
            "[\"https://evil.example/x\"]",
        ]);
        f.with_header(|header| header.add("crit", crit))
    }),
    class("b64", |f| {
        let b64 = f.one(&["false", "true", "null", "\"false\"", "0"]);
        let crit = f.chance.one_in(2);
        f.with_header(|header| {
            header.add("b64", b64);
            if crit {
                header.add("crit", "[\"b64\"]");
            }
        })
    }),
    class("b64 false, the payload in the clear", |f| {
        let mut header = f.header();
        header.add("b64", "false");
        header.add("crit", "[\"b64\"]");
        f.sealed_parts(&super::encoded(header.text()), &f.claims().text())
    }),
    class("typ wrong", |f| {
        let typ = quoted(f.one(TYPES));
        f.with_header(|header| header.set("typ", typ))
    }),
    class("typ missing", |f| f.with_header(|header| header.remove("typ"))),
    class("typ of another JSON type", |f| {
        let typ = f.one(&["null", "1", "true", "[\"JWT\"]", "{}"]);
        f.with_header(|header| header.set("typ", typ))
    }),
    class("cty", |f| {
        let cty = quoted(f.one(&["JWT", "application/json", "text/html", ""]));
        f.with_header(|header| header.add("cty", cty))
    }),
    class("zip", |f| {
        let zip = quoted(f.one(&["DEF", "GZ", "none"]));
        f.with_header(|header| header.add("zip", zip))
    }),
    class("members of encryption", |f| {
        let name = f.one(&["enc", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"]);
        f.with_header(|header| header.add(name, "\"A256GCM\""))
    }),
    class("claims in the header", |f| {
        let claims = f.claims();
        let name = f.one(&claims.names());
        f.with_header(|header| header.add(&name, claims.get(&name)))
    }),
    class("a member that nobody knows", |f| {
        let name = f.one(&["x", "", "Alg", "ALG", "kid ", "__proto__", "constructor", "nonce"]);
        let value = f.one(&["1", "null", "\"EdDSA\"", "{}", "[]"]);
        f.with_header(|header| header.add(name, value))
    }),
    class("alg twice, the good one first", |f| {
        let bad = quoted(f.one(&["none", "HS256", "EdDSA", ""]));
        f.with_header(|header| header.add("alg", bad))
    }),
    class("alg twice, the good one last", |f| {
        let bad = quoted(f.one(&["none", "HS256", "EdDSA", ""]));
        f.with_header(|header| header.add_first("alg", bad))
    }),
    class("kid twice, the good one first", |f| {
        let bad = quoted(f.one(&["", "0000000000000000", "/dev/null"]));
        f.with_header(|header| header.add("kid", bad))
    }),
    class("kid twice, the good one last", |f| {
        let bad = quoted(f.one(&["", "0000000000000000", "/dev/null"]));
        f.with_header(|header| header.add_first("kid", bad))
    }),
    class("typ twice", |f| {
        let bad = quoted(f.one(&["JWT", "JWE", "at+jwt"]));
        let first = f.chance.one_in(2);
        f.with_header(|header| {
            if first {
                header.add_first("typ", bad);
            } else {
                header.add("typ", bad);
            }
        })
    }),
    class("a member twice, once spelt with escapes", |f| {
        let name = f.one(&["alg", "kid", "typ"]);
        let value = f.header().get(name);
        let other = f.one(&[value, "\"none\"".to_owned()]);
        f.with_header(|header| header.add_escaped(name, other))
    }),
    class("header that is no object", |f| {
        let own = f.header();
        let pair = format!("[{},{}]", own.get("alg"), own.get("kid"));
        let listed = format!("[{}]", own.text());
        let text = quoted(&own.text());
        let header = f.one(&[
            pair,
            listed,
            text,
            "null".to_owned(),
            "true".to_owned(),
            "0".to_owned(),
            "\"EdDSA\"".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
        ]);
        f.sealed_text(header.as_bytes(), f.claims().text().as_bytes())
    }),
    class("header that is no JSON", |f| {
        let header = broken_json(f, &f.header());
        f.sealed_text(header.as_bytes(), f.claims().text().as_bytes())
    }),
    class("header that is no UTF-8", |f| {
        let header = broken_text(f, &f.header());
        f.sealed_text(&header, f.claims().text().as_bytes())
    }),
    class("half of a character in the header", |f| {
        let name = f.one(&["typ", "alg", "kid"]);
        let half = f.one(&["\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\""]);
        f.with_header(|header| header.set(name, half))
    }),
    class("header nested deeply", |f| {
        let name = f.one(&["alg", "kid", "typ", "x"]);
        let nested = nested(f);
        f.with_header(|header| header.set(name, nested))
    }),
];

const TYPES: &[&str] = &[
    "JWE",
    "JOSE",
    "at+jwt",
    "dpop+jwt",
    "logout+jwt",
    "secevent+jwt",
    "jwt",
    "Jwt",
    "JWT ",
    "application/jwt",
    "JWT+refresh",
    "",
    "ЈWT",
    "none",
];

/// The text of an object, broken in one of the ways that lenient readers forgive.
pub(super) fn broken_json(f: &mut Forger, members: &Members) -> String {
    let text = members.text();
    let inner = text.trim_matches(['{', '}']).to_owned();
    let cut = 1 + f.place(text.len() - 1);
    let ways = [
        text[..cut].to_owned(),
        format!("{{{inner},}}"),
        format!("{{,{inner}}}"),
        format!("{{{inner}"),
        format!("{inner}}}"),
        format!("{text}{text}"),
        format!("{text}x"),
        format!("{text}\0"),
        format!("\u{feff}{text}"),
        format!("{{/**/{inner}}}"),
        format!("{{{inner}//\n}}"),
        text.replace('"', "'"),
        text.replace(':', "="),
        format!("{{{inner},\"x\":NaN}}"),
        format!("{{{inner},\"x\":01}}"),
        format!("{{{inner},\"x\":+1}}"),
        format!("{{{inner},\"x\":\"\t\n\"}}"),
        format!("{{{inner},x:1}}"),
        format!("({text})"),
        String::new(),
    ];
    f.one(&ways)
}

/// The same with bytes that are no text.
pub(super) fn broken_text(f: &mut Forger, members: &Members) -> Vec<u8> {
    let mut text = members.text().into_bytes();
    let place = 1 + f.place(text.len() - 1);
    let bad: &[u8] =
        f.one(&[b"\xff".as_slice(), b"\xc0\xaf", b"\xed\xa0\x80", b"\x80", b"\xf5\x80\x80\x80"]);
    text.splice(place..place, bad.iter().copied());
    text
}

/// A value within a value, thousands of times.
pub(super) fn nested(f: &mut Forger) -> String {
    let depth = usize::try_from(f.between(200, 20_000)).expect("small");
    let (open, close) = f.one(&[("[", "]"), ("{\"a\":", "}")]);
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}
