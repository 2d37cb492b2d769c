//! Every number of the protocol, unit last, with the reason for it.
//!
//! Numbers that an operator may change are defaults here and configuration in the edge.

/// Shortest username.
pub const USERNAME_CHARS_MIN: usize = 3;
/// Longest username.
pub const USERNAME_CHARS_MAX: usize = 32;

/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password: longer ones only cost hashing time.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// Smallest public key: a raw Ed25519 key has 32 bytes.
pub const PUBLIC_KEY_BYTES_MIN: usize = 32;
/// Largest public key: room for post-quantum keys.
pub const PUBLIC_KEY_BYTES_MAX: usize = 4_096;

/// Shortest search: one letter would list half of the users.
pub const SEARCH_CHARS_MIN: usize = 2;
/// Longest search: three times the longest name.
pub const SEARCH_CHARS_MAX: usize = 100;
/// People on a page of a search unless asked otherwise.
pub const SEARCH_PAGE_DEFAULT: u32 = 20;
/// People on a page of a search at most.
pub const SEARCH_PAGE_MAX: u32 = 100;

/// Shortest trace id that is taken from a caller.
pub const TRACE_ID_CHARS_MIN: usize = 8;
/// Longest trace id that is taken from a caller.
pub const TRACE_ID_CHARS_MAX: usize = 64;

/// Longest id of a frame: 16 on the binary door; the text door's clients write about 30.
pub const FRAME_ID_BYTES_MAX: usize = 64;
/// Largest frame on the binary door: a chunk of 192 KiB and its header.
pub const FRAME_BYTES_MAX_BINARY: usize = 256 * 1024;
/// Largest frame on the text door: a chunk of 1 MiB in base64 and its JSON.
pub const FRAME_BYTES_MAX_TEXT: usize = 1_536 * 1024;
/// Largest first frame: a token and little else.
pub const FRAME_BYTES_MAX_UNAUTHENTICATED: usize = 4 * 1024;
/// Largest bus payload, headers included; `nats/` configures the broker with the same number.
pub const BUS_PAYLOAD_BYTES_MAX: usize = 2_097_152;

/// How long a socket may stay unauthenticated.
pub const AUTH_WAIT_MS: u64 = 5_000;
/// Silence after which the server pings a socket.
pub const PING_EVERY_MS: u64 = 10_000;
/// How long the answer may take. A ping is sent once: what is lost on the way TCP sends again. With
/// the silence before it, whoever has gone is noticed within 25 s.
pub const PONG_WAIT_MS: u64 = 14_000;

/// Talk frames a connection may send per second, sustained.
pub const TALK_FRAMES_PER_SECOND: u32 = 200;
/// Talk frames a connection may send at once.
pub const TALK_FRAMES_BURST: u32 = 1_000;
/// Bytes of words waiting for a reader, what the queue itself takes included. Of them a peer has a
/// share; what is above it is refused to that peer.
pub const OUTBOX_TALK_BYTES_MAX: usize = 512 * 1024;
/// Words waiting for a reader. Half of them are as many as a browser keeps unacknowledged, so that
/// whoever says them all again at once, and alone, finds room.
pub const OUTBOX_TALK_ITEMS_MAX: usize = 1_024;
/// Bytes of file frames waiting for a slow reader before the chunk is refused to its sender.
pub const OUTBOX_BULK_BYTES_MAX: usize = 512 * 1024;
/// File frames waiting for a slow reader before the chunk is refused to its sender.
pub const OUTBOX_BULK_ITEMS_MAX: usize = 256;
/// Words that may wait for a Session to look at them: what two may say at once arrives in one turn
/// of its thread.
pub const DELIVERIES_TALK_MAX: usize = 2 * TALK_FRAMES_BURST as usize;
/// The same for file frames.
pub const DELIVERIES_BULK_MAX: usize = 256;
/// Bytes that may wait for one listener: as many as a broker keeps for a connection.
pub const LISTENER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Users that a Session counts as people it talks to.
pub const OPEN_PEERS_MAX: usize = 32;
/// How long a peer stays open after the last frame to it.
pub const OPEN_PEER_MS: u64 = 10 * 60 * 1_000;
/// Frames whose refusal can still be told to their sender.
pub const UNANSWERED_FRAMES_MAX: usize = 1_024;
/// Frames remembered for dropping repeats.
pub const REPEAT_WINDOW: usize = 1_024;
/// Silence after which a Session probes its open peers.
pub const PROBE_AFTER_MS: u64 = 10_000;
/// How long an open peer may take to answer a probe.
pub const PROBE_WAIT_MS: u64 = 3_000;

/// When a newer Session repeats its evict.
pub const EVICT_AGAIN_MS: u64 = 1_000;
/// Age from which a Session yields to any other instance of its user.
pub const EVICT_YOUNG_MS: u64 = 2_000;
/// How long a Session that yields may still flush.
pub const EVICT_FLUSH_MS: u64 = 1_000;

/// How long the bus may be away before an edge lets its sockets go.
pub const BUS_AWAY_MS: u64 = 5_000;
/// Longest random wait before such a socket is closed.
pub const BUS_AWAY_SPREAD_MS: u64 = 5_000;

/// How often an edge sees whether the bus still says that nobody is there.
pub const REFUSALS_EVERY_MS: u64 = 30_000;
/// How long the bus may take to say so.
pub const REFUSALS_WAIT_MS: u64 = 1_000;
/// How soon it is asked again when it did not.
pub const REFUSALS_AGAIN_MS: u64 = 3_000;

/// How long before its end a client is told that its token expires.
pub const TOKEN_EXPIRING_MS: u64 = 60_000;
/// How often an open text-door Session asks whether its Login still lives.
pub const LOGIN_CHECK_EVERY_MS: u64 = 15 * 60 * 1_000;

/// Life of an access token.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// How long the end of a Login is kept: as long as the last access token that another replica may
/// have given at the same moment, with its clock a minute ahead and its answer a minute late.
pub const LOGIN_REVOKED_SECONDS: i64 = ACCESS_TOKEN_SECONDS + 2 * 60;
/// Life of a refresh token.
pub const REFRESH_TOKEN_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Logins that one user may have; the oldest is ended.
pub const LOGINS_MAX: usize = 5;
/// Every other use of a refresh token within this time gets the same successor.
pub const REFRESH_GRACE_SECONDS: i64 = 10;
/// Every retry within this time gets the successor while that is still unused.
pub const REFRESH_RETRY_SECONDS: i64 = 60;
/// How old a password login may be for replacing a key.
pub const REAUTHENTICATION_SECONDS: i64 = 10 * 60;

/// How long an edge may judge tokens by itself from the moment at which it asked for the lease.
/// Less than [`REVOKED_WAIT_MS`] by what clocks and threads may differ.
pub const LEASE_MS: u64 = 2_500;
/// How often an edge asks for a lease: twice may fail before it goes stale.
pub const LEASE_EVERY_MS: u64 = 1_000;
/// How soon an edge asks again while the last lease it asked for is not there. An answer takes a
/// few milliseconds; of several replicas one may stand still.
pub const LEASE_AGAIN_MS: u64 = 300;
/// The same after revocations may have been missed.
pub const LEASE_SOON_MS: u64 = 50;
/// How long an edge asks from the mark that it was told last; after that, for everything. A
/// database that was restored in the meantime counts anew, and its marks mean something else.
pub const LEASE_MARK_MS: u64 = 10_000;
/// How long the answer to a lease may take before the edge gives it up.
pub const LEASE_WAIT_MS: u64 = 2_000;
/// Leases that an edge asks for at once: as many as fit into the wait for the first.
pub const LEASES_UNDER_WAY_MAX: usize = 8;
/// How long auth's store may take before the edge is told that there is no lease. Soon enough for
/// the edge to know that auth is there, and to let open sockets go on.
pub const LEASE_STORE_WAIT_MS: u64 = 1_000;
/// How long the gate of an edge is shut before its Sessions tell their clients: a process that
/// stood still for a moment asks first.
pub const GATE_SHUT_TOLD_MS: u64 = 1_000;
/// After a gate was shut this long every socket has to come again, as after a bus that was away
/// that long: revocations are forgotten with the tokens that they mean.
pub const GATE_SHUT_LOST_MS: u64 = BUS_AWAY_MS + BUS_AWAY_SPREAD_MS;
/// How long a leaving edge waits for leases under way, which would count it as there again.
pub const LEAVE_WAIT_MS: u64 = 300;
/// Edges of one deployment that a revocation waits for.
pub const EDGES_MAX: usize = 1_024;
/// How long whoever revokes waits for edges that do not answer, once the bus is known to have it:
/// by then they admit nobody by themselves, and pass nothing on.
pub const REVOKED_WAIT_MS: u64 = 3_000;

/// How long a browser keeps a Channel across a lost Link.
pub const RESUME_WINDOW_MS: u64 = 30_000;
/// Largest file by default.
pub const FILE_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Largest voice message.
pub const VOICE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Smallest chunk on the binary door, all but the last: smaller ones only cost frames.
pub const CHUNK_BYTES_MIN_BINARY: u64 = 4 * 1024;
/// Largest chunk on the text door, before it is sealed: what the original's client sends.
pub const CHUNK_BYTES_MAX_TEXT: u64 = 1024 * 1024;
/// Chunks of a file on the text door.
pub const CHUNKS_MAX_TEXT: u32 = 1_000;
/// File chunks of one sender that may be on their way on the text door: the next is read from the
/// socket when the last but one has been written to its receiver.
pub const CHUNKS_ON_WAY_MAX_TEXT: usize = 2;
/// How long a chunk of the text door may take to be written before its transfer is given up.
pub const CHUNK_WRITTEN_WAIT_MS: u64 = 15_000;
/// Transfers of one connection that are followed at a time.
pub const TRANSFERS_MAX: usize = 32;
/// A transfer in which nothing moves for so long is over.
pub const TRANSFER_IDLE_MS: u64 = 10 * 60 * 1_000;
