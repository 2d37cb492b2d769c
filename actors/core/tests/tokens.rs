//! TOK rules of access tokens and REF rules of refresh tokens.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use actors_core::auth::refresh::{Found, RefreshToken, Used, Verdict, judge};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::{any, prop_assert_eq, proptest};
use proptest::sample::Index;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_800_000_000);
const SEED: [u8; 32] = [7; 32];
const DAY_SECONDS: i64 = 86_400;

fn claims() -> Claims {
    Claims {
        user: UserId::from_bytes([1; 16]),
        username: Username::parse("Alice").unwrap(),
        login: LoginId::from_bytes([2; 16]),
        token: TokenId::from_bytes([3; 16]),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(900),
        authenticated_at: NOW.plus_seconds(-3_600),
    }
}

fn token() -> String {
    access::issue(&Keys::derive(&SEED).signer(NOW), &claims())
}

fn read(token: &str, now: Timestamp) -> Result<Claims, Code> {
    access::read(&[Keys::derive(&SEED).signer(NOW).public().clone()], token, now)
}

/// What a good token says, to be spoilt.
fn wire() -> Value {
    let payload = token().split('.').nth(1).unwrap().to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Signs whatever it is given with a key of our own making, under the id that the edges know.
fn forge(wire: &Value) -> (String, bus_schemas::auth::VerifyingKey) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let signer = actors_core::auth::keys::Signer::from_seed(&[9; 32]);
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(signer.public().id.clone());
    let key = EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref());
    (jsonwebtoken::encode(&header, wire, &key).unwrap(), signer.public().clone())
}

fn read_forged(wire: &Value) -> Result<Claims, Code> {
    let (token, key) = forge(wire);
    access::read(&[key], &token, NOW)
}

#[test]
fn tok1_an_issued_token_reads_back() {
    assert_eq!(read(&token(), NOW), Ok(claims()));
}

#[test]
fn tok2_every_claim_is_required() {
    assert_eq!(read_forged(&wire()), Ok(claims()), "the forgery itself is sound");
    for claim in ["iss", "aud", "sub", "usr", "sid", "iat", "nbf", "exp", "auth_time"] {
        let mut wire = wire();
        wire.as_object_mut().unwrap().remove(claim).unwrap();
        assert_eq!(read_forged(&wire), Err(Code::InvalidToken), "{claim}");
    }
    let mut wire = wire();
    wire.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(read_forged(&wire), Err(Code::TokenMissingJti));
}

#[test]
fn tok3_only_eddsa_is_read() {
    let keys = Keys::derive(&SEED);
    let signer = keys.signer(NOW);
    let public = signer.public();
    let payload = URL_SAFE_NO_PAD.encode(wire().to_string());
    let unsigned = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": public.id}).to_string());
    assert_eq!(read(&format!("{unsigned}.{payload}."), NOW), Err(Code::InvalidToken));

    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(public.id.clone());
    let secret = EncodingKey::from_secret(&public.key);
    let confused = jsonwebtoken::encode(&header, &wire(), &secret).unwrap();
    assert_eq!(read(&confused, NOW), Err(Code::InvalidToken));
}

#[test]
fn tok4_an_unknown_key_or_a_changed_token_is_refused() {
    let other = Keys::derive(&[8; 32]);
    let token = token();
    let unknown = access::read(&[other.signer(NOW).public().clone()], &token, NOW);
    assert_eq!(unknown, Err(Code::InvalidToken));

    let mut renamed = other.signer(NOW).public().clone();
    renamed.id.clone_from(&Keys::derive(&SEED).signer(NOW).public().id);
    assert_eq!(access::read(&[renamed], &token, NOW), Err(Code::InvalidToken));

    for (at, byte) in token.bytes().enumerate().filter(|(_, byte)| *byte != b'.') {
        let mut changed = token.clone().into_bytes();
        // Changes the upper bits of each digit: the last digit of a part has lower bits to spare.
        let digit = if byte.is_ascii_lowercase() { b'0' } else { b'q' };
        *changed.get_mut(at).unwrap() = digit;
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(read(&changed, NOW), Err(Code::InvalidToken), "digit {at}");
    }
    for nonsense in ["", ".", "..", "a.b.c", "é.é.é"] {
        assert_eq!(read(nonsense, NOW), Err(Code::InvalidToken));
    }
}

proptest! {
    #[test]
    fn tok4_no_twisted_token_is_accepted(at in any::<Index>(), byte in any::<u8>()) {
        let token = token().into_bytes();
        let mut twisted = token.clone();
        *at.get_mut(&mut twisted) = byte;
        if let Ok(text) = String::from_utf8(twisted.clone()) && twisted != token {
            prop_assert_eq!(read(&text, NOW), Err(Code::InvalidToken));
        }
    }

    #[test]
    fn tok4_no_nonsense_is_accepted(text in "\\PC*") {
        prop_assert_eq!(read(&text, NOW), Err(Code::InvalidToken));
    }
}

#[test]
fn tok5_issuer_and_audience_are_ours() {
    for claim in ["iss", "aud"] {
        let mut wire = wire();
        *wire.get_mut(claim).unwrap() = json!("somebody else");
        assert_eq!(read_forged(&wire), Err(Code::InvalidToken), "{claim}");
    }
}

#[test]
fn tok6_a_token_ends_at_exp() {
    assert_eq!(read(&token(), NOW.plus_seconds(899)), Ok(claims()));
    assert_eq!(read(&token(), NOW.plus_seconds(900)), Err(Code::TokenExpired));
}

#[test]
fn tok7_a_token_from_the_future_is_refused_but_for_60_s() {
    assert_eq!(read(&token(), NOW.plus_seconds(-60)), Ok(claims()));
    assert_eq!(read(&token(), NOW.plus_seconds(-61)), Err(Code::InvalidToken));
}

#[test]
fn tok8_a_token_lives_15_minutes_at_most() {
    for exp in [NOW.0 + 901, NOW.0, NOW.0 - 1, i64::MAX] {
        let mut wire = wire();
        *wire.get_mut("exp").unwrap() = json!(exp);
        assert_eq!(read_forged(&wire), Err(Code::InvalidToken), "{exp}");
    }
}

#[test]
fn tok21_a_header_says_what_ours_say_and_no_more() {
    let signer = Keys::derive(&SEED).signer(NOW);
    let payload = token().split('.').nth(1).unwrap().to_owned();
    let kid = &signer.public().id;
    let read_under = |header: String| {
        let message = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header));
        read(&format!("{message}.{}", signer.sign(&message)), NOW)
    };
    let ours = format!(r#""typ":"JWT","alg":"EdDSA","kid":"{kid}""#);
    assert_eq!(read_under(format!("{{{ours}}}")), Ok(claims()));
    for more in [
        r#""crit":["exp"]"#,
        r#""b64":false"#,
        r#""jwk":{}"#,
        r#""jku":"https://a""#,
        r#""typ":"JWT""#,
    ] {
        assert_eq!(read_under(format!("{{{ours},{more}}}")), Err(Code::InvalidToken), "{more}");
    }
    for (is, instead) in [("JWT", "at+jwt"), ("EdDSA", "eddsa"), (kid, "0000000000000000")] {
        let header = format!("{{{}}}", ours.replace(is, instead));
        assert_eq!(read_under(header), Err(Code::InvalidToken), "{instead}");
    }
    for missing in [r#""typ":"JWT","#, r#""alg":"EdDSA","#] {
        let header = format!("{{{}}}", ours.replace(missing, ""));
        assert_eq!(read_under(header), Err(Code::InvalidToken), "{missing}");
    }
}

#[test]
fn tok22_an_id_is_read_in_our_spelling_alone() {
    let id = "0a1b2c3d-0a1b-4a1b-8a1b-0a1b2c3d4e5f";
    for claim in ["sub", "sid", "jti"] {
        for (spelling, good) in [
            (id.to_owned(), true),
            (id.to_uppercase(), false),
            (id.replace('-', ""), false),
            (format!("{{{id}}}"), false),
            (format!("urn:uuid:{id}"), false),
        ] {
            let mut wire = wire();
            *wire.get_mut(claim).unwrap() = json!(spelling);
            assert_eq!(read_forged(&wire).is_ok(), good, "{claim} {spelling}");
        }
    }
}

#[test]
fn tok23_a_password_is_not_given_before_all_time_or_after_the_token() {
    for (auth_time, good) in [(-1, false), (0, true), (NOW.0 + 60, true), (NOW.0 + 61, false)] {
        let mut wire = wire();
        *wire.get_mut("auth_time").unwrap() = json!(auth_time);
        assert_eq!(read_forged(&wire).is_ok(), good, "{auth_time}");
    }
}

#[test]
fn tok24_a_very_long_token_is_refused_unread() {
    let padded = |bytes: usize| {
        let mut wire = wire();
        wire.as_object_mut().unwrap().insert("x".to_owned(), json!("x".repeat(bytes)));
        forge(&wire)
    };
    let (long, key) = padded(1_000);
    assert!(long.len() <= access::TOKEN_BYTES_MAX);
    assert_eq!(access::read(&[key], &long, NOW), Ok(claims()), "an unknown claim is passed over");
    let (longer, key) = padded(1_300);
    assert!(longer.len() > access::TOKEN_BYTES_MAX);
    assert_eq!(access::read(&[key], &longer, NOW), Err(Code::InvalidToken));
}

#[test]
fn tok24_a_token_of_exactly_2_kib_is_read() {
    let header = token().split('.').next().unwrap().to_owned();
    let named = |bytes: usize| {
        let rest = "x".repeat(bytes - header.len() - 1);
        access::key_id(&format!("{header}.{rest}"))
    };
    assert!(named(2_048).is_some());
    assert!(named(2_049).is_none());
}

#[test]
fn tok9_one_root_secret_gives_the_same_keys_and_another_gives_others() {
    let (keys, same, other) = (Keys::derive(&SEED), Keys::derive(&SEED), Keys::derive(&[8; 32]));
    assert_eq!(keys.signer(NOW).public(), same.signer(NOW).public());
    assert_ne!(keys.signer(NOW).public(), other.signer(NOW).public());
    let password = Secret::new("correct horse 1".to_owned());
    assert_eq!(keys.pepper(&password), same.pepper(&password));
    let root = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
    let public = aws_lc_rs::signature::KeyPair::public_key(&root);
    assert_ne!(keys.signer(NOW).public().key, public.as_ref(), "the root itself signs nothing");
}

#[test]
fn tok10_the_pepper_covers_all_of_a_password() {
    let keys = Keys::derive(&SEED);
    let hashed = |text: &str| keys.pepper(&Secret::new(text.to_owned()));
    let long = "x".repeat(100);
    assert_eq!(hashed("short").expose().len(), 44);
    assert_eq!(hashed(&long).expose().len(), 44);
    assert_ne!(hashed(&format!("{long}1")), hashed(&format!("{long}2")));
    assert_ne!(hashed("a\0b"), hashed("a\0c"));
    let other = Keys::derive(&[8; 32]);
    assert_ne!(hashed("short"), other.pepper(&Secret::new("short".to_owned())));
}

/// The first second of a period of signing, and some seconds from it.
fn second(of_period: i64) -> Timestamp {
    let begin = NOW.0.div_euclid(DAY_SECONDS) * DAY_SECONDS;
    Timestamp(begin + of_period)
}

fn issued_at(now: Timestamp) -> (String, Claims) {
    let claims = Claims {
        issued_at: now,
        expires_at: now.plus_seconds(900),
        authenticated_at: now,
        ..claims()
    };
    (access::issue(&Keys::derive(&SEED).signer(now), &claims), claims)
}

#[test]
fn tok11_every_period_of_24_h_has_a_signing_key_of_its_own() {
    let id = |of_period| Keys::derive(&SEED).signer(second(of_period)).public().id.clone();
    assert_eq!(id(0), id(DAY_SECONDS - 1));
    assert_ne!(id(-1), id(0));
    assert_ne!(id(DAY_SECONDS), id(0));
    assert_ne!(id(DAY_SECONDS), id(-1));
}

#[test]
fn tok12_a_token_outlives_the_period_of_its_key() {
    let (token, claims) = issued_at(second(-1));
    for now in [second(-1), second(0), second(898)] {
        let keys = Keys::derive(&SEED).verifying(now);
        assert_eq!(access::read(&keys, &token, now), Ok(claims.clone()), "{now:?}");
    }
}

#[test]
fn tok12_what_an_edge_knows_is_good_for_a_whole_period_to_come() {
    let known = Keys::derive(&SEED).verifying(second(0));
    let last = 2 * DAY_SECONDS - 1;
    for at in [-DAY_SECONDS, -1, 0, DAY_SECONDS - 1, last] {
        let (token, claims) = issued_at(second(at));
        assert_eq!(access::read(&known, &token, second(at)), Ok(claims), "{at}");
    }
    for at in [-DAY_SECONDS - 1, last + 1] {
        let (token, _) = issued_at(second(at));
        assert_eq!(access::read(&known, &token, second(at)), Err(Code::InvalidToken), "{at}");
    }
}

#[test]
fn ref1_a_cookie_is_64_lower_case_digits() {
    let token = RefreshToken::from_random([0xab; 32]);
    assert_eq!(token.text().expose(), &"ab".repeat(32));
    let again = RefreshToken::parse(token.text().expose()).unwrap();
    assert_eq!(again.hash(), token.hash());
    assert_ne!(token.hash().as_bytes(), &[0xab; 32], "the hash is not the token");
    for bad in ["", "ab", &"AB".repeat(32), &"ab".repeat(33), &"zz".repeat(32), &"é".repeat(32)] {
        assert!(RefreshToken::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn ref2_the_successor_depends_on_token_and_key_alone() {
    let (keys, other) = (Keys::derive(&SEED), Keys::derive(&[8; 32]));
    let token = RefreshToken::from_random([1; 32]);
    let successor = keys.successor(&token).hash();
    assert_eq!(successor, Keys::derive(&SEED).successor(&token).hash());
    assert_ne!(successor, token.hash());
    assert_ne!(successor, other.successor(&token).hash());
    assert_ne!(successor, keys.successor(&RefreshToken::from_random([2; 32])).hash());
}

fn fresh() -> Found {
    Found { expires_at: NOW.plus_seconds(100), used: None }
}

fn used(successor_used: bool) -> Found {
    Found { used: Some(Used { at: NOW, successor_used }), ..fresh() }
}

#[test]
fn ref3_a_fresh_token_rotates_until_it_ends() {
    assert_eq!(judge(&fresh(), NOW.plus_seconds(99)), Verdict::Rotate);
    assert_eq!(judge(&fresh(), NOW.plus_seconds(100)), Verdict::Expired);
}

#[test]
fn ref4_a_used_token_is_a_repeat_for_10_s() {
    assert_eq!(judge(&used(true), NOW), Verdict::Repeat);
    assert_eq!(judge(&used(true), NOW.plus_seconds(9)), Verdict::Repeat);
    assert_eq!(judge(&used(true), NOW.plus_seconds(-5)), Verdict::Repeat, "clocks differ");
}

#[test]
fn ref5_a_used_token_is_a_repeat_for_60_s_while_its_successor_is_unused() {
    assert_eq!(judge(&used(false), NOW.plus_seconds(59)), Verdict::Repeat);
}

#[test]
fn ref6_any_other_use_is_reuse() {
    assert_eq!(judge(&used(true), NOW.plus_seconds(10)), Verdict::Reuse);
    assert_eq!(judge(&used(false), NOW.plus_seconds(60)), Verdict::Reuse);
    assert_eq!(judge(&used(false), NOW.plus_seconds(1_000_000)), Verdict::Reuse);
}

#[test]
fn what_a_panic_prints_of_keys_and_tokens_is_no_secret() {
    let keys = Keys::derive(&SEED);
    let token = RefreshToken::from_random([0xab; 32]);
    assert_eq!(format!("{keys:?}"), "Keys(…)");
    assert_eq!(format!("{token:?} {:?}", token.hash()), "RefreshToken(…) RefreshHash(…)");
    let signer = keys.signer(NOW);
    assert_eq!(format!("{signer:?}"), format!("Signer({})", signer.public().id));
}
