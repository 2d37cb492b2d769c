//! Access tokens that must not be accepted, in named classes, each made from one that is.
//!
//! Seeded: the same numbers give the same tokens. Whatever only the form of a token forbids is
//! signed with the real key, so that no other check hides a missing one; a thief without the key
//! has the rest. Also taken by the stories of the doors, with `#[path]`.

#![allow(dead_code, reason = "each test program uses a part of it")]

mod algorithms;
#[path = "../sim/chance.rs"]
mod chance;
mod claims;
mod encoding;
mod header;
mod keys;
mod members;
mod shapes;
mod signatures;

use std::collections::BTreeMap;

use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::{Keys, Signer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus_schemas::auth::VerifyingKey;
use bus_schemas::id::TokenId;
use serde_json::Value;

use chance::Chance;
use members::Members;

/// A kind of forgery, and how one of it is made.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    make: fn(&mut Forger) -> String,
}

const fn class(name: &'static str, make: fn(&mut Forger) -> String) -> Class {
    Class { name, make }
}

/// A token that must not be accepted.
pub(crate) struct Forgery {
    pub(crate) class: &'static str,
    /// What it was made from, and what is accepted.
    pub(crate) base: String,
    pub(crate) token: String,
}

/// Every class, by the file that makes it.
pub(crate) fn classes() -> impl Iterator<Item = &'static Class> {
    [
        algorithms::CLASSES,
        keys::CLASSES,
        header::CLASSES,
        claims::CLASSES,
        encoding::CLASSES,
        signatures::CLASSES,
        shapes::CLASSES,
    ]
    .into_iter()
    .flatten()
}

/// Has the real key, and makes what must be refused all the same.
pub(crate) struct Forger {
    signer: Signer,
    /// Names of other keys that whoever judges knows.
    known: Vec<String>,
    bases: Vec<Claims>,
    base: Base,
    chance: Chance,
}

/// An accepted token, in its parts.
struct Base {
    token: String,
    header: Members,
    claims: Members,
}

impl Forger {
    /// `bases` are what an accepted token may say; `known` are the keys it may be judged by.
    pub(crate) fn new(keys: &Keys, known: &[VerifyingKey], bases: Vec<Claims>, seed: u64) -> Self {
        let first = bases.first().expect("somebody to pose as").clone();
        let signer = keys.signer(first.issued_at);
        let own = signer.public().id.clone();
        let known = known.iter().map(|key| key.id.clone()).filter(|id| *id != own).collect();
        let base = Base::of(&access::issue(&signer, &first));
        Self { signer, known, bases, base, chance: Chance::new(seed) }
    }

    /// `count` forgeries, the classes in turn.
    pub(crate) fn forgeries(mut self, count: usize) -> impl Iterator<Item = Forgery> {
        let classes: Vec<&Class> = classes().collect();
        (0..count).map(move |n| {
            let class = classes.get(n % classes.len()).expect("within");
            self.renew();
            let mut token = (class.make)(&mut self);
            // What happens to come out as it went in is no forgery: a digit in upper case.
            while token == self.base.token {
                token = (class.make)(&mut self);
            }
            Forgery { class: class.name, base: self.base.token.clone(), token }
        })
    }

    /// The base of the present forgery, taken apart and put together again: nothing but what a
    /// class changes makes the difference.
    pub(crate) fn unchanged(&mut self) -> String {
        self.renew();
        self.sealed(&self.base.header, &self.base.claims)
    }

    /// Another base: one of the people, another token.
    fn renew(&mut self) {
        let mut claims = self.chance.pick(&self.bases).expect("somebody to pose as");
        claims.token = TokenId::from_bytes(self.chance.bytes());
        self.base = Base::of(&access::issue(&self.signer, &claims));
    }

    fn kid(&self) -> &str {
        &self.signer.public().id
    }

    fn public_key(&self) -> &[u8] {
        &self.signer.public().key
    }

    fn header(&self) -> Members {
        self.base.header.clone()
    }

    fn claims(&self) -> Members {
        self.base.claims.clone()
    }

    /// `header.payload.signature` of the base.
    fn parts(&self) -> (String, String, String) {
        let mut parts = self.base.token.split('.').map(str::to_owned);
        let mut next = || parts.next().expect("a token has three parts");
        (next(), next(), next())
    }

    /// A token of these two, well signed.
    fn sealed(&self, header: &Members, claims: &Members) -> String {
        self.sealed_text(header.text().as_bytes(), claims.text().as_bytes())
    }

    /// A token of these two, well signed, whatever they are.
    fn sealed_text(&self, header: &[u8], payload: &[u8]) -> String {
        self.sealed_parts(&encoded(header), &encoded(payload))
    }

    /// A token of these two parts as they stand, well signed.
    fn sealed_parts(&self, header: &str, payload: &str) -> String {
        let message = format!("{header}.{payload}");
        let signature = self.signer.sign(&message);
        format!("{message}.{signature}")
    }

    /// With a header that differs from the base's, well signed.
    fn with_header(&self, change: impl FnOnce(&mut Members)) -> String {
        let mut header = self.header();
        change(&mut header);
        self.sealed(&header, &self.base.claims)
    }

    /// With claims that differ from the base's, well signed.
    fn with_claims(&self, change: impl FnOnce(&mut Members)) -> String {
        let mut claims = self.claims();
        change(&mut claims);
        self.sealed(&self.base.header, &claims)
    }

    /// One of these.
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        self.chance.pick(of).expect("one to choose")
    }

    /// From `from` to below `end`.
    fn between(&mut self, from: u64, end: u64) -> u64 {
        from + self.chance.below(end - from)
    }

    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.chance.below(length as u64)).expect("within")
    }

    fn random<const BYTES: usize>(&mut self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        for chunk in bytes.chunks_mut(8) {
            let number = self.chance.number().to_be_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        bytes
    }
}

impl Base {
    fn of(token: &str) -> Self {
        let mut parts = token.split('.').map(decoded);
        let mut next = || Members::of(&parts.next().expect("a token has three parts"));
        Self { header: next(), claims: next(), token: token.to_owned() }
    }
}

/// How many of each class, for a report.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    pub(crate) fn count(&mut self, class: &'static str) {
        *self.0.entry(class).or_default() += 1;
    }

    pub(crate) fn classes(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn all(&self) -> usize {
        self.0.values().sum()
    }

    /// One line a class.
    pub(crate) fn report(&self) -> String {
        let lines = self.0.iter().map(|(class, count)| format!("{count:>5}  {class}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(part: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
