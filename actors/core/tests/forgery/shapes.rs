//! What is not `header.payload.signature`, or is something else of ours in its place.

use serde_json::json;

use super::members::quoted;
use super::{Class, class, encoded};

pub(super) const CLASSES: &[Class] = &[
    class("parts in another order", |f| {
        let (header, payload, signature) = f.parts();
        f.one(&[
            format!("{payload}.{header}.{signature}"),
            format!("{header}.{signature}.{payload}"),
            format!("{signature}.{payload}.{header}"),
            format!("{payload}.{signature}.{header}"),
        ])
    }),
    class("header and payload swapped, well signed", |f| {
        let (header, payload, _) = f.parts();
        f.sealed_parts(&payload, &header)
    }),
    class("a part more", |f| {
        let (token, more) = (f.base.token.clone(), encoded(f.random::<12>()));
        f.one(&[
            format!("{token}.{more}"),
            format!("{more}.{token}"),
            format!("{token}."),
            format!(".{token}"),
            format!("{token}.{token}"),
        ])
    }),
    class("a part more before the signature, well signed", |f| {
        let (header, payload, _) = f.parts();
        let more = encoded(f.random::<12>());
        f.sealed_parts(&header, &format!("{more}.{payload}"))
    }),
    class("parts missing", |f| {
        let (header, payload, signature) = f.parts();
        f.one(&[
            header.clone(),
            payload.clone(),
            signature.clone(),
            format!("{header}."),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("..{signature}"),
            format!("{payload}.{signature}"),
            "..".to_owned(),
            ".".to_owned(),
        ])
    }),
    class("five parts, as if it were encrypted", |f| {
        let mut header = f.header();
        header.set("alg", quoted(f.one(&["dir", "RSA-OAEP", "ECDH-ES", "A256KW"])));
        header.add("enc", "\"A256GCM\"");
        let (key, iv, tag) = (f.random::<40>(), f.random::<12>(), f.random::<16>());
        let parts = [
            encoded(header.text()),
            encoded(key),
            encoded(iv),
            encoded(f.claims().text()),
            encoded(tag),
        ];
        parts.join(".")
    }),
    class("a token in a token", |f| {
        let inner = f.base.token.clone();
        let payload = f.one(&[inner.clone(), quoted(&inner)]);
        let nested = f.chance.one_in(2);
        let mut header = f.header();
        if nested {
            header.add("cty", "\"JWT\"");
        }
        f.sealed_text(header.text().as_bytes(), payload.as_bytes())
    }),
    class("several tokens", |f| {
        let first = f.base.token.clone();
        f.renew();
        let second = f.base.token.clone();
        let between = f.one(&[",", " ", ", Bearer ", ";", "\n", ""]);
        format!("{first}{between}{second}")
    }),
    class("parts of two tokens", |f| {
        let (header, payload, signature) = f.parts();
        f.renew();
        let (_, other_payload, other_signature) = f.parts();
        f.one(&[
            format!("{header}.{other_payload}.{signature}"),
            format!("{header}.{payload}.{other_signature}"),
        ])
    }),
    class("JSON in place of the compact form", |f| {
        let (header, payload, signature) = f.parts();
        let flat = json!({ "protected": header, "payload": payload, "signature": signature });
        let general = json!({
            "payload": payload,
            "signatures": [{ "protected": header, "signature": signature }],
        });
        f.one(&[
            flat.to_string(),
            general.to_string(),
            json!({ "token": f.base.token }).to_string(),
        ])
    }),
    class("a scheme or quotes around it", |f| {
        let token = f.base.token.clone();
        f.one(&[
            format!("Bearer {token}"),
            format!("bearer {token}"),
            format!("JWT {token}"),
            format!("\"{token}\""),
            format!("'{token}'"),
            format!("<{token}>"),
            format!("token={token}"),
        ])
    }),
    class("a refresh token", |f| {
        let token = hex::encode(f.random::<32>());
        f.one(&[token.clone(), format!("refresh_token={token}"), token.to_uppercase()])
    }),
    class("a device cookie", |f| {
        let (user, nonce) = (hex::encode(f.random::<16>()), hex::encode(f.random::<16>()));
        format!("{user}.{nonce}.{}", hex::encode(f.random::<32>()))
    }),
    class("an id, a name or a word", |f| {
        let claims = f.claims();
        let words = ["null", "undefined", "true", "[object Object]", "NaN", "", "0", "*", "admin"];
        let mut words = words.map(str::to_owned).to_vec();
        words.extend(["sub", "usr", "sid", "jti"].map(|name| claims.text_of(name)));
        f.one(&words)
    }),
    class("up to a megabyte, well signed", |f| {
        let length = usize::try_from(f.between(100_000, 1_000_000)).expect("small");
        let filler = "x".repeat(length);
        if f.chance.one_in(2) {
            f.with_header(|header| header.set("kid", quoted(&filler)))
        } else {
            f.with_claims(|claims| claims.set("usr", quoted(&filler)))
        }
    }),
    class("up to a megabyte behind the signature", |f| {
        let length = usize::try_from(f.between(100_000, 1_000_000)).expect("small");
        let filler = f.one(&["A", ".", "=", " "]).repeat(length);
        format!("{}{filler}", f.base.token)
    }),
    class("a megabyte of payload that nobody asked for, unsigned", |f| {
        let (header, _, signature) = f.parts();
        let mut claims = f.claims();
        claims.add("x", quoted(&"x".repeat(1_000_000)));
        format!("{header}.{}.{signature}", encoded(claims.text()))
    }),
];
