//! What may happen to a Session, and what it may want done.

use bus_schemas::auth::Revoked;
use bus_schemas::chat::{Bounce, Delivery, Evict, Presence, Standing};
use bus_schemas::fault::Code;
use bus_schemas::frame::{BadFrame, ClientFrame, Door, PeerFrame, ServerFrame};
use bus_schemas::id::{ConnId, Instance, LoginId, TokenId, UserId};
use bus_schemas::limit::FILE_BYTES_MAX;
use bus_schemas::secret::{self, Secret};
use bus_schemas::topic::Subject;
use serde::{Deserialize, Serialize};

/// What is fixed for the life of a Session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// This connection.
    pub conn: ConnId,
    /// Which encoding its socket speaks.
    pub door: Door,
    /// Stands in for the page's own instance on the text door, which sends none.
    pub instance: Instance,
    /// Talk frames per second, sustained.
    pub talk_frames_per_second: u32,
    /// Talk frames at once.
    pub talk_frames_burst: u32,
    /// Largest file.
    #[serde(default = "file_bytes_max")]
    pub file_bytes_max: u64,
}

/// Captures that were made before files were held to anything do not name it.
const fn file_bytes_max() -> u64 {
    FILE_BYTES_MAX
}

/// Who a token says its bearer is, as far as a Session cares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearer {
    /// The account.
    pub user: UserId,
    /// The Login that the token belongs to.
    pub login: LoginId,
    /// The token.
    pub token: TokenId,
    /// How long it still lives.
    pub expires_in_ms: u64,
}

impl Bearer {
    /// What a Session with this token stands on.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing { login: self.login, token: self.token }
    }
}

/// Where an answer to a delivery goes: the bounce subject that came with it.
pub type ReplyTo = Option<Subject>;

/// What happened. Every event is in the past.
///
/// The names of its variants and fields are those of captures, and so are those of [`Effect`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The client said something.
    Frame(ClientFrame),
    /// The client said something that is no frame of its door.
    BadFrame(BadFrame),
    /// The token that was to be checked is good, or is not.
    TokenChecked(Result<Bearer, Code>),
    /// The bus has confirmed that this user's subjects are listened to; or could not.
    Listening(Result<(), Code>),
    /// A delivery came for this user.
    Delivered {
        /// The envelope.
        delivery: Delivery,
        /// Where a refusal goes.
        reply: ReplyTo,
    },
    /// Something came back for frame `n` of this Session.
    Bounced {
        /// Which frame, as numbered in [`Effect::Deliver`].
        n: u64,
        /// What came back.
        bounce: Bounce,
    },
    /// An open peer came, went or moved.
    PresenceTold {
        /// Who.
        peer: UserId,
        /// What.
        presence: Presence,
    },
    /// A Session of the same user asks the others to yield.
    EvictTold(Evict),
    /// A token or a Login was revoked somewhere.
    RevokedTold(Revoked),
    /// The answer to [`Effect::CheckLogin`].
    LoginChecked {
        /// Whether it still lives; `None` if nobody could say.
        alive: Option<bool>,
    },
    /// The bus cannot be reached, or the edge does not know what was revoked: nobody is to be
    /// reached from here.
    BusLost,
    /// Others can be reached again, and this user's subjects are listened to again.
    BusFound,
    /// Messages of a subscription were lost.
    Lagged,
    /// The outgoing queue has no room for a word of the server's own: the client does not read.
    OutboxFull,
    /// The edge is stopping.
    Draining {
        /// How long this client may take to connect elsewhere.
        after_ms: u64,
    },
    /// The socket has ended, by whichever side.
    SocketClosed,
    /// The moment of [`super::Session::deadline`] has come.
    Tick,
}

/// What is to be done. Effects are imperative and performed in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Check an access token; the outcome is [`Event::TokenChecked`].
    CheckToken(#[serde(with = "secret::withheld")] Secret<String>),
    /// Ask auth whether a Login still lives; the outcome is [`Event::LoginChecked`].
    CheckLogin(LoginId),
    /// Listen to the subjects of this user; the outcome is [`Event::Listening`].
    Listen(UserId),
    /// Stop listening to deliveries: from here on this Session counts as absent.
    StopListening,
    /// Hand a delivery to the bus. If it is refused at once, that is [`Event::Bounced`].
    Deliver {
        /// To whom.
        to: UserId,
        /// The frame's number; it comes back with the bounce.
        n: u64,
        /// The envelope.
        delivery: Delivery,
    },
    /// Answer a delivery.
    Answer {
        /// Where.
        reply: Subject,
        /// What.
        bounce: Bounce,
    },
    /// Send a frame to the client.
    Send(ServerFrame),
    /// Send a file chunk to the client, and answer [`Bounce::Written`] once it has been written.
    SendChunk {
        /// The chunk.
        chunk: PeerFrame,
        /// Where that is answered.
        reply: Subject,
    },
    /// Tell whoever has this user as an open peer.
    TellPresence(Presence),
    /// Ask older Sessions of this user to yield.
    TellEvict(Evict),
    /// Listen to the presence of an open peer.
    Watch(UserId),
    /// Stop that.
    Unwatch(UserId),
    /// Tell the directory that this user is active.
    TellSeen,
    /// Count a repeat that was dropped.
    CountRepeat(bus_schemas::frame::Label),
    /// Count a file transfer that is over.
    CountTransfer {
        /// How it ended.
        how: Transferred,
        /// How long it took.
        ms: u64,
    },
    /// Close the socket after what was sent, and stop listening to everything. Only
    /// [`Effect::Answer`]s follow, to deliveries that were already on their way.
    Close(Close),
}

/// How a file transfer ended, as far as the server can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transferred {
    /// Every chunk was handed on.
    Whole,
    /// It was not.
    Failed(Why),
}

/// Why a file transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Why {
    /// A frame did not fit what was announced, or another file took its place.
    Tracking,
    /// It was called complete and was not.
    Completing,
    /// Nothing moved for too long, or one of the two has gone.
    TimeoutOrDisconnect,
}

impl Why {
    /// One of each.
    pub const ALL: &'static [Self] = &[Self::Tracking, Self::Completing, Self::TimeoutOrDisconnect];
}

/// Why a socket is closed. The doors turn it into a close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Close {
    /// The other side closed.
    Normal,
    /// The first frame was not `auth`.
    AuthenticationRequired,
    /// The `auth` frame was not of the expected shape.
    InvalidAuthPayload,
    /// No `auth` came in time.
    AuthTimeout,
    /// The token was not accepted, or ended.
    NotAuthenticated(Code),
    /// The page moved to another edge and took the conversation along.
    Moved,
    /// The chat was opened elsewhere.
    Superseded,
    /// A frame was not of the expected shape.
    MalformedFrame,
    /// A frame was larger than the door takes.
    FrameTooLarge,
    /// Too many frames in a short time.
    TooManyFrames,
    /// The client does not read.
    SlowReader,
    /// The bus is away, or messages were lost on it.
    BusAway,
    /// The edge is stopping.
    GoingAway,
    /// Something went wrong on our side.
    Internal,
}

impl Close {
    /// One of each reason, in the order of the documentation; a token stands for every code.
    pub const ALL: &'static [Self] = &[
        Self::Normal,
        Self::AuthenticationRequired,
        Self::InvalidAuthPayload,
        Self::AuthTimeout,
        Self::NotAuthenticated(Code::InvalidToken),
        Self::Moved,
        Self::Superseded,
        Self::MalformedFrame,
        Self::FrameTooLarge,
        Self::TooManyFrames,
        Self::SlowReader,
        Self::BusAway,
        Self::GoingAway,
        Self::Internal,
    ];
}
