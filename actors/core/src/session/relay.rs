//! What a live Session passes on, in both directions.
//!
//! The one place that stamps the sender on a frame. Every frame that a client sends ends as
//! handed to the bus, as a counted repeat, or as a refusal with a code; never in silence.

use std::collections::VecDeque;

use bus_schemas::chat::{Bounce, Delivery, Presence};
use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{BadFrame, Door, Label, PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, UserId};
use bus_schemas::time::Millis;

use super::event::{Close, Effect, ReplyTo};
use super::peers::{self, Opened};
use super::repeats::FrameKey;
use super::state::{Active, BusLink};
use super::unanswered::Sent;

impl Active {
    /// The client sends a frame to another person, perhaps with what it announces in the clear.
    pub(super) fn relay(
        &mut self,
        now: Millis,
        frame: PeerFrame,
        announcement: Option<&Announcement>,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Close> {
        if !frame.label.is_file() {
            self.spend(now, &frame.id, out)?;
        }
        if frame.peer == self.user() {
            refuse(Code::FrameToSelf, frame.id, out);
            return Ok(());
        }
        if self.bus != BusLink::Up {
            refuse(Code::BusAway, frame.id, out);
            return Ok(());
        }
        let key = FrameKey::of(&frame);
        let memory = self.remember();
        if !memory.repeats.admits(&key) {
            out.push_back(Effect::CountRepeat(frame.label));
            return Ok(());
        }
        if let Err(code) = memory.transfers.admit(now, &frame, announcement, out) {
            memory.repeats.forget(&key);
            refuse(code, frame.id, out);
            return Ok(());
        }
        self.open(frame.peer, now, out);
        let to = frame.peer;
        let (door, standing) = (self.door, self.renewal.bearer().standing());
        let delivery = Delivery::Frame { door, standing, frame: stamp(self.user(), frame) };
        self.deliver(to, Sent::Frame(key), delivery, out);
        Ok(())
    }

    /// Takes one talk frame out of the client's budget.
    pub(super) fn spend(
        &mut self,
        now: Millis,
        id: &FrameId,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Close> {
        if self.budget.spend(now) {
            return Ok(());
        }
        refuse(Code::TooManyFrames, id.clone(), out);
        Err(Close::TooManyFrames)
    }

    /// The client sent what is no frame. The text door is for people, so it explains and goes on;
    /// on the binary door only a type from a later version is excused.
    pub(super) fn bad_frame(
        &mut self,
        now: Millis,
        bad: BadFrame,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Close> {
        let BadFrame { code, id } = bad;
        self.spend(now, &id, out)?;
        // A second `auth` is no frame of the text door, well-formed or not.
        let is_text_auth = self.door == Door::Text && code == Code::InvalidAuthPayload;
        refuse(if is_text_auth { Code::UnknownMessageType } else { code }, id, out);
        match (self.door, code) {
            (_, Code::FrameTooLarge) => Err(Close::FrameTooLarge),
            (Door::Text, _) | (Door::Binary, Code::UnknownMessageType) => Ok(()),
            (Door::Binary, _) => Err(Close::MalformedFrame),
        }
    }

    /// Something was delivered to this user.
    pub(super) fn delivered(
        &mut self,
        now: Millis,
        delivery: Delivery,
        reply: ReplyTo,
        out: &mut VecDeque<Effect>,
    ) {
        let frame = match delivery {
            Delivery::Probe { .. } => return answer(reply, Bounce::Here, out),
            Delivery::Frame { door, .. } if door != self.door => {
                return answer(reply, Bounce::Refused(Code::PeerClientDiffers), out);
            }
            Delivery::Frame { frame, .. } => frame,
        };
        // The frame itself says that its sender is here, so the client needs no other word.
        let is_text_ack = frame.label == Label::Ack && self.door == Door::Text;
        if let Some(memory) = &mut self.memory {
            memory.peers.came(frame.peer, now);
            if is_text_ack {
                memory.repeats.acknowledge(frame.peer, &frame.id);
            }
        }
        out.push_back(match reply {
            // Its sender's next chunk waits for this one.
            Some(reply) if self.door == Door::Text && frame.label == Label::FileChunk => {
                Effect::SendChunk { chunk: frame, reply }
            }
            _ => Effect::Send(ServerFrame::Peer(frame)),
        });
    }

    /// Something came back for what was sent under this number.
    pub(super) fn bounced(
        &mut self,
        now: Millis,
        n: u64,
        bounce: Bounce,
        out: &mut VecDeque<Effect>,
    ) {
        let sent = self.memory.as_mut().and_then(|memory| memory.unanswered.take(n));
        match (sent, bounce) {
            (None, _) => {}
            (Some(Sent::Probe(peer)), Bounce::NobodyThere) => self.gone(peer, now, out),
            // Whatever a Session says to a probe, its user has one.
            (Some(Sent::Probe(peer)), Bounce::Here | Bounce::Refused(_) | Bounce::Written) => {
                self.answered(peer, now, out);
            }
            (Some(Sent::Frame(key)), Bounce::Here | Bounce::Written) => {
                self.remember().transfers.written(&key);
                self.answered(key.peer, now, out);
            }
            (Some(Sent::Frame(key)), Bounce::NobodyThere) => self.offline(key, now, out),
            (Some(Sent::Frame(key)), Bounce::Refused(code)) => self.refused(key, code, now, out),
        }
    }

    /// An open peer came, went or moved.
    pub(super) fn presence_told(
        &mut self,
        now: Millis,
        peer: UserId,
        presence: Presence,
        out: &mut VecDeque<Effect>,
    ) {
        // Nobody is an open peer of a client that has sent nothing.
        let Some(memory) = &mut self.memory else { return };
        match presence {
            Presence::Here => {
                memory.repeats.forget_peer(peer);
                if memory.peers.came(peer, now) {
                    out.push_back(Effect::Send(ServerFrame::PeerOnline { peer }));
                }
            }
            Presence::Gone => self.gone(peer, now, out),
            // Told to nobody: the same page goes on. Nor is it taken for a sign of life: it is
            // about a Session that has left, and may come after the end of the next one.
            Presence::Moved => memory.repeats.forget_peer(peer),
        }
    }

    /// What time has brought to the open peers.
    pub(super) fn peers_due(&mut self, now: Millis, out: &mut VecDeque<Effect>) {
        while let Some(due) = self.memory.as_mut().and_then(|memory| memory.peers.next_due(now)) {
            match due {
                peers::Due::Close(peer) => out.push_back(Effect::Unwatch(peer)),
                peers::Due::Lost(peer) => self.gone(peer, now, out),
                peers::Due::Probe(peer) => {
                    let standing = self.renewal.bearer().standing();
                    let probe = Delivery::Probe { from: self.user(), standing };
                    self.deliver(peer, Sent::Probe(peer), probe, out);
                }
            }
        }
    }

    fn open(&mut self, peer: UserId, now: Millis, out: &mut VecDeque<Effect>) {
        match self.remember().peers.open(peer, now) {
            Opened::Already => {}
            Opened::New { closed } => {
                out.extend(closed.map(Effect::Unwatch));
                out.push_back(Effect::Watch(peer));
            }
        }
    }

    fn deliver(&mut self, to: UserId, sent: Sent, delivery: Delivery, out: &mut VecDeque<Effect>) {
        let n = self.remember().unanswered.push(sent);
        out.push_back(Effect::Deliver { to, n, delivery });
    }

    fn answered(&mut self, peer: UserId, now: Millis, out: &mut VecDeque<Effect>) {
        if self.remember().peers.answered(peer, now) {
            out.push_back(Effect::Send(ServerFrame::PeerOnline { peer }));
        }
    }

    fn gone(&mut self, peer: UserId, now: Millis, out: &mut VecDeque<Effect>) {
        let memory = self.remember();
        memory.repeats.forget_peer(peer);
        memory.transfers.gone(peer, now, out);
        if memory.peers.lost(peer, now) {
            out.push_back(Effect::Send(ServerFrame::PeerDisconnected { peer }));
        }
    }

    fn offline(&mut self, key: FrameKey, now: Millis, out: &mut VecDeque<Effect>) {
        let FrameKey { peer, label, id, .. } = key;
        let is_told = is_told_offline(self.door, label);
        let memory = self.remember();
        memory.repeats.forget_peer(peer);
        memory.transfers.gone(peer, now, out);
        if is_told {
            memory.peers.lost(peer, now);
            out.push_back(Effect::Send(ServerFrame::PeerOffline { peer, id }));
        }
    }

    fn refused(&mut self, key: FrameKey, code: Code, now: Millis, out: &mut VecDeque<Effect>) {
        let memory = self.remember();
        memory.repeats.forget(&key);
        memory.transfers.refused(&key);
        let FrameKey { peer, label, id, .. } = key;
        // To the text door a person with another client is as good as absent.
        if code != Code::PeerClientDiffers || self.door == Door::Binary {
            refuse(code, id, out);
        } else if is_told_offline(self.door, label) {
            self.remember().peers.differs(peer, now);
            out.push_back(Effect::Send(ServerFrame::PeerOffline { peer, id }));
        }
    }
}

/// The sender is who the token says, whatever the client wrote.
fn stamp(sender: UserId, frame: PeerFrame) -> PeerFrame {
    PeerFrame { peer: sender, ..frame }
}

/// The original's client expects silence for two types when the peer is absent.
fn is_told_offline(door: Door, label: Label) -> bool {
    match door {
        Door::Binary => true,
        Door::Text => !matches!(label, Label::Ack | Label::SessionEstablished),
    }
}

/// Refuses a frame of the client.
pub(super) fn refuse(code: Code, id: FrameId, out: &mut VecDeque<Effect>) {
    out.push_back(Effect::Send(ServerFrame::Error { code, id }));
}

/// Answers a delivery, if it can be answered.
pub(super) fn answer(reply: ReplyTo, bounce: Bounce, out: &mut VecDeque<Effect>) {
    out.extend(reply.map(|reply| Effect::Answer { reply, bounce }));
}
