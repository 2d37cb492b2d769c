//! Whole conversations as text: what clients say and hear, and what their Sessions do about it.
//!
//! The bus of these tests is a queue: nothing is late and nothing is lost. `──►` is said by a
//! client, `◄──` is heard by it, the rest is between its Session and the house.

#[path = "session/words.rs"]
mod words;

use std::collections::VecDeque;

use actors_core::session::{Bearer, Config, Effect, Event, Session};
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery};
use bus_schemas::frame::{ClientFrame, Door, Label, Part, PeerFrame};
use bus_schemas::id::{BusId, ConnId, Instance, LoginId, TokenId, UserId};
use bus_schemas::secret::Secret;
use bus_schemas::time::Millis;
use bytes::Bytes;

/// One connection of somebody.
struct Party {
    name: &'static str,
    page: Instance,
    session: Session,
    listens: bool,
    watches: Vec<UserId>,
}

/// A conversation that is being written down.
#[derive(Default)]
struct Talk {
    now: Millis,
    parties: Vec<Party>,
    on_way: VecDeque<(usize, Event)>,
    lines: Vec<String>,
}

impl Talk {
    /// Somebody opens a socket of a page.
    fn opens(&mut self, name: &'static str, door: Door, page: u8) -> usize {
        let number = u8::try_from(self.parties.len()).expect("few");
        let page = Instance::from_bytes([page; 16]);
        let config = Config {
            conn: ConnId::from_bytes([number; 16]),
            door,
            instance: page,
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
            file_bytes_max: 50 * 1024 * 1024,
        };
        let session = Session::new(config, self.now);
        self.parties.push(Party { name, page, session, listens: false, watches: Vec::new() });
        self.parties.len() - 1
    }

    /// Somebody opens a socket and says who it is.
    fn comes(&mut self, name: &'static str, door: Door, page: u8, attach: u32) -> usize {
        let party = self.opens(name, door, page);
        let token = Secret::new("token".to_owned());
        let instance = Some(self.parties[party].page);
        self.says(party, "auth", ClientFrame::Auth { token, instance, attach });
        party
    }

    /// Somebody sends something to somebody.
    fn sends(&mut self, party: usize, label: Label, to: &str, n: u16) {
        let frame = PeerFrame {
            label,
            attempt: 0,
            peer: words::user(to),
            id: words::id(n),
            part: Part::default(),
            body: Bytes::new(),
        };
        let what = format!("{} #{n} to {to}", label.as_str());
        self.says(party, &what, ClientFrame::Peer(frame));
    }

    /// Somebody's socket ends.
    fn leaves(&mut self, party: usize) {
        self.line(party, "──►", "(leaves)");
        self.happens(party, Event::SocketClosed);
    }

    /// Time passes for everybody.
    fn wait(&mut self, ms: u64) {
        self.lines.push(format!("        ({ms} ms)"));
        let end = self.now.plus(ms);
        loop {
            let due = self.parties.iter().enumerate();
            let due = due.filter_map(|(party, it)| Some((it.session.deadline()?, party))).min();
            let Some((at, party)) = due.filter(|(at, _)| *at <= end) else { break };
            self.now = self.now.max(at);
            self.happens(party, Event::Tick);
        }
        self.now = end;
    }

    fn text(self) -> String {
        self.lines.join("\n")
    }

    fn says(&mut self, party: usize, what: &str, frame: ClientFrame) {
        self.line(party, "──►", what);
        self.happens(party, Event::Frame(frame));
    }

    fn happens(&mut self, party: usize, event: Event) {
        self.on_way.push_back((party, event));
        while let Some((party, event)) = self.on_way.pop_front() {
            self.parties[party].session.handle(self.now, event);
            while let Some(effect) = self.parties[party].session.next_effect() {
                if let Effect::Send(frame) = &effect {
                    self.line(party, "◄──", &words::sent(frame));
                } else {
                    self.line(party, "   ", &words::effect(&effect));
                }
                self.perform(party, effect);
            }
        }
    }

    fn perform(&mut self, party: usize, effect: Effect) {
        let user = words::user(self.parties[party].name);
        match effect {
            Effect::CheckToken(_) => {
                let bearer = Bearer {
                    user,
                    login: LoginId::from_bytes([1; 16]),
                    token: TokenId::from_bytes([1; 16]),
                    expires_in_ms: 900_000,
                };
                self.on_way.push_back((party, Event::TokenChecked(Ok(bearer))));
            }
            Effect::Listen(_) => {
                self.parties[party].listens = true;
                self.on_way.push_back((party, Event::Listening(Ok(()))));
            }
            Effect::StopListening => self.parties[party].listens = false,
            Effect::Watch(peer) => self.parties[party].watches.push(peer),
            Effect::Deliver { to, n, delivery } => self.deliver(party, to, n, &delivery),
            Effect::Answer { reply, bounce } => {
                let tag = chat::bounce_tag(&reply).expect("a subject of this bus");
                let asker = usize::try_from(tag.slot).expect("few");
                self.on_way.push_back((asker, Event::Bounced { n: tag.n, bounce }));
            }
            Effect::TellPresence(presence) => {
                let told = Event::PresenceTold { peer: user, presence };
                self.tell(&told, |other| other.watches.contains(&user));
            }
            Effect::TellEvict(evict) => {
                let name = self.parties[party].name;
                let told = Event::EvictTold(evict);
                self.tell(&told, |other| other.listens && other.name == name);
            }
            // Only written down.
            Effect::Send(_)
            | Effect::SendChunk { .. }
            | Effect::CountTransfer { .. }
            | Effect::CheckLogin(_)
            | Effect::Unwatch(_)
            | Effect::TellSeen
            | Effect::CountRepeat(_)
            | Effect::Close(_) => {}
        }
    }

    fn deliver(&mut self, from: usize, to: UserId, n: u64, delivery: &Delivery) {
        let tag = BounceTag { slot: u64::try_from(from).expect("few"), n };
        let reply = chat::bounce(BusId::from_bytes([0; 16]), tag);
        let event = Event::Delivered { delivery: delivery.clone(), reply: Some(reply) };
        let before = self.on_way.len();
        self.tell(&event, |other| other.listens && words::user(other.name) == to);
        if self.on_way.len() == before {
            self.on_way.push_back((from, Event::Bounced { n, bounce: Bounce::NobodyThere }));
        }
    }

    fn tell(&mut self, event: &Event, hears: impl Fn(&Party) -> bool) {
        let hearing = self.parties.iter().enumerate().filter(|(_, party)| hears(party));
        self.on_way.extend(hearing.map(|(party, _)| (party, event.clone())));
    }

    fn line(&mut self, party: usize, arrow: &str, what: &str) {
        let Party { name, .. } = self.parties[party];
        self.lines.push(format!("{name:<6}{party} {arrow} {what}"));
    }
}

#[test]
fn two_people_talk_and_one_leaves_and_comes_back() {
    let mut talk = Talk::default();
    let alice = talk.comes("alice", Door::Binary, 1, 0);
    talk.sends(alice, Label::EphemeralKey, "bob", 1);
    let bob = talk.comes("bob", Door::Binary, 2, 0);
    talk.sends(alice, Label::EphemeralKey, "bob", 1);
    talk.sends(bob, Label::Ack, "alice", 1);
    talk.sends(bob, Label::EphemeralKey, "alice", 2);
    talk.sends(alice, Label::EphemeralKey, "bob", 3);
    talk.sends(bob, Label::SessionEstablished, "alice", 4);
    talk.sends(alice, Label::Message, "bob", 5);
    talk.sends(bob, Label::Ack, "alice", 5);
    talk.leaves(bob);
    talk.sends(alice, Label::Message, "bob", 6);
    talk.comes("bob", Door::Binary, 3, 0);
    insta::assert_snapshot!(talk.text());
}

#[test]
fn a_page_moves_to_another_edge_and_nobody_is_told() {
    let mut talk = Talk::default();
    let alice = talk.comes("alice", Door::Binary, 1, 0);
    let bob = talk.comes("bob", Door::Binary, 2, 0);
    talk.sends(alice, Label::Message, "bob", 1);
    talk.sends(bob, Label::Ack, "alice", 1);
    talk.wait(5_000);
    let moved = talk.comes("bob", Door::Binary, 2, 1);
    talk.sends(bob, Label::Message, "alice", 2);
    talk.sends(moved, Label::Message, "alice", 3);
    talk.sends(alice, Label::Ack, "bob", 3);
    talk.wait(1_000);
    insta::assert_snapshot!(talk.text());
}

#[test]
fn a_chat_is_opened_elsewhere() {
    let mut talk = Talk::default();
    let alice = talk.comes("alice", Door::Binary, 1, 0);
    talk.comes("bob", Door::Binary, 2, 0);
    talk.sends(alice, Label::Message, "bob", 1);
    talk.wait(5_000);
    talk.comes("bob", Door::Binary, 3, 0);
    insta::assert_snapshot!(talk.text());
}

#[test]
fn two_clients_that_differ_do_not_talk() {
    let mut talk = Talk::default();
    let alice = talk.comes("alice", Door::Binary, 1, 0);
    let bob = talk.comes("bob", Door::Text, 2, 0);
    talk.sends(alice, Label::EphemeralKey, "bob", 1);
    talk.sends(bob, Label::EphemeralKey, "alice", 2);
    insta::assert_snapshot!(talk.text());
}

#[test]
fn a_peer_that_vanishes_is_found_missing() {
    let mut talk = Talk::default();
    let alice = talk.comes("alice", Door::Binary, 1, 0);
    let bob = talk.comes("bob", Door::Binary, 2, 0);
    talk.sends(alice, Label::Message, "bob", 1);
    talk.wait(10_000);
    talk.parties[bob].listens = false;
    talk.wait(10_000);
    insta::assert_snapshot!(talk.text());
}
