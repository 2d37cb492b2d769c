//! What happens to a live Session: one that is there for others, or is just leaving.

use bus_schemas::chat::{Evict, Presence};
use bus_schemas::fault::Code;
use bus_schemas::frame::{ClientFrame, Door, ServerFrame};
use bus_schemas::id::{ConnId, FrameId};
use bus_schemas::limit::{BUS_AWAY_MS, BUS_AWAY_SPREAD_MS, EVICT_FLUSH_MS};
use bus_schemas::secret::Secret;
use bus_schemas::time::Millis;

use super::Session;
use super::admission::{is_temporary, not_authenticated};
use super::event::{Bearer, Close, Effect, Event};
use super::evict::{self, Age, Verdict};
use super::relay::refuse;
use super::renewal::{Due, Renewal};
use super::state::{Active, After, BusLink, Page, State, TokenCheck};

impl Session {
    /// An event of a Session that is there for others.
    pub(super) fn active(&mut self, now: Millis, mut active: Box<Active>, event: Event) -> State {
        if let Event::EvictTold(other) = event {
            return self.evict_told(now, active, other);
        }
        let outcome = self.live(now, &mut active, event);
        self.unless_ended(now, State::Active(active), outcome)
    }

    /// An event of a Session whose page goes on elsewhere.
    pub(super) fn leaving(
        &mut self,
        now: Millis,
        until: Millis,
        mut active: Box<Active>,
        event: Event,
    ) -> State {
        let outcome = self.live(now, &mut active, event);
        self.unless_ended(now, State::Leaving { until, active }, outcome)
    }

    /// What time has brought to a Session that is there for others.
    pub(super) fn active_due(&mut self, now: Millis, mut active: Box<Active>) -> State {
        if now < active.deadline() {
            return State::Active(active);
        }
        let outcome = self.active_chores(now, &mut active);
        self.unless_ended(now, State::Active(active), outcome)
    }

    fn unless_ended(&mut self, now: Millis, state: State, outcome: Result<(), Close>) -> State {
        match outcome {
            Ok(()) => state,
            Err(close) => self.end(now, state, close),
        }
    }

    /// The table of live Sessions. An error is the end.
    fn live(&mut self, now: Millis, active: &mut Active, event: Event) -> Result<(), Close> {
        let out = &mut self.effects;
        match event {
            Event::Frame(ClientFrame::Peer(frame)) => active.relay(now, frame, None, out)?,
            Event::Frame(ClientFrame::Announce { frame, announcement }) => {
                active.relay(now, frame, Some(&announcement), out)?;
            }
            Event::Frame(ClientFrame::Ping) => {
                active.spend(now, &FrameId::default(), out)?;
                out.push_back(Effect::Send(ServerFrame::Pong));
            }
            Event::Frame(ClientFrame::Auth { token, .. }) => {
                active.spend(now, &FrameId::default(), out)?;
                self.renew(active, token);
            }
            Event::BadFrame(bad) => active.bad_frame(now, bad, out)?,
            Event::TokenChecked(outcome) => self.renewed(now, active, outcome)?,
            Event::Delivered { delivery, reply } => active.delivered(now, delivery, reply, out),
            Event::Bounced { n, bounce } => active.bounced(now, n, bounce, out),
            Event::PresenceTold { peer, presence } => {
                active.presence_told(now, peer, presence, out);
            }
            Event::RevokedTold(revoked) if active.renewal.is_meant_by(&revoked) => {
                return Err(self.turn_away(Code::TokenRevoked));
            }
            Event::LoginChecked { alive: Some(false) } => {
                return Err(self.turn_away(Code::TokenRevoked));
            }
            Event::BusLost => self.bus_lost(now, active),
            Event::BusFound => self.bus_found(now, active),
            Event::Lagged => return Err(Close::BusAway),
            Event::Draining { after_ms } => self.drain(now, active, after_ms),
            // Not this user's, nobody could say, or not asked for.
            Event::RevokedTold(_)
            | Event::LoginChecked { alive: Some(true) | None }
            | Event::Listening(_)
            // Judged where a Session can still yield, and ended or ticked before it came here.
            | Event::EvictTold(_)
            | Event::OutboxFull
            | Event::SocketClosed
            | Event::Tick => {}
        }
        Ok(())
    }

    fn active_chores(&mut self, now: Millis, active: &mut Active) -> Result<(), Close> {
        while let Some(due) = active.renewal.due(now) {
            match due {
                Due::Tell { in_ms } => {
                    self.effects.push_back(Effect::Send(ServerFrame::TokenExpiring { in_ms }));
                }
                Due::Check(login) => self.effects.push_back(Effect::CheckLogin(login)),
                Due::End => return Err(self.turn_away(Code::TokenExpired)),
            }
        }
        if active.drain_at.is_some_and(|at| at <= now) {
            return Err(Close::GoingAway);
        }
        if active.evict_again_at.take_if(|at| *at <= now).is_some() {
            self.evict_again(now, active);
        }
        if let Some(memory) = &mut active.memory {
            for id in memory.transfers.due(now, &mut self.effects) {
                refuse(Code::SlowReader, id, &mut self.effects);
            }
        }
        match active.bus {
            BusLink::Up => active.peers_due(now, &mut self.effects),
            BusLink::Away { give_up_at } if give_up_at <= now => return Err(Close::BusAway),
            BusLink::Away { .. } => {}
        }
        Ok(())
    }

    /// A process that stood still for long must not evict whoever came meanwhile.
    fn evict_again(&mut self, now: Millis, active: &Active) {
        match active.age(now) {
            Age::Young => self.effects.push_back(Effect::TellEvict(self.evict(active.page))),
            Age::Old => {}
        }
    }

    /// What it says to older Sessions of this user.
    pub(super) fn evict(&self, Page { instance, attach }: Page) -> Evict {
        Evict { instance, attach, conn: self.config.conn }
    }

    fn evict_told(&mut self, now: Millis, active: Box<Active>, other: Evict) -> State {
        match evict::judge(&self.evict(active.page), active.age(now), &other) {
            Verdict::Ignore => State::Active(active),
            Verdict::Insist => {
                self.effects.push_back(Effect::TellEvict(self.evict(active.page)));
                State::Active(active)
            }
            Verdict::YieldMoved => {
                self.effects.push_back(Effect::StopListening);
                self.effects.push_back(Effect::TellPresence(Presence::Moved));
                State::Leaving { until: now.plus(EVICT_FLUSH_MS), active }
            }
            // The keys of this page are gone, and that is told. That the user is still here, by
            // another page, is told by the same voice, so that the two cannot change places.
            Verdict::YieldSuperseded => {
                self.effects.extend([
                    Effect::Send(ServerFrame::Superseded),
                    Effect::StopListening,
                    Effect::TellPresence(Presence::Gone),
                    Effect::TellPresence(Presence::Here),
                    Effect::Close(Close::Superseded),
                ]);
                State::Closed(After::Another)
            }
        }
    }

    fn renew(&mut self, active: &mut Active, token: Secret<String>) {
        match (active.door, active.token_check) {
            (Door::Text, _) => {
                refuse(Code::UnknownMessageType, FrameId::default(), &mut self.effects);
            }
            (Door::Binary, TokenCheck::Running) => {
                refuse(Code::TooManyRequests, FrameId::default(), &mut self.effects);
            }
            (Door::Binary, TokenCheck::Idle) => {
                active.token_check = TokenCheck::Running;
                self.effects.push_back(Effect::CheckToken(token));
            }
        }
    }

    fn renewed(
        &mut self,
        now: Millis,
        active: &mut Active,
        outcome: Result<Bearer, Code>,
    ) -> Result<(), Close> {
        if active.token_check == TokenCheck::Idle {
            return Ok(());
        }
        active.token_check = TokenCheck::Idle;
        match outcome {
            Ok(bearer) if active.is_continued_by(&bearer) => {
                active.renewal = Renewal::new(active.door, bearer, now);
                self.effects.push_back(Effect::Send(ServerFrame::Authenticated {
                    user: active.user(),
                    expires_in_ms: active.renewal.expires_in_ms(now),
                }));
                Ok(())
            }
            Ok(_) => Err(self.turn_away(Code::InvalidToken)),
            // Nobody could say. The token that is in use is good until it expires.
            Err(code) if is_temporary(code) => {
                refuse(code, FrameId::default(), &mut self.effects);
                Ok(())
            }
            Err(code) => Err(self.turn_away(code)),
        }
    }

    /// The bus went away: the client is told, and the Session waits for it, a little longer or
    /// shorter than others.
    fn bus_lost(&mut self, now: Millis, active: &mut Active) {
        if active.bus == BusLink::Up {
            let give_up_at = now.plus(BUS_AWAY_MS).plus(spread_ms(self.config.conn));
            active.bus = BusLink::Away { give_up_at };
            refuse(Code::BusAway, FrameId::default(), &mut self.effects);
        }
    }

    /// The bus is back. What was said meanwhile was missed, by both sides: say it again, and ask.
    /// The Session comes as if anew, young again: two that come back together would otherwise
    /// both be old enough to yield.
    fn bus_found(&mut self, now: Millis, active: &mut Active) {
        if active.bus == BusLink::Up {
            return;
        }
        active.bus = BusLink::Up;
        active.comes(now);
        self.effects.push_back(Effect::TellEvict(self.evict(active.page)));
        self.effects.push_back(Effect::TellPresence(Presence::Here));
        if let Some(memory) = &mut active.memory {
            memory.peers.ask_everybody(now);
        }
        active.peers_due(now, &mut self.effects);
    }

    fn drain(&mut self, now: Millis, active: &mut Active, after_ms: u64) {
        if active.drain_at.is_none() {
            active.drain_at = Some(now.plus(after_ms));
            self.effects.push_back(Effect::Send(ServerFrame::GoingAway { after_ms }));
        }
    }

    /// Says that the client is not who it was, and how its socket ends.
    fn turn_away(&mut self, code: Code) -> Close {
        self.effects.push_back(Effect::Send(ServerFrame::NotAuthenticated { code }));
        not_authenticated(code)
    }
}

/// A connection's own share of a spread: a crowd that lost the bus together does not come back
/// together. The last bytes of an id are random whichever kind of UUID it is.
fn spread_ms(conn: ConnId) -> u64 {
    let [.., a, b, c, d] = *conn.as_bytes();
    u64::from(u32::from_be_bytes([a, b, c, d])) % BUS_AWAY_SPREAD_MS
}
