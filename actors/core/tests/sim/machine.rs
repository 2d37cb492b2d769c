//! The machine in its world, with a fault planted around it if the test wants one.

use actors_core::session::{Effect, Event, Session};
use bus_schemas::chat::{Delivery, Standing};
use bus_schemas::frame::{ClientFrame, Label, PeerFrame, ServerFrame};
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::time::Millis;

/// What a careless machine would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It hands frames to the bus before it knows who sent them.
    RelaysBeforeAuthentication,
    /// It acknowledges a message by itself.
    AcknowledgesBeforeDelivery,
    /// It keeps what belonged to a socket that has ended.
    ForgetsToClose,
}

/// A Session, careful or not.
pub(crate) struct Machine {
    pub(crate) session: Session,
    fault: Fault,
    user: UserId,
    is_live: bool,
}

impl Machine {
    pub(crate) fn new(session: Session, user: UserId, fault: Fault) -> Self {
        Self { session, fault, user, is_live: false }
    }

    /// Feeds the Session and drains it.
    pub(crate) fn handle(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        let planted = self.planted(&event);
        let is_end = matches!(event, Event::SocketClosed);
        self.session.handle(now, event);
        let mut done: Vec<Effect> = std::iter::from_fn(|| self.session.next_effect()).collect();
        self.is_live |= done
            .iter()
            .any(|effect| matches!(effect, Effect::Send(ServerFrame::Authenticated { .. })));
        if is_end && self.fault == Fault::ForgetsToClose {
            done.clear();
        }
        planted.into_iter().chain(done).collect()
    }

    fn planted(&self, event: &Event) -> Option<Effect> {
        let Event::Frame(ClientFrame::Peer(frame)) = event else { return None };
        let to = frame.peer;
        match self.fault {
            Fault::RelaysBeforeAuthentication if !self.is_live => {
                let frame = PeerFrame { peer: self.user, ..frame.clone() };
                let standing = Standing {
                    login: LoginId::from_bytes([0; 16]),
                    token: TokenId::from_bytes([0; 16]),
                };
                let door = bus_schemas::frame::Door::Binary;
                let delivery = Delivery::Frame { door, standing, frame };
                Some(Effect::Deliver { to, n: u64::MAX, delivery })
            }
            Fault::AcknowledgesBeforeDelivery if self.is_live && frame.label == Label::Message => {
                Some(Effect::Send(ServerFrame::Peer(PeerFrame {
                    label: Label::Ack,
                    ..frame.clone()
                })))
            }
            Fault::None
            | Fault::RelaysBeforeAuthentication
            | Fault::AcknowledgesBeforeDelivery
            | Fault::ForgetsToClose => None,
        }
    }
}
