//! A world: pages of three users on two edges, who come, talk, move and leave by chance.

use actors_core::session::{Bearer, Config, Effect, Event, Session};
use bus_schemas::auth::Revoked;
use bus_schemas::chat::Bounce;
use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{BadFrame, ClientFrame, Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{ConnId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::limit::{OPEN_PEERS_MAX, REPEAT_WINDOW, TRANSFERS_MAX, UNANSWERED_FRAMES_MAX};
use bus_schemas::secret::Secret;
use bus_schemas::time::{Millis, Timestamp};
use bytes::Bytes;

use super::chance::Chance;
use super::files;
use super::invariants::{Cause, Ledger, Tally};
use super::machine::{Fault, Machine};
use super::network::{Arrival, Conn, EDGES, Network, Said};
use crate::words;

const PEOPLE: [&str; 3] = ["alice", "bob", "carol"];
/// What happens by chance in a world.
const ACTIONS: u64 = 60;
/// How long a world is left alone at its end: two rounds of probes and every deadline.
const REST_MS: u64 = 45_000;
/// More arrivals and ticks than any honest world needs.
const STEPS_MAX: u32 = 100_000;

/// Whether what happens is written down.
pub(crate) enum Log {
    Off,
    Kept(Vec<String>),
}

struct Page {
    user: UserId,
    door: Door,
    instance: Instance,
    attach: u32,
    /// What was sent last, to be sent again.
    last: Option<PeerFrame>,
    /// The last frame of a file that is being sent.
    file: Option<PeerFrame>,
}

struct Socket {
    machine: Machine,
    page: usize,
    edge: usize,
    has_said_auth: bool,
    is_open: bool,
}

struct World {
    now: Millis,
    chance: Chance,
    /// What happens to files, so that whatever else happens in a world does not depend on them.
    file_chance: Chance,
    network: Network,
    ledger: Ledger,
    fault: Fault,
    pages: Vec<Page>,
    sockets: Vec<Socket>,
    frames: u16,
    steps: u32,
    /// How many of four pages use the text door.
    text_pages: u64,
    log: Log,
}

/// Lets a world run. An error says which promise was broken.
pub(crate) fn run(seed: u64, fault: Fault, log: Log) -> Result<Tally, String> {
    let mut chance = Chance::new(seed);
    let text_pages = chance.pick(&[0, 0, 2, 4]).unwrap_or_default();
    let mut world = World {
        now: Millis(10_000),
        chance,
        file_chance: Chance::new(!seed),
        network: Network::default(),
        ledger: Ledger::default(),
        fault,
        pages: Vec::new(),
        sockets: Vec::new(),
        frames: 0,
        steps: 0,
        text_pages,
        log,
    };
    world.live().map_err(|broken| match world.log {
        Log::Off => broken,
        Log::Kept(lines) => format!("{}\n{broken}", lines.join("\n")),
    })
}

impl World {
    fn live(&mut self) -> Result<Tally, String> {
        for name in PEOPLE {
            self.new_page(words::user(name));
            self.open(self.pages.len() - 1);
        }
        for _ in 0..ACTIONS {
            let patience = if self.chance.one_in(10) { 12_000 } else { 600 };
            let ms = 1 + self.chance.below(patience);
            self.pass(ms)?;
            self.act()?;
        }
        self.network.calm();
        for edge in 0..EDGES {
            if self.network.is_away(edge) {
                self.network.mend(self.now, edge);
            }
        }
        self.pass(REST_MS)?;
        if self.open_sockets().any(|conn| self.sockets[conn].machine.session.is_held_back()) {
            return Err("a client is held back for ever".to_owned());
        }
        self.ledger.finish(&self.network.listeners())
    }

    /// Time passes; what arrives and what is due happens on the way.
    fn pass(&mut self, ms: u64) -> Result<(), String> {
        let end = self.now.plus(ms);
        loop {
            let due = self.next_due();
            let arrival = self.network.next_at();
            let next = [due.map(|(at, _)| at), arrival].into_iter().flatten().min();
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err("the world does not come to rest".to_owned());
            }
            self.now = self.now.max(at);
            if arrival == Some(at) {
                self.arrive()?;
            } else if let Some((_, conn)) = due {
                self.drive(conn, Event::Tick, Cause::Other)?;
            }
        }
        self.now = end;
        Ok(())
    }

    fn next_due(&self) -> Option<(Millis, Conn)> {
        let sockets = self.sockets.iter().enumerate();
        sockets.filter_map(|(conn, socket)| Some((socket.machine.session.deadline()?, conn))).min()
    }

    fn arrive(&mut self) -> Result<(), String> {
        for arrival in self.network.arrive(&mut self.chance) {
            match arrival {
                Arrival::Lost { about } => self.ledger.lost(about),
                Arrival::AtSession { conn, event, about } => {
                    let cause = match (&event, about) {
                        (Event::Delivered { .. }, Some(about)) => Cause::Delivery(about),
                        (_, Some(about)) => Cause::Bounce(about),
                        (_, None) => Cause::Other,
                    };
                    self.drive(conn, event, cause)?;
                }
            }
        }
        Ok(())
    }

    /// Something happens to a Session, and what it wants is done.
    fn drive(&mut self, conn: Conn, event: Event, cause: Cause) -> Result<(), String> {
        let before = matches!(self.log, Log::Kept(_)).then(|| format!("{event:?}"));
        let done = self.sockets[conn].machine.handle(self.now, event);
        if let (Log::Kept(lines), Some(event)) = (&mut self.log, before) {
            let done: Vec<String> = done.iter().map(words::effect).collect();
            lines.push(format!("{} #{conn} {event}\n    {done:?}", self.now.0));
        }
        let kept = self.sockets[conn].machine.session.kept();
        if kept.open_peers > OPEN_PEERS_MAX
            || kept.unanswered_frames > UNANSWERED_FRAMES_MAX
            || kept.remembered_frames > REPEAT_WINDOW
            || kept.transfers > TRANSFERS_MAX
        {
            return Err(format!("too much is kept: {kept:?}"));
        }
        self.ledger.did(conn, cause, &done).map_err(|broken| {
            format!("{broken} (connection {conn}, at {} ms, {done:?})", self.now.0)
        })?;
        for effect in done {
            self.perform(conn, effect);
        }
        Ok(())
    }

    fn perform(&mut self, conn: Conn, effect: Effect) {
        let user = self.pages[self.sockets[conn].page].user;
        let said = match effect {
            Effect::CheckToken(_) => return self.check_token(conn, user),
            Effect::CheckLogin(_) => {
                let event = Event::LoginChecked { alive: Some(true) };
                return self.network.tell(self.now, conn, event);
            }
            Effect::Listen(user) => Said::Listen(user),
            Effect::StopListening => Said::StopListening,
            Effect::Deliver { to, n, delivery } => Said::Deliver { to, n, delivery },
            Effect::Answer { reply, bounce } => Said::Answer { reply, bounce },
            Effect::TellPresence(presence) => Said::Presence { user, presence },
            Effect::TellEvict(evict) => Said::Evict { user, evict },
            Effect::Watch(peer) => Said::Watch(peer),
            Effect::Unwatch(peer) => Said::Unwatch(peer),
            Effect::Close(_) => {
                self.sockets[conn].is_open = false;
                Said::End
            }
            Effect::Send(ServerFrame::TokenExpiring { .. }) => return self.renew(conn),
            // Now and then a reader stands still.
            Effect::SendChunk { reply, .. } if !self.file_chance.one_in(10) => {
                Said::Answer { reply, bounce: Bounce::Written }
            }
            Effect::Send(_)
            | Effect::SendChunk { .. }
            | Effect::CountTransfer { .. }
            | Effect::TellSeen
            | Effect::CountRepeat(_) => return,
        };
        self.network.say(self.now, &mut self.chance, conn, said);
    }

    /// Some clients renew their token when they are told to.
    fn renew(&mut self, conn: Conn) {
        if self.chance.one_in(2) {
            let instance = Some(self.pages[self.sockets[conn].page].instance);
            let token = Secret::new("token".to_owned());
            let auth = ClientFrame::Auth { token, instance, attach: 0 };
            let at = self.now.plus(self.chance.below(9_000));
            self.network.tell(at, conn, Event::Frame(auth));
        }
    }

    fn check_token(&mut self, conn: Conn, user: UserId) {
        let outcome = match self.chance.below(40) {
            0 => Err(Code::InvalidToken),
            1 => Err(Code::ServiceUnavailable),
            _ => Ok(Bearer {
                user,
                login: LoginId::from_bytes(*user.as_bytes()),
                token: TokenId::from_bytes(*user.as_bytes()),
                expires_in_ms: self.token_life_ms(conn),
            }),
        };
        let at = self.now.plus(self.chance.below(30));
        self.network.tell(at, conn, Event::TokenChecked(outcome));
    }

    /// Ends well within the last rest, or long after it. A renewed token is of the second kind.
    fn token_life_ms(&mut self, conn: Conn) -> u64 {
        let is_short = self.chance.one_in(3) && !self.ledger.is_live(conn);
        if is_short { 10_000 + self.chance.below(25_000) } else { 900_000 }
    }

    /// Something happens by chance.
    fn act(&mut self) -> Result<(), String> {
        match self.chance.below(100) {
            0..=54 => self.somebody_talks(),
            55..=66 => self.somebody_comes(),
            67..=73 => self.somebody_leaves(),
            74..=76 => {
                let user = self.somebody();
                self.new_page(user);
                self.somebody_comes()
            }
            77..=82 => {
                self.cut_or_mend();
                Ok(())
            }
            83..=85 => self.edge_drains(),
            86..=90 => self.somebody_errs(),
            91..=93 => self.happens(Event::OutboxFull),
            94 => self.happens(Event::Lagged),
            95 => self.somebody_floods(),
            96 => self.somebody_is_revoked(),
            _ => self.happens(Event::Frame(ClientFrame::Ping)),
        }
    }

    fn new_page(&mut self, user: UserId) {
        let door = if self.chance.below(4) < self.text_pages { Door::Text } else { Door::Binary };
        let instance = Instance::from_bytes(self.chance.bytes());
        self.pages.push(Page { user, door, instance, attach: 0, last: None, file: None });
    }

    /// A page opens a socket, besides the one that it may have.
    fn open(&mut self, page: usize) {
        let edge = usize::from(self.chance.one_in(2));
        let Page { user, door, instance, .. } = self.pages[page];
        let conn = ConnId::from_bytes(self.chance.bytes());
        // On the text door every socket is a page of its own.
        let own = match door {
            Door::Text => Instance::from_bytes(self.chance.bytes()),
            Door::Binary => instance,
        };
        let config = Config {
            conn,
            door,
            instance: own,
            talk_frames_per_second: 20,
            talk_frames_burst: 100,
            file_bytes_max: 50 * 1024 * 1024,
        };
        let machine = Machine::new(Session::new(config, self.now), user, self.fault);
        self.sockets.push(Socket { machine, page, edge, has_said_auth: false, is_open: true });
        self.network.join(edge);
        self.ledger.opened(user, door);
    }

    /// Somebody opens a socket, or says who it is on one.
    fn somebody_comes(&mut self) -> Result<(), String> {
        let silent: Vec<Conn> =
            self.open_sockets().filter(|conn| !self.sockets[*conn].has_said_auth).collect();
        let conn = if let Some(conn) = self.chance.pick(&silent) {
            conn
        } else {
            let pages: Vec<usize> = (0..self.pages.len()).collect();
            let page = self.chance.pick(&pages).expect("there are pages");
            self.open(page);
            self.sockets.len() - 1
        };
        if self.chance.one_in(8) { Ok(()) } else { self.say_auth(conn) }
    }

    fn say_auth(&mut self, conn: Conn) -> Result<(), String> {
        self.sockets[conn].has_said_auth = true;
        let page = &mut self.pages[self.sockets[conn].page];
        let attach = page.attach;
        page.attach += 1;
        let instance = (page.door == Door::Binary).then_some(page.instance);
        let token = Secret::new("token".to_owned());
        self.drive(conn, Event::Frame(ClientFrame::Auth { token, instance, attach }), Cause::Other)
    }

    fn somebody_talks(&mut self) -> Result<(), String> {
        let open: Vec<Conn> = self.open_sockets().collect();
        let live: Vec<Conn> =
            open.iter().copied().filter(|conn| self.ledger.is_live(*conn)).collect();
        // Now and then somebody talks too early.
        let from = if self.chance.one_in(25) { open } else { live };
        let Some(conn) = self.chance.pick(&from) else { return self.somebody_comes() };
        for _ in 0..=self.chance.below(3) {
            if self.sockets[conn].is_open {
                self.talk(conn)?;
            }
        }
        Ok(())
    }

    fn talk(&mut self, conn: Conn) -> Result<(), String> {
        if self.sockets[conn].machine.session.is_held_back() {
            self.ledger.held_back();
            return Ok(());
        }
        let page = self.sockets[conn].page;
        let again = self.pages[page].last.clone().filter(|_| self.chance.one_in(6));
        let frame = match again {
            Some(frame) => {
                let raised = u32::from(self.chance.one_in(2));
                PeerFrame { attempt: frame.attempt + raised, ..frame }
            }
            None => self.new_frame(page),
        };
        self.pages[page].last = Some(frame.clone());
        self.say(conn, frame)
    }

    fn new_frame(&mut self, page: usize) -> PeerFrame {
        self.frames += 1;
        let frame = PeerFrame {
            label: self.chance.pick(Label::ALL).expect("there are labels"),
            attempt: 0,
            peer: self.somebody(),
            id: words::id(self.frames),
            part: Part::default(),
            body: Bytes::from_static(b"sealed"),
        };
        let is_sending = self.pages[page].file.is_some() && self.file_chance.one_in(2);
        if !frame.label.is_file() && !is_sending {
            return frame;
        }
        let before = self.pages[page].file.take().filter(|_| !self.file_chance.one_in(20));
        let frame = files::next(before, frame, &mut self.file_chance);
        self.pages[page].file = Some(frame.clone()).filter(|f| f.label != Label::FileComplete);
        frame
    }

    fn say(&mut self, conn: Conn, frame: PeerFrame) -> Result<(), String> {
        let number = self.ledger.says(conn, frame.clone());
        let said = match Announcement::of(&frame) {
            Some(announcement) => ClientFrame::Announce { frame, announcement },
            None => ClientFrame::Peer(frame),
        };
        self.drive(conn, Event::Frame(said), Cause::Frame(number))
    }

    fn somebody_floods(&mut self) -> Result<(), String> {
        let live: Vec<Conn> =
            self.open_sockets().filter(|conn| self.ledger.is_live(*conn)).collect();
        let Some(conn) = self.chance.pick(&live) else { return Ok(()) };
        for _ in 0..self.chance.below(150) {
            let Socket { page, is_open: true, ref machine, .. } = self.sockets[conn] else { break };
            if machine.session.is_held_back() {
                self.ledger.held_back();
                break;
            }
            let frame = self.new_frame(page);
            self.say(conn, frame)?;
        }
        Ok(())
    }

    fn somebody_leaves(&mut self) -> Result<(), String> {
        let open: Vec<Conn> = self.open_sockets().collect();
        let Some(conn) = self.chance.pick(&open) else { return Ok(()) };
        self.drive(conn, Event::SocketClosed, Cause::SocketEnd)
    }

    fn somebody_errs(&mut self) -> Result<(), String> {
        let codes = [Code::MalformedFrame, Code::InvalidPayload, Code::UnknownMessageType];
        let code = self.chance.pick(&codes).unwrap_or(Code::MalformedFrame);
        self.happens(Event::BadFrame(BadFrame { code, id: FrameId::default() }))
    }

    fn somebody_is_revoked(&mut self) -> Result<(), String> {
        let user = self.somebody();
        let login = LoginId::from_bytes(*user.as_bytes());
        let revoked = Revoked { user, login, token: None, until: Timestamp(0) };
        for conn in self.open_sockets().collect::<Vec<_>>() {
            self.drive(conn, Event::RevokedTold(revoked.clone()), Cause::Other)?;
        }
        Ok(())
    }

    fn happens(&mut self, event: Event) -> Result<(), String> {
        let open: Vec<Conn> = self.open_sockets().collect();
        match self.chance.pick(&open) {
            Some(conn) => self.drive(conn, event, Cause::Other),
            None => Ok(()),
        }
    }

    fn edge_drains(&mut self) -> Result<(), String> {
        let edge = usize::from(self.chance.one_in(2));
        let after_ms = self.chance.below(3_000);
        let there: Vec<Conn> =
            self.open_sockets().filter(|conn| self.sockets[*conn].edge == edge).collect();
        for conn in there {
            self.drive(conn, Event::Draining { after_ms }, Cause::Other)?;
        }
        Ok(())
    }

    fn cut_or_mend(&mut self) {
        let edge = usize::from(self.chance.one_in(2));
        if self.network.is_away(edge) {
            self.network.mend(self.now, edge);
        } else {
            self.network.cut(self.now, edge);
        }
    }

    fn somebody(&mut self) -> UserId {
        words::user(self.chance.pick(&PEOPLE).expect("there are people"))
    }

    fn open_sockets(&self) -> impl Iterator<Item = Conn> {
        (0..self.sockets.len()).filter(|conn| self.sockets[*conn].is_open)
    }
}
