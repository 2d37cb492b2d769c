//! Ten thousand tokens that must not be accepted, before the verdict of an edge.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod forgery;

use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use bus_schemas::auth::VerifyingKey;
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::name::Username;
use bus_schemas::time::Timestamp;

use forgery::{Forger, Tally, classes};

const NOW: Timestamp = Timestamp(1_800_000_000);
const FORGERIES: usize = 10_000;
/// Fewer would leave something out that is known to have been tried.
const CLASSES_MIN: usize = 40;
const SEED: u64 = 4;

/// The keys of the day before, of this one and of the next, as every edge knows them.
fn known() -> Vec<VerifyingKey> {
    Keys::derive(&[7; 32]).verifying(NOW)
}

/// People of every shape that a name may have.
fn people() -> Vec<Claims> {
    let names = ["Alice", "b0b", "x-1", "a_b", "0123456789", "Zo-e_42", &"y".repeat(32)];
    let person = |(n, name): (usize, &&str)| Claims {
        user: UserId::from_bytes([u8::try_from(n).unwrap() | 0xa0; 16]),
        username: Username::parse(name).unwrap(),
        login: LoginId::from_bytes([u8::try_from(n).unwrap() | 0xb0; 16]),
        token: TokenId::from_bytes([3; 16]),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(900),
        authenticated_at: NOW.plus_seconds(-3_600),
    };
    names.iter().enumerate().map(person).collect()
}

fn forger() -> Forger {
    Forger::new(&Keys::derive(&[7; 32]), &known(), people(), SEED)
}

#[test]
fn tok20_of_ten_thousand_forged_tokens_none_is_accepted() {
    let keys = known();
    let (mut refused, mut accepted) = (Tally::default(), Tally::default());
    for forgery in forger().forgeries(FORGERIES) {
        let base = access::read(&keys, &forgery.base, NOW);
        assert!(base.is_ok(), "{}: its base is refused: {base:?}", forgery.class);
        match access::read(&keys, &forgery.token, NOW) {
            Ok(_) => accepted.count(forgery.class),
            Err(Code::InvalidToken | Code::TokenExpired | Code::TokenMissingJti) => {
                refused.count(forgery.class);
            }
            Err(code) => panic!("{}: refused with {code}", forgery.class),
        }
    }
    assert_eq!(accepted.all(), 0, "accepted:\n{}", accepted.report());
    assert_eq!(refused.all(), FORGERIES);
    assert_eq!(refused.classes(), classes().count());
    assert!(refused.classes() >= CLASSES_MIN);
}

#[test]
fn tok20_the_forger_adds_nothing_of_its_own() {
    let mut forger = forger();
    for _ in 0..100 {
        let unchanged = forger.unchanged();
        assert!(access::read(&known(), &unchanged, NOW).is_ok(), "{unchanged}");
    }
}

#[test]
fn tok20_the_same_seed_forges_the_same_tokens() {
    let tokens = || forger().forgeries(500).map(|forgery| forgery.token).collect::<Vec<_>>();
    assert!(tokens() == tokens());
}

#[test]
fn tok20_every_class_has_a_name_of_its_own() {
    let mut names: Vec<&str> = classes().map(|class| class.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), classes().count());
}
