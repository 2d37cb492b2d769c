//! Says whatever it likes on every subject that an edge or an actor listens to.

use super::payloads::{Payloads, unreadable};
use super::world::{World, subject, token};
use crate::support::Person;
use crate::support::chance::Chance;
use crate::support::nats::Nats;

/// Questions that actors hear, each with the golden payloads that fit it.
const QUESTIONS: &[(&str, &[&str])] = &[
    ("auth.register", &["auth/register"]),
    ("auth.login", &["auth/login"]),
    ("auth.refresh", &["auth/refresh"]),
    ("auth.logout", &["auth/logout"]),
    ("auth.revoke", &["auth/verify"]),
    ("auth.verify", &["auth/verify"]),
    ("auth.password", &["auth/password"]),
    ("auth.remove", &["auth/remove"]),
    ("auth.logins", &["auth/ask_logins"]),
    ("auth.end", &["auth/end"]),
    ("auth.lease", &["auth/ask_lease"]),
    ("identity.publish", &["identity/publish"]),
    ("identity.key", &["identity/of_user"]),
    ("identity.fingerprint", &["identity/of_user"]),
    ("identity.history", &["identity/of_user"]),
    ("directory.me", &["directory/who"]),
    ("directory.who", &["directory/who"]),
    ("directory.find", &["directory/find"]),
    ("directory.seen", &["directory/seen"]),
    ("dev.capture", &["capture/begin", "capture/take", "capture/end"]),
];

const DELIVERIES: &[&str] =
    &["chat/delivery_talk", "chat/delivery_text", "chat/delivery_file", "chat/delivery_probe"];
const BOUNCES: &[&str] = &["chat/bounce_here", "chat/bounce_refused", "chat/bounce_written"];
const PRESENCES: &[&str] = &["chat/presence_here", "chat/presence_gone", "chat/presence_moved"];

pub(super) struct Speaker {
    nats: Nats,
    payloads: Payloads,
    people: [String; 3],
    /// `chat.bounce.<conn>.<slot>.` of Alice's Session.
    bounces: String,
    /// `_INBOX.edge.<conn>.` of an edge.
    inboxes: String,
    /// Messages that reached somebody who listens, and can be no payload.
    pub(super) surely_unreadable: usize,
}

impl Speaker {
    /// Learns where Alice's Session and her edge listen, by being told something once.
    pub(super) async fn listen(world: &mut World) -> Self {
        let mut nats = Nats::open(&world.broker.url("edge")).await;
        let nobody = Person { id: "ab".repeat(16), token: String::new(), cookie: String::new() };
        nats.listen(&subject("chat.peer", &nobody), None);
        nats.listen("auth.lease", None);
        nats.flush().await;
        let first = world.door.message(&nobody, 400);
        world.from_alice.say(world.door.first(), &first).await.unwrap();
        let (mut bounces, mut inboxes) = (None, None);
        while bounces.is_none() || inboxes.is_none() {
            let heard = nats.next().await;
            let reply = heard.reply.unwrap_or_default();
            let place = reply.rsplit_once('.').map(|(place, _)| format!("{place}."));
            if heard.subject == "auth.lease" { inboxes = place } else { bounces = place }
        }
        let people = [&world.alice, &world.bob, &world.mallory].map(|person| token(&person.id));
        let (bounces, inboxes) = (bounces.unwrap(), inboxes.unwrap());
        let nats = Nats::open(&world.broker.url("edge")).await;
        let payloads = Payloads::read();
        Self { nats, payloads, people, bounces, inboxes, surely_unreadable: 0 }
    }

    pub(super) async fn flush(&mut self) {
        self.nats.flush().await;
    }

    /// One message.
    pub(super) fn say(&mut self, chance: &mut Chance) {
        match chance.below(20) {
            0..=3 => self.say_a_delivery(chance),
            4 => self.say_a_presence(chance),
            5 => self.say_an_evict(chance),
            6..=8 => self.say_a_bounce(chance),
            9 | 10 => self.say_a_revocation(chance),
            11 => self.say_an_answer(chance),
            12 => self.say_what_nobody_can_read(chance),
            _ => self.ask(chance),
        }
    }

    fn say_a_delivery(&mut self, chance: &mut Chance) {
        let kind = chance.pick(&["chat.peer", "chat.bulk"]);
        let subject = format!("{kind}.{}", chance.pick(&self.people));
        let payload = self.payloads.nearly(DELIVERIES, chance);
        let reply = self.somewhere(chance);
        self.nats.say(&subject, reply.as_deref(), &payload);
    }

    fn say_a_presence(&mut self, chance: &mut Chance) {
        let subject = format!("chat.presence.{}", chance.pick(&self.people));
        // Who is told too much at once has lost count and comes again, which is a rule of its own.
        let payload = if chance.one_in(4) {
            self.payloads.nearly(PRESENCES, chance)
        } else {
            self.payloads.cut("chat/presence_here", chance)
        };
        self.nats.say(&subject, None, &payload);
    }

    /// A good one ends the Session that it is told to: Mallory's.
    fn say_an_evict(&mut self, chance: &mut Chance) {
        let [alice, bob, mallory] = &self.people;
        let (person, payload) = if chance.one_in(2) {
            (mallory, self.payloads.nearly(&["chat/evict"], chance))
        } else {
            (if chance.one_in(2) { alice } else { bob }, self.payloads.cut("chat/evict", chance))
        };
        self.nats.say(&format!("chat.evict.{person}"), None, &payload);
    }

    fn say_a_bounce(&mut self, chance: &mut Chance) {
        let payload = self.payloads.nearly(BOUNCES, chance);
        let n = match chance.below(4) {
            0 => "zz".to_owned(),
            1 => format!("{:x}", chance.next()),
            _ => format!("{:x}", chance.below(600)),
        };
        self.nats.say(&format!("{}{n}", self.bounces), None, &payload);
    }

    fn say_a_revocation(&mut self, chance: &mut Chance) {
        // A good one ends what the golden deliveries stand on, and then none of them is looked at.
        let payload = match chance.below(200) {
            0 => self.payloads.nearly(&["auth/revoked"], chance),
            1..100 => self.payloads.cut("auth/revoked", chance),
            _ => self.payloads.any(chance),
        };
        let reply = self.somewhere(chance);
        self.nats.say("auth.revoked", reply.as_deref(), &payload);
    }

    /// An answer to what an edge asked long ago, or never asked.
    fn say_an_answer(&mut self, chance: &mut Chance) {
        let n = if chance.one_in(2) { chance.next() } else { u64::from(chance.byte() % 4) };
        let payload = self.payloads.any(chance);
        self.nats.say(&format!("{}{n:x}", self.inboxes), None, &payload);
    }

    fn say_what_nobody_can_read(&mut self, chance: &mut Chance) {
        let [alice, bob, _] = &self.people;
        let person = if chance.one_in(2) { alice } else { bob };
        let subject = match chance.below(3) {
            0 => format!("chat.peer.{person}"),
            1 => format!("chat.bulk.{person}"),
            _ => format!("{}{:x}", self.bounces, chance.below(600)),
        };
        self.nats.say(&subject, None, &unreadable(chance));
        self.surely_unreadable += 1;
    }

    fn ask(&mut self, chance: &mut Chance) {
        let (subject, fitting) = chance.pick(QUESTIONS);
        let payload = self.payloads.nearly(fitting, chance);
        let reply = self.somewhere(chance);
        self.nats.say(subject, reply.as_deref(), &payload);
    }

    /// Where an answer goes: to nobody, or to somebody who never asked.
    fn somewhere(&self, chance: &mut Chance) -> Option<String> {
        match chance.below(5) {
            0 => None,
            1 => Some(format!("chat.peer.{}", chance.pick(&self.people))),
            2 => Some(format!("{}{:x}", self.bounces, chance.below(600))),
            _ => Some(format!("_INBOX.hostile.{:x}", chance.next())),
        }
    }
}
