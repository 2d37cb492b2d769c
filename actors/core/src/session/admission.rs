//! From an open socket to a live Session: the first frame, its token, the bus.
//!
//! What is wrong with the client is told in an answer to its `auth`. What is only unavailable at
//! the moment is not: the socket is closed, and the client comes again.

use bus_schemas::chat::Presence;
use bus_schemas::fault::Code;
use bus_schemas::frame::{BadFrame, ClientFrame, ServerFrame};
use bus_schemas::time::Millis;

use super::Session;
use super::event::{Bearer, Close, Effect};
use super::renewal::Renewal;
use super::state::{Active, After, Page, State};

impl Session {
    pub(super) fn first_frame(&mut self, until: Millis, frame: ClientFrame) -> State {
        match frame {
            ClientFrame::Auth { token, instance, attach } => {
                let instance = instance.unwrap_or(self.config.instance);
                self.effects.push_back(Effect::CheckToken(token));
                State::Checking { until, page: Page { instance, attach } }
            }
            ClientFrame::Ping | ClientFrame::Peer(_) | ClientFrame::Announce { .. } => {
                self.reject(Code::Unauthorized, Close::AuthenticationRequired)
            }
        }
    }

    pub(super) fn first_bad_frame(&mut self, bad: &BadFrame) -> State {
        if bad.code == Code::InvalidAuthPayload {
            self.reject(bad.code, Close::InvalidAuthPayload)
        } else if bad.code == Code::FrameTooLarge {
            self.reject(bad.code, Close::FrameTooLarge)
        } else {
            self.reject(Code::Unauthorized, Close::AuthenticationRequired)
        }
    }

    pub(super) fn token_checked(
        &mut self,
        now: Millis,
        until: Millis,
        page: Page,
        outcome: Result<Bearer, Code>,
    ) -> State {
        match outcome {
            Ok(bearer) => {
                self.effects.push_back(Effect::Listen(bearer.user));
                let renewal = Box::new(Renewal::new(self.config.door, bearer, now));
                State::Subscribing { until, page, renewal }
            }
            Err(code) if is_temporary(code) => self.give_up(Close::BusAway),
            Err(code) => self.reject(code, not_authenticated(code)),
        }
    }

    /// The bus confirms that this user is listened to: others may be told, and only then the
    /// client, so that whoever hears it say so can already be reached.
    pub(super) fn listening(
        &mut self,
        now: Millis,
        page: Page,
        renewal: Renewal,
        outcome: Result<(), Code>,
    ) -> State {
        if outcome.is_err() {
            return self.give_up(Close::BusAway);
        }
        let expires_in_ms = renewal.expires_in_ms(now);
        let active = Box::new(Active::new(&self.config, page, renewal, now));
        let user = active.user();
        self.effects.extend([
            Effect::TellEvict(self.evict(page)),
            Effect::TellPresence(Presence::Here),
            Effect::TellSeen,
            Effect::Send(ServerFrame::Authenticated { user, expires_in_ms }),
        ]);
        State::Active(active)
    }

    /// The other answer to the first frame.
    pub(super) fn reject(&mut self, code: Code, close: Close) -> State {
        self.effects.push_back(Effect::Send(ServerFrame::NotAuthenticated { code }));
        self.give_up(close)
    }

    /// Ends a Session that was not there for others yet.
    pub(super) fn give_up(&mut self, close: Close) -> State {
        self.effects.push_back(Effect::Close(close));
        State::Closed(After::Nobody)
    }
}

/// Whether the same token may be good a moment later.
pub(super) fn is_temporary(code: Code) -> bool {
    matches!(code, Code::ServiceUnavailable | Code::BusAway)
}

/// How a socket ends whose token was not accepted.
pub(super) fn not_authenticated(code: Code) -> Close {
    if code == Code::InternalError { Close::Internal } else { Close::NotAuthenticated(code) }
}
