//! What is said about the algorithm, and keys of one kind used as another.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::members::quoted;
use super::{Class, Forger, class, encoded};

pub(super) const CLASSES: &[Class] = &[
    class("alg none, no signature", |f| {
        let message = none(f);
        format!("{message}.")
    }),
    class("alg none, the signature kept", |f| {
        let (_, _, signature) = f.parts();
        format!("{}.{signature}", none(f))
    }),
    class("alg none, well signed", |f| {
        let message = none(f);
        let signature = f.signer.sign(&message);
        format!("{message}.{signature}")
    }),
    class("alg of another kind, well signed", |f| {
        let alg = quoted(f.one(OTHERS));
        f.with_header(|header| header.set("alg", alg))
    }),
    class("alg spelt otherwise, well signed", |f| {
        let alg = quoted(f.one(SPELLINGS));
        f.with_header(|header| header.set("alg", alg))
    }),
    class("alg missing", |f| f.with_header(|header| header.remove("alg"))),
    class("alg of another JSON type", |f| {
        let alg = f.one(&["null", "0", "true", "[\"EdDSA\"]", "{\"EdDSA\":1}", "[]", "{}"]);
        f.with_header(|header| header.set("alg", alg))
    }),
    class("HMAC under the raw public key", |f| {
        let key = f.public_key().to_vec();
        hmac_under(f, &key)
    }),
    class("HMAC under the public key as DER", |f| {
        let key = der(f);
        hmac_under(f, &key)
    }),
    class("HMAC under the public key as PEM", |f| {
        let pem = pem(f);
        let form = f.one(&[pem.clone(), pem.trim().to_owned(), pem.replace('\n', "\r\n")]);
        hmac_under(f, form.as_bytes())
    }),
    class("HMAC under the public key as base64", |f| {
        let forms = [STANDARD.encode(f.public_key()), URL_SAFE_NO_PAD.encode(f.public_key())];
        let form = f.one(&forms);
        hmac_under(f, form.as_bytes())
    }),
    class("HMAC under the public key as hexadecimal digits", |f| {
        let form = hex::encode(f.public_key());
        hmac_under(f, form.as_bytes())
    }),
    class("HMAC under the name of the key", |f| {
        let kid = f.kid().to_owned();
        hmac_under(f, kid.as_bytes())
    }),
    class("HMAC under nothing, zeroes or a common secret", |f| {
        let key: &[u8] = f.one(&[b"".as_slice(), &[0; 32], b"secret", b"your-256-bit-secret"]);
        hmac_under(f, key)
    }),
    class("HMAC-SHA-512 in the place of an EdDSA signature", |f| {
        let (header, payload, _) = f.parts();
        let message = format!("{header}.{payload}");
        let key = hmac::Key::new(hmac::HMAC_SHA512, f.public_key());
        format!("{message}.{}", encoded(hmac::sign(&key, message.as_bytes())))
    }),
];

/// Kinds of algorithm that are registered, and whose check would be another one.
const OTHERS: &[&str] = &[
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES256K",
    "ES384",
    "ES512",
    "Ed448",
    "ML-DSA-65",
    "RSA-OAEP",
    "ECDH-ES",
    "dir",
    "A128KW",
];

/// Almost the right name.
const SPELLINGS: &[&str] = &[
    "eddsa",
    "EDDSA",
    "EdDsa",
    "EdDSA ",
    " EdDSA",
    "EdDSA\n",
    "EdDSA\0",
    "Ed25519",
    "EdDSA,none",
    "ЕdDSA",
    "ＥｄＤＳＡ",
    "",
];

const NONES: &[&str] = &[
    "none",
    "None",
    "NONE",
    "nOnE",
    "nonE",
    "none ",
    " none",
    "none\0",
    "nоne",
    "ｎｏｎｅ",
    "null",
    "",
];

/// The base with `none` in some spelling, without a signature.
fn none(f: &mut Forger) -> String {
    let alg = quoted(f.one(NONES));
    let mut header = f.header();
    header.set("alg", alg);
    format!("{}.{}", encoded(header.text()), encoded(f.claims().text()))
}

/// What an attacker makes who knows the public key, and hopes that it is taken for a secret.
fn hmac_under(f: &mut Forger, key: &[u8]) -> String {
    let (alg, kind) = f.one(&[
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ]);
    let mut header = f.header();
    header.set("alg", quoted(alg));
    let message = format!("{}.{}", encoded(header.text()), encoded(f.claims().text()));
    let tag = hmac::sign(&hmac::Key::new(kind, key), message.as_bytes());
    format!("{message}.{}", encoded(tag))
}

/// The public key as everybody writes it down: `SubjectPublicKeyInfo`.
fn der(f: &Forger) -> Vec<u8> {
    const PREFIX: [u8; 12] =
        [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    [PREFIX.as_slice(), f.public_key()].concat()
}

fn pem(f: &Forger) -> String {
    let body = STANDARD.encode(der(f));
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}
