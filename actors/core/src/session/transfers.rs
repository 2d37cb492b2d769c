//! The files that a client is sending: whether each frame of one fits what was announced, and when
//! a transfer is over.
//!
//! On the text door everything is announced in the clear and held to: order, number, bytes. Chunks
//! are large there, so at most two are on their way; the next is not even read before one of them
//! has been written to its receiver. On the binary door the server sees places and counts only, a
//! transfer goes on over another connection, and the receiving browser's credit holds the sender.

use std::collections::{BTreeSet, VecDeque};

use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{Door, Label, Part, PeerFrame};
use bus_schemas::id::{FrameId, UserId};
use bus_schemas::limit::{
    CHUNK_BYTES_MIN_BINARY, CHUNK_WRITTEN_WAIT_MS, CHUNKS_ON_WAY_MAX_TEXT, TRANSFER_IDLE_MS,
    TRANSFERS_MAX,
};
use bus_schemas::time::Millis;

use super::announced::{self, Announced};
use super::event::{Effect, Transferred, Why};
use super::repeats::FrameKey;

/// What JSON adds to the sealed bytes of a chunk, its ids included.
const JSON_BYTES_MAX: u64 = 512;
/// What the seal adds to a chunk.
const SEAL_BYTES: u64 = 16;

/// The files that one connection is sending.
#[derive(Debug)]
pub(super) struct Transfers {
    door: Door,
    bytes_max: u64,
    running: Vec<Transfer>,
    /// Chunks of the text door that were handed on and not written yet, the oldest first.
    on_way: VecDeque<OnWay>,
}

/// One file on its way to a peer.
#[derive(Debug)]
struct Transfer {
    peer: UserId,
    /// On the binary door each frame has an id of its own, so there it is one file per peer.
    id: Option<FrameId>,
    count: u32,
    /// The chunk that comes next, on the text door.
    next: u32,
    /// Chunks that were refused and may come again.
    again: BTreeSet<u32>,
    /// How large a chunk's frame may be.
    frame_bytes_max: u64,
    begun: Millis,
    moved: Millis,
}

#[derive(Debug)]
struct OnWay {
    key: FrameKey,
    since: Millis,
}

impl Transfers {
    pub(super) const fn new(door: Door, bytes_max: u64) -> Self {
        Self { door, bytes_max, running: Vec::new(), on_way: VecDeque::new() }
    }

    /// Whether a file frame may be handed on.
    pub(super) fn admit(
        &mut self,
        now: Millis,
        frame: &PeerFrame,
        announcement: Option<&Announcement>,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Code> {
        match (self.door, frame.label) {
            (Door::Text, Label::FileStart) => self.announced(now, frame, announcement),
            (Door::Text, Label::FileChunk) => self.chunk(now, frame, out),
            (Door::Text, Label::FileComplete) => self.complete(now, frame, out),
            (Door::Binary, label) if label.is_file() => self.sealed(now, frame, out),
            (Door::Text | Door::Binary, _) => Ok(()),
        }
    }

    /// A frame of a file was refused: it may come again.
    pub(super) fn refused(&mut self, key: &FrameKey) {
        self.written(key);
        if self.door == Door::Text
            && key.label == Label::FileChunk
            && let Some(transfer) = self.running.iter_mut().find(|t| t.is_of(key.peer, &key.id))
        {
            transfer.again.insert(key.index);
        }
    }

    /// A chunk was written to its receiver, or will never be.
    pub(super) fn written(&mut self, key: &FrameKey) {
        self.on_way.retain(|on_way| on_way.key != *key);
    }

    /// A peer is not there any more, and on the text door nor are its keys.
    pub(super) fn gone(&mut self, peer: UserId, now: Millis, out: &mut VecDeque<Effect>) {
        if self.door == Door::Text {
            self.on_way.retain(|on_way| on_way.key.peer != peer);
            self.give_up(Why::TimeoutOrDisconnect, now, out, |transfer| transfer.peer == peer);
        }
    }

    /// The connection has ended, and on the text door so has whatever was sent over it.
    pub(super) fn end(&mut self, now: Millis, out: &mut VecDeque<Effect>) {
        if self.door == Door::Text {
            self.on_way.clear();
            self.give_up(Why::TimeoutOrDisconnect, now, out, |_| true);
        }
    }

    /// What time has ended. Whoever is not written to in time is told to the sender.
    pub(super) fn due(&mut self, now: Millis, out: &mut VecDeque<Effect>) -> Vec<FrameId> {
        self.give_up(Why::TimeoutOrDisconnect, now, out, |transfer| transfer.idle_at() <= now);
        let mut late = Vec::new();
        while let Some(OnWay { key, .. }) = self.on_way.pop_front_if(|way| way.late_at() <= now) {
            let FrameKey { peer, id, .. } = key;
            self.on_way.retain(|way| way.key.peer != peer || way.key.id != id);
            self.give_up(Why::TimeoutOrDisconnect, now, out, |transfer| transfer.is_of(peer, &id));
            late.push(id);
        }
        late
    }

    /// When time ends something.
    pub(super) fn deadline(&self) -> Option<Millis> {
        let idle = self.running.iter().map(Transfer::idle_at).min();
        let late = self.on_way.front().map(OnWay::late_at);
        [idle, late].into_iter().flatten().min()
    }

    /// Whether nothing more is to be read from the client before a chunk was written.
    pub(super) fn is_full(&self) -> bool {
        self.on_way.len() >= CHUNKS_ON_WAY_MAX_TEXT
    }

    /// How many are followed.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// `file_start` of the text door.
    fn announced(
        &mut self,
        now: Millis,
        frame: &PeerFrame,
        announcement: Option<&Announcement>,
    ) -> Result<(), Code> {
        let announcement = announcement.ok_or(Code::InvalidPayload)?;
        let announced = announced::judge(announcement, self.bytes_max)?;
        if frame.id.is_empty() || self.find(frame).is_some() {
            return Err(Code::InvalidPayload);
        }
        self.begin(Transfer::announced(now, frame, announced))
    }

    /// `file_chunk` of the text door. What does not fit what was announced ends the transfer.
    fn chunk(
        &mut self,
        now: Millis,
        frame: &PeerFrame,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Code> {
        let place = self.find(frame).ok_or(Code::InvalidPayload)?;
        let fits = self.running.get_mut(place).is_some_and(|transfer| transfer.takes(now, frame));
        if !fits {
            self.over(place, Transferred::Failed(Why::Tracking), now, out);
            return Err(Code::InvalidPayload);
        }
        self.on_way.push_back(OnWay { key: FrameKey::of(frame), since: now });
        Ok(())
    }

    /// `file_complete` of the text door. An incomplete file is not passed on as complete.
    fn complete(
        &mut self,
        now: Millis,
        frame: &PeerFrame,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Code> {
        let place = self.find(frame).ok_or(Code::InvalidPayload)?;
        if self.running.get(place).is_some_and(Transfer::is_whole) {
            self.over(place, Transferred::Whole, now, out);
            return Ok(());
        }
        self.over(place, Transferred::Failed(Why::Completing), now, out);
        Err(Code::InvalidTotalChunks)
    }

    /// A file frame of the binary door. A chunk without a beginning is of a transfer that began on
    /// another connection.
    fn sealed(
        &mut self,
        now: Millis,
        frame: &PeerFrame,
        out: &mut VecDeque<Effect>,
    ) -> Result<(), Code> {
        let Part { index, count } = frame.part;
        let most = self.bytes_max.div_ceil(CHUNK_BYTES_MIN_BINARY);
        let is_end = frame.label == Label::FileComplete;
        if count == 0 || u64::from(count) > most || index > count || (index == count && !is_end) {
            return Err(Code::InvalidTotalChunks);
        }
        let known = self.running.iter().position(|transfer| transfer.peer == frame.peer);
        let same = known.filter(|place| {
            let begins = frame.label == Label::FileStart;
            !begins && self.running.get(*place).is_some_and(|transfer| transfer.count == count)
        });
        match (same, known) {
            (Some(place), _) if is_end => self.over(place, Transferred::Whole, now, out),
            (Some(place), _) => {
                if let Some(transfer) = self.running.get_mut(place) {
                    transfer.moved = now;
                }
            }
            (None, _) if is_end => {}
            (None, known) => {
                if let Some(place) = known {
                    self.over(place, Transferred::Failed(Why::Tracking), now, out);
                }
                return self.begin(Transfer::sealed(now, frame));
            }
        }
        Ok(())
    }

    fn find(&self, frame: &PeerFrame) -> Option<usize> {
        self.running.iter().position(|transfer| transfer.is_of(frame.peer, &frame.id))
    }

    fn begin(&mut self, transfer: Transfer) -> Result<(), Code> {
        if self.running.len() == TRANSFERS_MAX {
            return Err(Code::TooManyRequests);
        }
        self.running.push(transfer);
        Ok(())
    }

    fn over(&mut self, place: usize, how: Transferred, now: Millis, out: &mut VecDeque<Effect>) {
        let transfer = self.running.swap_remove(place);
        out.push_back(Effect::CountTransfer { how, ms: now.since(transfer.begun) });
    }

    fn give_up(
        &mut self,
        why: Why,
        now: Millis,
        out: &mut VecDeque<Effect>,
        which: impl Fn(&Transfer) -> bool,
    ) {
        while let Some(place) = self.running.iter().position(&which) {
            self.over(place, Transferred::Failed(why), now, out);
        }
    }
}

impl Transfer {
    fn announced(now: Millis, frame: &PeerFrame, announced: Announced) -> Self {
        let Announced { chunks, chunk_bytes, bytes } = announced;
        let sealed = chunk_bytes.min(bytes) + SEAL_BYTES;
        Self {
            id: Some(frame.id.clone()),
            count: chunks,
            // In base64 three bytes are four.
            frame_bytes_max: sealed.div_ceil(3) * 4 + JSON_BYTES_MAX,
            ..Self::sealed(now, frame)
        }
    }

    fn sealed(now: Millis, frame: &PeerFrame) -> Self {
        Self {
            peer: frame.peer,
            id: None,
            count: frame.part.count,
            next: 0,
            again: BTreeSet::new(),
            frame_bytes_max: u64::MAX,
            begun: now,
            moved: now,
        }
    }

    fn is_of(&self, peer: UserId, id: &FrameId) -> bool {
        self.peer == peer && self.id.as_ref() == Some(id)
    }

    /// Whether this chunk is the next one, or one that was refused; then it has been taken.
    fn takes(&mut self, now: Millis, frame: &PeerFrame) -> bool {
        let Part { index, count } = frame.part;
        let bytes = u64::try_from(frame.body.len()).unwrap_or(u64::MAX);
        let in_turn = index == self.next || self.again.contains(&index);
        if !in_turn || index >= self.count || count != self.count || bytes > self.frame_bytes_max {
            return false;
        }
        if !self.again.remove(&index) {
            self.next += 1;
        }
        self.moved = now;
        true
    }

    fn is_whole(&self) -> bool {
        self.next == self.count && self.again.is_empty()
    }

    fn idle_at(&self) -> Millis {
        self.moved.plus(TRANSFER_IDLE_MS)
    }
}

impl OnWay {
    fn late_at(&self) -> Millis {
        self.since.plus(CHUNK_WRITTEN_WAIT_MS)
    }
}
