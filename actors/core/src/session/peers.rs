//! Open peers: the people this connection has lately sent something to, and whether they are there.
//!
//! Only they are watched and probed. Receiving a frame opens nothing, so that strangers learn
//! nothing. A peer counts as here until something says otherwise, and the client hears changes
//! only.

use std::collections::VecDeque;
use std::mem;

use bus_schemas::id::UserId;
use bus_schemas::limit::{OPEN_PEER_MS, OPEN_PEERS_MAX, PROBE_AFTER_MS, PROBE_WAIT_MS};
use bus_schemas::time::Millis;

/// Somebody this connection talks to.
#[derive(Debug)]
struct Peer {
    user: UserId,
    /// When a frame was last sent to it.
    used_at: Millis,
    /// When it was last heard of, or last asked in vain.
    heard_at: Millis,
    /// When the probe was sent that is still to be answered.
    probed_at: Option<Millis>,
    standing: Standing,
}

/// What the client believes about a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Here,
    Absent,
    /// Absent, because it uses another client: that it answers a probe changes nothing.
    Differs,
}

/// What opening a peer asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// It was open.
    Already,
    /// It is new, and another one may have had to leave for it.
    New {
        /// The one that left.
        closed: Option<UserId>,
    },
}

/// What time brings to a peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It was not written to for long, and is no open peer any more.
    Close(UserId),
    /// It has been silent: ask whether it is there.
    Probe(UserId),
    /// It did not answer in time.
    Lost(UserId),
}

/// The open peers, the most recently used last.
#[derive(Debug, Default)]
pub(super) struct Peers {
    by_use: VecDeque<Peer>,
}

impl Peers {
    /// A frame is sent to this user.
    pub(super) fn open(&mut self, user: UserId, now: Millis) -> Opened {
        if let Some(place) = self.by_use.iter().position(|peer| peer.user == user) {
            if let Some(mut peer) = self.by_use.remove(place) {
                peer.used_at = now;
                self.by_use.push_back(peer);
            }
            return Opened::Already;
        }
        let closed = (self.by_use.len() == OPEN_PEERS_MAX)
            .then(|| self.by_use.pop_front().map(|peer| peer.user))
            .flatten();
        let standing = Standing::Here;
        let peer = Peer { user, used_at: now, heard_at: now, probed_at: None, standing };
        self.by_use.push_back(peer);
        Opened::New { closed }
    }

    /// This user came, or said something. Returns whether the client believed it absent.
    pub(super) fn came(&mut self, user: UserId, now: Millis) -> bool {
        let before = self.heard(user, now).map(|peer| mem::replace(peer, Standing::Here));
        before.is_some_and(|before| before != Standing::Here)
    }

    /// A Session of this user answered. Returns whether the client believed it absent.
    pub(super) fn answered(&mut self, user: UserId, now: Millis) -> bool {
        match self.heard(user, now) {
            Some(standing @ Standing::Absent) => {
                *standing = Standing::Here;
                true
            }
            Some(Standing::Here | Standing::Differs) | None => false,
        }
    }

    /// This user is not there. Returns whether the client believed it here.
    pub(super) fn lost(&mut self, user: UserId, now: Millis) -> bool {
        let before = self.heard(user, now).map(|peer| mem::replace(peer, Standing::Absent));
        before == Some(Standing::Here)
    }

    /// This user is there, with another client, which the client is told as absence.
    pub(super) fn differs(&mut self, user: UserId, now: Millis) {
        if let Some(standing) = self.heard(user, now) {
            *standing = Standing::Differs;
        }
    }

    /// The bus was away: whatever was said meanwhile was missed, so everybody is asked.
    pub(super) fn ask_everybody(&mut self, now: Millis) {
        for peer in &mut self.by_use {
            peer.heard_at = Millis(now.0.saturating_sub(PROBE_AFTER_MS));
            peer.probed_at = None;
            if peer.standing == Standing::Differs {
                peer.standing = Standing::Absent;
            }
        }
    }

    /// The next thing that time has brought; to be asked until there is none.
    pub(super) fn next_due(&mut self, now: Millis) -> Option<Due> {
        let place = self.by_use.iter().position(|peer| peer.deadline() <= now)?;
        let peer = self.by_use.get_mut(place)?;
        let user = peer.user;
        if peer.used_at.plus(OPEN_PEER_MS) <= now {
            self.by_use.remove(place);
            return Some(Due::Close(user));
        }
        if peer.probed_at.take().is_some() {
            peer.heard_at = now;
            Some(Due::Lost(user))
        } else {
            peer.probed_at = Some(now);
            Some(Due::Probe(user))
        }
    }

    /// When time brings the next thing.
    pub(super) fn deadline(&self) -> Option<Millis> {
        self.by_use.iter().map(Peer::deadline).min()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_use.len()
    }

    /// There was news of this user. Its standing, if it is an open peer.
    fn heard(&mut self, user: UserId, now: Millis) -> Option<&mut Standing> {
        let peer = self.by_use.iter_mut().find(|peer| peer.user == user)?;
        peer.heard_at = now;
        peer.probed_at = None;
        Some(&mut peer.standing)
    }
}

impl Peer {
    fn deadline(&self) -> Millis {
        let silent = match self.probed_at {
            Some(at) => at.plus(PROBE_WAIT_MS),
            None => self.heard_at.plus(PROBE_AFTER_MS),
        };
        silent.min(self.used_at.plus(OPEN_PEER_MS))
    }
}
