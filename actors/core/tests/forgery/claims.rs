//! Claims that are missing, said twice, of another kind, or of another time or place. All are well
//! signed: the form alone forbids them.

use super::header::{broken_json, broken_text, nested};
use super::members::quoted;
use super::{Class, Forger, class};

/// Claims that are text.
const TEXTS: &[&str] = &["iss", "aud", "sub", "usr", "sid", "jti"];
/// Claims that are moments, in whole seconds.
const MOMENTS: &[&str] = &["iat", "nbf", "exp", "auth_time"];
/// Claims that are ids.
const IDS: &[&str] = &["sub", "sid", "jti"];
/// How long a token may live.
const LIFE_SECONDS: i64 = 900;
/// What a year has, more or less.
const YEAR_SECONDS: i64 = 31_536_000;

pub(super) const CLASSES: &[Class] = &[
    class("iss missing", |f| without(f, "iss")),
    class("aud missing", |f| without(f, "aud")),
    class("sub missing", |f| without(f, "sub")),
    class("usr missing", |f| without(f, "usr")),
    class("sid missing", |f| without(f, "sid")),
    class("jti missing", |f| without(f, "jti")),
    class("iat missing", |f| without(f, "iat")),
    class("nbf missing", |f| without(f, "nbf")),
    class("exp missing", |f| without(f, "exp")),
    class("auth_time missing", |f| without(f, "auth_time")),
    class("a claim under another spelling of its name", |f| {
        let name = any(f);
        let value = f.claims().get(&name);
        let other = f.one(&[
            name.to_uppercase(),
            format!("{name} "),
            format!(" {name}"),
            format!("{name}\0"),
            format!("https://evil.example/{name}"),
        ]);
        f.with_claims(|claims| {
            claims.remove(&name);
            claims.add(&other, value);
        })
    }),
    class("a claim twice, the good one first", |f| {
        let (name, bad) = spoilt(f);
        f.with_claims(|claims| claims.add(&name, bad))
    }),
    class("a claim twice, the good one last", |f| {
        let (name, bad) = spoilt(f);
        f.with_claims(|claims| claims.add_first(&name, bad))
    }),
    class("a claim twice, once spelt with escapes", |f| {
        let (name, bad) = spoilt(f);
        f.with_claims(|claims| claims.add_escaped(&name, bad))
    }),
    class("a claim that is null", |f| {
        let name = any(f);
        f.with_claims(|claims| claims.set(&name, "null"))
    }),
    class("text in the place of a moment", |f| {
        let name = f.one(MOMENTS);
        let value = f.claims().get(name);
        let text = f.one(&[value, String::new(), "now".to_owned(), "2027-01-15".to_owned()]);
        f.with_claims(|claims| claims.set(name, quoted(&text)))
    }),
    class("a number in the place of text", |f| {
        let name = f.one(TEXTS);
        let number = f.chance.number().to_string();
        f.with_claims(|claims| claims.set(name, number))
    }),
    class("a list in the place of a claim", |f| {
        let name = any(f);
        let value = f.claims().get(&name);
        let list = f.one(&[format!("[{value}]"), format!("[{value},{value}]"), "[]".to_owned()]);
        f.with_claims(|claims| claims.set(&name, list))
    }),
    class("an object in the place of a claim", |f| {
        let name = any(f);
        let value = f.claims().get(&name);
        let object = f.one(&[format!("{{\"$eq\":{value}}}"), "{}".to_owned()]);
        f.with_claims(|claims| claims.set(&name, object))
    }),
    class("true or false in the place of a claim", |f| {
        let name = any(f);
        let value = f.one(&["true", "false"]);
        f.with_claims(|claims| claims.set(&name, value))
    }),
    class("a moment with a fraction", |f| {
        let name = f.one(MOMENTS);
        let value = f.claims().get(name);
        let fraction = f.one(&[
            format!("{value}.0"),
            format!("{value}.5"),
            format!("{value}e0"),
            format!("{value}0e-1"),
            format!("{value}E+0"),
        ]);
        f.with_claims(|claims| claims.set(name, fraction))
    }),
    class("a moment that no calendar has", |f| {
        let name = f.one(&["exp", "iat", "nbf"]);
        let huge = f.one(&[
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e300",
            "1e400",
            "99999999999999999999999999999999",
        ]);
        f.with_claims(|claims| claims.set(name, huge))
    }),
    class("a moment before all time", |f| {
        let name = f.one(MOMENTS);
        let negative = f.one(&["-1", "-9223372036854775808", "-9223372036854775809", "-0.0"]);
        f.with_claims(|claims| claims.set(name, negative))
    }),
    class("iss of somebody else", |f| {
        let iss =
            f.one(&["https://evil.example", "dh-secure-chat/edge", "dh-secure-chat", "*", ""]);
        f.with_claims(|claims| claims.set("iss", quoted(iss)))
    }),
    class("iss almost ours", |f| almost(f, "iss")),
    class("iss that is a list with ours", |f| {
        let ours = f.claims().get("iss");
        f.with_claims(|claims| claims.set("iss", format!("[{ours},\"x\"]")))
    }),
    class("aud of somebody else", |f| {
        let aud =
            f.one(&["https://evil.example", "dh-secure-chat/auth", "dh-secure-chat", "*", ""]);
        f.with_claims(|claims| claims.set("aud", quoted(aud)))
    }),
    class("aud almost ours", |f| almost(f, "aud")),
    class("aud that is a list with ours", |f| {
        let ours = f.claims().get("aud");
        let list =
            f.one(&[format!("[{ours}]"), format!("[{ours},\"x\"]"), format!("[\"x\",{ours}]")]);
        f.with_claims(|claims| claims.set("aud", list))
    }),
    class("over since a while", |f| {
        let ago = i64::try_from(f.between(LIFE_SECONDS as u64, 1 << 24)).expect("small");
        shifted(f, -ago)
    }),
    class("over since a second or less", |f| shifted(f, -LIFE_SECONDS)),
    class("exp too far from iat", |f| {
        let more = i64::try_from(f.between(1, YEAR_SECONDS as u64)).expect("small");
        moved(f, "exp", LIFE_SECONDS + more)
    }),
    class("exp not after iat", |f| {
        let less = i64::try_from(f.between(0, 100_000)).expect("small");
        moved(f, "exp", -less)
    }),
    class("iat in the future", |f| {
        let ahead = i64::try_from(f.between(3_600, YEAR_SECONDS as u64)).expect("small");
        shifted(f, ahead)
    }),
    class("nbf in the future", |f| {
        let ahead = i64::try_from(f.between(1, YEAR_SECONDS as u64)).expect("small");
        moved(f, "nbf", ahead)
    }),
    class("nbf that is not iat", |f| {
        let before = i64::try_from(f.between(1, YEAR_SECONDS as u64)).expect("small");
        moved(f, "nbf", -before)
    }),
    class("auth_time after iat", |f| {
        let ahead = i64::try_from(f.between(61, YEAR_SECONDS as u64)).expect("small");
        moved(f, "auth_time", ahead)
    }),
    class("sub malformed", |f| id_malformed(f, "sub")),
    class("sid malformed", |f| id_malformed(f, "sid")),
    class("jti malformed", |f| id_malformed(f, "jti")),
    class("an id spelt otherwise", |f| {
        let name = f.one(IDS);
        let id = f.claims().text_of(name);
        let simple = id.replace('-', "");
        let other = f.one(&[
            id.to_uppercase(),
            simple.clone(),
            simple.to_uppercase(),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
        ]);
        f.with_claims(|claims| claims.set(name, quoted(&other)))
    }),
    class("usr malformed", |f| {
        let long = "x".repeat(33);
        let usr = quoted(f.one(&[
            "",
            "a",
            "ab",
            "-ab",
            "ab-",
            "a b c",
            "алиса",
            "ａｌｉｃｅ",
            "alice\0",
            "alice\n",
            "a.b.c",
            "a>b",
            "a*b",
            "../..",
            "' OR 1=1 --",
            "<script>",
            &long,
        ]));
        f.with_claims(|claims| claims.set("usr", usr))
    }),
    class("payload that is no object", |f| {
        let own = f.claims().text();
        let payload = f.one(&[
            format!("[{own}]"),
            quoted(&own),
            "null".to_owned(),
            "true".to_owned(),
            "0".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            String::new(),
        ]);
        f.sealed_text(f.header().text().as_bytes(), payload.as_bytes())
    }),
    class("payload that is no JSON", |f| {
        let payload = broken_json(f, &f.claims());
        f.sealed_text(f.header().text().as_bytes(), payload.as_bytes())
    }),
    class("payload that is no UTF-8", |f| {
        let payload = broken_text(f, &f.claims());
        f.sealed_text(f.header().text().as_bytes(), &payload)
    }),
    class("half of a character in a claim", |f| {
        let name = f.one(TEXTS);
        let half = f.one(&["\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\""]);
        f.with_claims(|claims| claims.set(name, half))
    }),
    class("payload nested deeply", |f| {
        let name = any(f);
        let nested = nested(f);
        f.with_claims(|claims| claims.set(&name, nested))
    }),
];

/// The name of any claim.
fn any(f: &mut Forger) -> String {
    let names = f.claims().names();
    f.one(&names)
}

fn without(f: &mut Forger, name: &str) -> String {
    f.with_claims(|claims| claims.remove(name))
}

/// Any claim, with another value of the right kind.
fn spoilt(f: &mut Forger) -> (String, String) {
    let name = any(f);
    let claims = f.claims();
    let other = if MOMENTS.contains(&name.as_str()) {
        (claims.number(&name) + 1).to_string()
    } else if IDS.contains(&name.as_str()) {
        quoted("00000000-0000-4000-8000-000000000000")
    } else {
        quoted("mallory")
    };
    let value = f.one(&[claims.get(&name), other]);
    (name, value)
}

/// A text that lenient comparing takes for ours.
fn almost(f: &mut Forger, name: &str) -> String {
    let ours = f.claims().text_of(name);
    let prefix = ours[..ours.len() - 1].to_owned();
    let other = f.one(&[
        prefix,
        format!("{ours}/"),
        format!("{ours}.evil.example"),
        format!("x{ours}"),
        format!(" {ours}"),
        format!("{ours} "),
        format!("{ours}\0"),
        ours.to_uppercase(),
        ours.replace('e', "е"),
        format!("{ours},{ours}"),
    ]);
    f.with_claims(|claims| claims.set(name, quoted(&other)))
}

/// The whole life of the token at another time.
fn shifted(f: &mut Forger, seconds: i64) -> String {
    f.with_claims(|claims| {
        for name in ["iat", "nbf", "exp"] {
            let moment = claims.number(name) + seconds;
            claims.set(name, moment.to_string());
        }
    })
}

/// One moment, counted from `iat`.
fn moved(f: &mut Forger, name: &str, seconds: i64) -> String {
    f.with_claims(|claims| {
        let moment = claims.number("iat") + seconds;
        claims.set(name, moment.to_string());
    })
}

fn id_malformed(f: &mut Forger, name: &str) -> String {
    let id = f.claims().text_of(name);
    let (begin, end) = (id[..35].to_owned(), id[1..].to_owned());
    let other = f.one(&[
        String::new(),
        "0".to_owned(),
        "alice".to_owned(),
        "../../etc/passwd".to_owned(),
        "*".to_owned(),
        ">".to_owned(),
        "' OR '1'='1".to_owned(),
        format!("{begin}g"),
        format!("{id}0"),
        format!("{id} "),
        format!(" {id}"),
        format!("{id}\0"),
        format!("{id}\n"),
        format!("{id},{id}"),
        id.replace('-', "_"),
        id.replace('-', "–"),
        begin,
        end,
    ]);
    f.with_claims(|claims| claims.set(name, quoted(&other)))
}
