//! Records what the Sessions and buses of this process do, while a developer asked for it.
//!
//! ```text
//!   Session ── tap ──┐
//!                    ├─▶ Recording: encoded, bounded ──▶ pages, over `dev.capture` (answer)
//!   RecordingBus ────┘
//! ```
//!
//! Whoever records never waits: what finds no room is lost, and the capture says how much and
//! where. A Session that lost a step is recorded no further, so that what there is of it can
//! always be replayed.

pub mod answer;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actors_core::capture::{Veil, write_config, write_effect, write_event};
use actors_core::session::{Config, Effect, Event};
use bus_schemas::bus::{BusError, BusStatus, Gap, Incoming, Outgoing};
use bus_schemas::capture::ask::Plan;
use bus_schemas::capture::{Bodies, Payload, Record, Said, What, Whom, Why, file};
use bus_schemas::chat::Delivery;
use bus_schemas::codec::CodecError;
use bus_schemas::id::{BusId, EdgeId, UserId};
use bus_schemas::time::Millis;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::clock::Stopwatch;

/// Records that wait to be taken.
pub const KEPT_RECORDS_MAX: usize = 16_384;
/// Bytes of them: some seconds of a busy edge between two pages.
pub const KEPT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Steps of a Session that wait until it is known whose it is: its beginning has four.
const HELD_STEPS_MAX: usize = 16;

/// Whether this process may record, and what it records at the moment. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    edge: EdgeId,
    is_running: AtomicBool,
    running: RwLock<Option<Arc<Recording>>>,
}

impl Recorder {
    /// One that never records.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// One that records when it is asked to. Its records carry this name.
    #[must_use]
    pub fn allowed(edge: EdgeId) -> Self {
        let (is_running, running) = (AtomicBool::new(false), RwLock::new(None));
        Self(Some(Arc::new(Shared { edge, is_running, running })))
    }

    /// What is recorded at the moment.
    pub(crate) fn running(&self) -> Option<Arc<Recording>> {
        let shared = self.0.as_ref()?;
        if !shared.is_running.load(Ordering::Relaxed) {
            return None;
        }
        shared.running.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The tap of a Session that is made now.
    pub(crate) fn tap(&self, config: &Config) -> Option<Tap> {
        let recording = self.running()?;
        let opened_at = recording.now()?;
        Some(Tap::open(recording, opened_at, config.clone()))
    }

    /// Begins to record; `None` if this process does not.
    fn begin(&self, plan: &Plan) -> Option<(Arc<Recording>, mpsc::Receiver<Bytes>)> {
        let shared = self.0.as_ref()?;
        let (records, taken) = mpsc::channel(KEPT_RECORDS_MAX);
        let recording = Arc::new(Recording::new(shared.edge, plan, records));
        self.set(Some(Arc::clone(&recording)));
        Some((recording, taken))
    }

    /// Records nothing from here on.
    fn end(&self) {
        self.set(None);
    }

    fn set(&self, running: Option<Arc<Recording>>) {
        let Some(shared) = &self.0 else { return };
        shared.is_running.store(running.is_some(), Ordering::Relaxed);
        *shared.running.write().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

/// What is recorded for one capture.
#[derive(Debug)]
pub(crate) struct Recording {
    edge: EdgeId,
    veil: Veil,
    /// Covers what would be too large with its ciphertext.
    key: [u8; 16],
    users: Vec<UserId>,
    /// The same as they stand in subjects.
    tokens: Vec<String>,
    since: Stopwatch,
    for_time: Duration,
    ended: RwLock<Option<Why>>,
    is_open: AtomicBool,
    records: mpsc::Sender<Bytes>,
    waiting_bytes: AtomicUsize,
    lost: AtomicU64,
}

/// A record found no room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lost;

/// A moment of a recording, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At(u64);

impl Recording {
    fn new(edge: EdgeId, plan: &Plan, records: mpsc::Sender<Bytes>) -> Self {
        let veil = match plan.bodies {
            Bodies::Random => Veil::Random(plan.veil),
            Bodies::Kept => Veil::None,
        };
        Self {
            edge,
            veil,
            key: plan.veil,
            users: plan.users.clone(),
            tokens: plan.users.iter().map(UserId::token).collect(),
            since: Stopwatch::start(),
            for_time: Duration::from_millis(plan.for_ms),
            ended: RwLock::new(None),
            is_open: AtomicBool::new(true),
            records,
            waiting_bytes: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
        }
    }

    /// This moment; nothing once it is over.
    pub(crate) fn now(&self) -> Option<At> {
        if !self.is_open.load(Ordering::Relaxed) {
            return None;
        }
        let elapsed = self.since.elapsed();
        if elapsed >= self.for_time {
            self.close(Why::TimeOver);
            return None;
        }
        Some(At(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)))
    }

    /// Something was handed to the bus.
    pub(crate) fn published(
        &self,
        at: At,
        bus: BusId,
        message: &Outgoing,
        outcome: Result<(), BusError>,
    ) {
        if self.concerns(&message.subject, &message.payload) {
            self.push(at, |veil| {
                let said = Said::outgoing(message, &|body| veil.cover(body));
                Ok(What::Published { bus, said, outcome })
            });
        }
    }

    /// Somebody listens.
    pub(crate) fn subscribed(
        &self,
        at: At,
        bus: BusId,
        subject: &Subject,
        group: Option<&'static str>,
        outcome: Result<(), BusError>,
    ) {
        if self.concerns(subject, &Bytes::new()) {
            self.push(at, |_| {
                let (subject, group) = (subject.clone(), group.map(str::to_owned));
                Ok(What::Subscribed { bus, subject, group, outcome })
            });
        }
    }

    /// Something was heard.
    pub(crate) fn heard(&self, at: At, bus: BusId, item: &Result<Incoming, Gap>) {
        match item {
            Ok(message) if self.concerns(&message.subject, &message.payload) => {
                self.push(at, |veil| {
                    let said = Said::incoming(message, &|body| veil.cover(body));
                    Ok(What::Heard { bus, said: Some(said) })
                });
            }
            Ok(_) => {}
            Err(Gap) => self.push(at, |_| Ok(What::Heard { bus, said: None })),
        }
    }

    /// Something is asked. Whether the answer belongs into the capture as well.
    pub(crate) fn asked(&self, at: At, bus: BusId, n: u64, message: &Outgoing, whom: Whom) -> bool {
        let concerns = self.concerns(&message.subject, &message.payload);
        if concerns {
            self.push(at, |veil| {
                let said = Said::outgoing(message, &|body| veil.cover(body));
                Ok(What::Asked { bus, n, said, whom })
            });
        }
        concerns
    }

    /// An answer came, or none did.
    pub(crate) fn answered(
        &self,
        at: At,
        bus: BusId,
        n: u64,
        subject: &Subject,
        answer: &Result<Bytes, BusError>,
    ) {
        self.push(at, |veil| {
            let keep = |bytes| Payload::of(subject, bytes, &|body| veil.cover(body));
            let answer = answer.as_ref().map(keep).map_err(|error| *error);
            Ok(What::Answered { bus, n, answer })
        });
    }

    /// The bus came or went.
    pub(crate) fn status(&self, at: At, bus: BusId, status: BusStatus) {
        self.push(at, |_| Ok(What::Status { bus, status }));
    }

    /// Whether a message is of the users that this capture is about, where it names any: what is
    /// said to them or by them.
    fn concerns(&self, subject: &Subject, payload: &Bytes) -> bool {
        if self.users.is_empty() {
            return true;
        }
        let is_to_them = |token: &String| subject.as_str().ends_with(token.as_str());
        self.tokens.iter().any(is_to_them)
            || subject.as_str().starts_with("chat.")
                && Delivery::decode(payload)
                    .is_ok_and(|delivery| self.users.contains(&by(&delivery)))
    }

    /// Puts a record into the buffer, or counts it as lost.
    fn push(&self, at: At, make: impl Fn(&Veil) -> Result<What, CodecError>) {
        // Lost it may be: the gap will say so.
        drop(self.try_push(at, make));
    }

    fn try_push(
        &self,
        at: At,
        make: impl Fn(&Veil) -> Result<What, CodecError>,
    ) -> Result<(), Lost> {
        self.tell_gap(at);
        let whole = self.encode(at, &self.veil, &make);
        // Too large with its ciphertext, or of no kind that can be written.
        let record = whole.or_else(|_| self.encode(at, &Veil::Random(self.key), &make));
        record.map_err(|_| Lost).and_then(|record| self.put(record)).inspect_err(|_| self.lose())
    }

    fn encode(
        &self,
        at: At,
        veil: &Veil,
        make: impl Fn(&Veil) -> Result<What, CodecError>,
    ) -> Result<Bytes, CodecError> {
        let (At(at_us), what) = (at, make(veil)?);
        file::encode(&Record { edge: self.edge, at_us, bodies: veil.bodies(), what })
    }

    /// Says that records are missing as soon as there is room to say so.
    fn tell_gap(&self, at: At) {
        if self.lost.load(Ordering::Relaxed) == 0 {
            return;
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let told = self.encode(at, &self.veil, |_| Ok(What::Gap { lost }));
        if told.map_err(|_| Lost).and_then(|record| self.put(record)).is_err() {
            self.lost.fetch_add(lost, Ordering::Relaxed);
        }
    }

    fn put(&self, record: Bytes) -> Result<(), Lost> {
        let bytes = record.len();
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if waiting + bytes > KEPT_BYTES_MAX || self.records.try_send(record).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Lost);
        }
        Ok(())
    }

    fn lose(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// A record left the buffer.
    fn took(&self, record: &Bytes) {
        self.waiting_bytes.fetch_sub(record.len(), Ordering::Relaxed);
    }

    fn close(&self, why: Why) {
        self.ended.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.is_open.store(false, Ordering::Relaxed);
    }

    /// Why it records no more.
    fn ended(&self) -> Option<Why> {
        // Whoever asks finds out whether the time is over.
        if self.now().is_some() {
            return None;
        }
        *self.ended.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last record.
    fn farewell(&self) -> Option<Bytes> {
        let why = self.ended()?;
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let at = At(u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX));
        self.encode(at, &self.veil, |_| Ok(What::Ended { lost, why })).ok()
    }
}

fn by(delivery: &Delivery) -> UserId {
    match delivery {
        Delivery::Frame { frame, .. } => frame.peer,
        Delivery::Probe { from, .. } => *from,
    }
}

/// Stands where a Session is driven.
pub(crate) struct Tap {
    recording: Arc<Recording>,
    opened_at: At,
    state: TapState,
}

enum TapState {
    /// It is not known yet whose Session it is, and only some users are recorded.
    Held(Config, Vec<Step>),
    /// Every step is written.
    Writing(Config),
    /// A step was lost: no other is written.
    Torn,
}

/// What happened to a Session, and what it wanted done.
pub(crate) struct Step {
    at: At,
    now: Millis,
    event: Event,
    /// In order.
    pub(crate) effects: Vec<Effect>,
}

/// Whether a tap is of use any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goes {
    On,
    Away,
}

impl Tap {
    fn open(recording: Arc<Recording>, opened_at: At, config: Config) -> Self {
        let is_for_all = recording.users.is_empty();
        let state =
            if is_for_all { TapState::Writing(config) } else { TapState::Held(config, Vec::new()) };
        let mut tap = Self { recording, opened_at, state };
        if is_for_all {
            tap.write_opened();
        }
        tap
    }

    /// The beginning of a step; `None` if nothing is recorded any more.
    pub(crate) fn step(&self, now: Millis, event: &Event) -> Option<Step> {
        let at = self.recording.now()?;
        Some(Step { at, now, event: event.clone(), effects: Vec::new() })
    }

    /// The end of a step of a Session that is this user's, as far as is known.
    pub(crate) fn write(&mut self, step: Step, user: Option<UserId>) -> Goes {
        match (&mut self.state, user) {
            (TapState::Held(_, held), None) => {
                if held.len() == HELD_STEPS_MAX {
                    return Goes::Away;
                }
                held.push(step);
            }
            (TapState::Held(..), Some(user)) if !self.recording.users.contains(&user) => {
                return Goes::Away;
            }
            (TapState::Held(config, held), Some(_)) => {
                let steps = std::mem::take(held);
                self.state = TapState::Writing(config.clone());
                self.write_opened();
                steps.into_iter().chain([step]).for_each(|step| self.put(&step));
            }
            (TapState::Writing(_), _) => self.put(&step),
            (TapState::Torn, _) => self.recording.lose(),
        }
        Goes::On
    }

    fn write_opened(&mut self) {
        let TapState::Writing(config) = &self.state else { return };
        let opened = self.recording.try_push(self.opened_at, |_| {
            let (conn, now, config) = (config.conn, Millis(0), write_config(config)?);
            Ok(What::Opened { conn, now, config })
        });
        if opened.is_err() {
            self.state = TapState::Torn;
        }
    }

    fn put(&mut self, step: &Step) {
        let TapState::Writing(config) = &self.state else { return self.recording.lose() };
        let written = self.recording.try_push(step.at, |veil| {
            let effects = step.effects.iter().map(|effect| write_effect(effect, veil));
            Ok(What::Stepped {
                conn: config.conn,
                now: step.now,
                event: write_event(&step.event, veil)?,
                effects: effects.collect::<Result<_, _>>()?,
            })
        });
        if written.is_err() {
            self.state = TapState::Torn;
        }
    }
}
