//! Would the machine do again what it did? Recorded events go to fresh Sessions, and what those
//! want done is compared with what was recorded.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use bus_schemas::capture::{Record, What};
use bus_schemas::id::ConnId;
use bus_schemas::time::Millis;
use bytes::Bytes;

use super::{read_config, read_effect, read_event, words};
use crate::session::{Effect, Session};

/// Sessions of one capture: more than an edge opens in the time that a file holds.
pub const SESSIONS_MAX: usize = 65_536;

/// Feeds a capture, record by record.
#[derive(Debug, Default)]
pub struct Replay {
    sessions: BTreeMap<ConnId, Session>,
    done: Done,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Sessions.
    pub sessions: usize,
    /// Events that were given to them.
    pub events: usize,
    /// Effects that were the same.
    pub effects: usize,
    /// Records that the capture says it lost. A Session that lost one ends there.
    pub lost: u64,
}

/// Why the replay stops.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The machine does something else.
    #[error("{0}")]
    Differs(Box<Difference>),
    /// A record holds no configuration, event or effect of this program.
    #[error("record {0} is not of this machine")]
    Unreadable(usize),
    /// A step of a Session of which there is no beginning, or a second beginning.
    #[error("record {0} is of a Session that did not begin, or began before")]
    OutOfPlace(usize),
    /// More Sessions than any capture has.
    #[error("record {0} begins more Sessions than a capture has")]
    TooMany(usize),
}

/// The first thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which record of the file, from 1.
    pub record: usize,
    /// Of which Session.
    pub conn: ConnId,
    /// What happened to it.
    pub event: String,
    /// Which of its effects, from 1.
    pub place: usize,
    /// What the capture says was done.
    pub expected: Option<Effect>,
    /// What the machine does.
    pub came: Option<Effect>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conn = words::short(self.conn.as_bytes());
        writeln!(f, "record {}, Session {conn}: after {}", self.record, self.event)?;
        writeln!(f, "  effect {} was  {}", self.place, Told(self.expected.as_ref()))?;
        write!(f, "  effect {} is   {}", self.place, Told(self.came.as_ref()))?;
        if let (Some(expected), Some(came)) = (&self.expected, &self.came)
            && words::effect(expected) == words::effect(came)
        {
            // Alike in words: the difference is in what words leave out.
            write!(f, "\n  was  {expected:?}\n  is   {came:?}")?;
        }
        Ok(())
    }
}

/// An effect in words, or that there is none.
struct Told<'a>(Option<&'a Effect>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(effect) => f.write_str(&words::effect(effect)),
            None => f.write_str("nothing more"),
        }
    }
}

impl Replay {
    /// Takes the next record of the file, which has this number.
    pub fn feed(&mut self, place: usize, record: &Record) -> Result<(), Stop> {
        match &record.what {
            What::Opened { conn, now, config } => self.open(place, *conn, *now, config),
            What::Stepped { conn, now, event, effects } => {
                let step = Step { place, conn: *conn, now: *now, event, effects, of: record };
                self.step(&step)
            }
            What::Gap { lost } | What::Ended { lost, .. } => {
                self.done.lost = self.done.lost.saturating_add(*lost);
                Ok(())
            }
            What::Published { .. }
            | What::Subscribed { .. }
            | What::Heard { .. }
            | What::Asked { .. }
            | What::Answered { .. }
            | What::Status { .. } => Ok(()),
        }
    }

    /// What was compared so far.
    #[must_use]
    pub fn done(&self) -> Done {
        self.done
    }

    fn open(
        &mut self,
        place: usize,
        conn: ConnId,
        now: Millis,
        config: &Bytes,
    ) -> Result<(), Stop> {
        let config = read_config(config).map_err(|_| Stop::Unreadable(place))?;
        if config.conn != conn {
            return Err(Stop::OutOfPlace(place));
        }
        if self.sessions.len() == SESSIONS_MAX {
            return Err(Stop::TooMany(place));
        }
        match self.sessions.entry(conn) {
            Entry::Occupied(_) => return Err(Stop::OutOfPlace(place)),
            Entry::Vacant(free) => free.insert(Session::new(config, now)),
        };
        self.done.sessions += 1;
        Ok(())
    }

    fn step(&mut self, step: &Step<'_>) -> Result<(), Stop> {
        let unreadable = |_| Stop::Unreadable(step.place);
        let session = self.sessions.get_mut(&step.conn).ok_or(Stop::OutOfPlace(step.place))?;
        let event = read_event(step.event, step.of.bodies).map_err(unreadable)?;
        let told = words::event(&event);
        session.handle(step.now, event);
        self.done.events += 1;
        let mut expected = step.effects.iter();
        for place in 1.. {
            let came = session.next_effect();
            let was = expected.next().map(|bytes| read_effect(bytes, step.of.bodies)).transpose();
            let was = was.map_err(unreadable)?;
            if came != was {
                let (record, conn, event) = (step.place, step.conn, told);
                let difference = Difference { record, conn, event, place, expected: was, came };
                return Err(Stop::Differs(Box::new(difference)));
            }
            if came.is_none() {
                break;
            }
            self.done.effects += 1;
        }
        Ok(())
    }
}

struct Step<'a> {
    place: usize,
    conn: ConnId,
    now: Millis,
    event: &'a Bytes,
    effects: &'a [Bytes],
    of: &'a Record,
}
