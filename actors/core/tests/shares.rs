//! The queue in front of a client, and those who fill it. Held by the rules SHARE of `SPEC.md`.

#[path = "sim/chance.rs"]
mod chance;

use std::collections::VecDeque;

use actors_core::session::Shares;
use bus_schemas::id::LoginId;
use bus_schemas::limit::{OUTBOX_TALK_BYTES_MAX, OUTBOX_TALK_ITEMS_MAX};
use chance::Chance;

const WORD: usize = 40;

fn peer(n: u8) -> LoginId {
    LoginId::from_bytes([n; 16])
}

fn shares() -> Shares {
    Shares::new(OUTBOX_TALK_ITEMS_MAX, OUTBOX_TALK_BYTES_MAX)
}

/// Says words until one finds no room.
fn fill(shares: &mut Shares, peer: LoginId, bytes: usize) -> usize {
    let mut words = 0;
    while shares.has_room_for(peer, bytes) {
        shares.add(Some(peer), bytes);
        words += 1;
    }
    words
}

#[test]
fn share1_alone_a_peer_fills_half_by_words_and_by_bytes() {
    assert_eq!(fill(&mut shares(), peer(1), WORD), OUTBOX_TALK_ITEMS_MAX / 2);
    let large = 1_024;
    let words = fill(&mut shares(), peer(1), large);
    let costs = large + 192;
    assert_eq!(
        words,
        (OUTBOX_TALK_BYTES_MAX + costs) / (2 * costs),
        "what it costs besides counts"
    );
}

#[test]
fn share1_one_after_the_other_each_finds_half_of_what_is_left() {
    let (mut shares, mut free) = (shares(), OUTBOX_TALK_ITEMS_MAX);
    for n in 1..=8 {
        let words = fill(&mut shares, peer(n), WORD);
        assert_eq!(words, free / 2, "the {n}th");
        free -= words;
    }
}

#[test]
fn share1_beside_many_who_take_turns_the_next_one_finds_as_much_as_each_of_them() {
    for others in [1_u8, 2, 5, 10, 31] {
        let mut shares = shares();
        let (mut words, mut is_full) = (0, false);
        while !is_full {
            is_full = true;
            for other in (1..=others).map(peer) {
                if shares.has_room_for(other, WORD) {
                    shares.add(Some(other), WORD);
                    (words, is_full) = (words + 1, false);
                }
            }
        }
        let free = OUTBOX_TALK_ITEMS_MAX - words;
        assert!(free >= words / usize::from(others), "{free} free beside {others}");
        assert!(shares.has_room_for(peer(200), WORD), "beside {others}");
    }
}

#[test]
fn share2_the_servers_own_words_have_all_of_it() {
    let mut shares = shares();
    fill(&mut shares, peer(1), WORD);
    fill(&mut shares, peer(2), WORD);
    let mut own = 0;
    while shares.has_own_room(WORD) {
        shares.add(None, WORD);
        own += 1;
    }
    assert_eq!(own, OUTBOX_TALK_ITEMS_MAX / 4);
    assert!(!shares.has_room_for(peer(3), WORD));
}

#[test]
fn share3_what_waits_no_longer_makes_room_and_nobody_is_remembered() {
    let mut chance = Chance::new(7);
    let (mut shares, mut waiting) = (shares(), VecDeque::new());
    for _ in 0..20_000 {
        let who = peer(u8::try_from(chance.below(40)).unwrap());
        let bytes = usize::try_from(chance.below(4_000)).unwrap();
        if shares.has_room_for(who, bytes) {
            shares.add(Some(who), bytes);
            waiting.push_back((who, bytes));
        }
        if chance.below(5) < 2
            && let Some((who, bytes)) = waiting.pop_front()
        {
            shares.remove(Some(who), bytes);
        }
        assert!(waiting.len() <= OUTBOX_TALK_ITEMS_MAX && shares.peers() <= waiting.len());
        assert!(waiting.iter().map(|(_, bytes)| bytes).sum::<usize>() <= OUTBOX_TALK_BYTES_MAX);
    }
    for (who, bytes) in waiting {
        shares.remove(Some(who), bytes);
    }
    assert_eq!(shares.peers(), 0);
    assert_eq!(fill(&mut shares, peer(1), WORD), OUTBOX_TALK_ITEMS_MAX / 2);
}
