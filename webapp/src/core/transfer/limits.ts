/** Every number of a transfer, unit last, with the reason for it. */

/** What our chunks hold: small, so that a word waits for little beside a file. */
export const CHUNK_BYTES = 64 * 1024;
/** What a peer's chunks hold at least, all but the last: smaller ones only cost frames. */
export const CHUNK_BYTES_MIN = 4 * 1024;
/** What a peer's chunks hold at most: with seal and routing they fit the binary door's frame. */
export const CHUNK_BYTES_MAX = 192 * 1024;

/** Sent and not acknowledged, in any case: what the receiver's edge keeps before it refuses. */
export const IN_FLIGHT_BYTES_MIN = 512 * 1024;
/** At most, where the line holds as much; and what a receiver grants: 20 MiB/s over 200 ms. */
export const IN_FLIGHT_BYTES_MAX = 4 * 1024 * 1024;
/** A rate counts for as long, and at most twice as long. */
export const RATE_SPAN_MS = 1_000;
/** What seal, head and routing add to a chunk on any leg of its way, rounded up. */
export const FRAME_EXTRA_BYTES = 256;
/** Sent above what the line carries: four chunks, for which, and three for a word, an edge has room. */
export const HEADROOM_BYTES = 4 * (CHUNK_BYTES + FRAME_EXTRA_BYTES);
/** Handed to the socket and not yet gone: more would stand before the next word. */
export const BUFFERED_BYTES_MAX = 128 * 1024;
/** How soon a full socket is looked at again. */
export const BUFFERED_LOOK_MS = 5;

/** A transfer in which nothing moves for so long is over. */
export const IDLE_MS = 10 * 60_000;
/** Files that wait for their turn. */
export const QUEUED_MAX = 16;
/** Transfers of a conversation that are still shown; the oldest that is over leaves first. */
export const SHOWN_MAX = 1_000;

/** The default; the operator may allow more, memory stays the same. */
export const FILE_BYTES_MAX = 50 * 1024 * 1024;
export const VOICE_BYTES_MAX = 10 * 1024 * 1024;
export const VOICE_MS_MAX = 5 * 60_000;
/** For what is played without a limit of its own: a day. */
export const PLAYED_MS_MAX = 24 * 60 * 60_000;
/** What file systems take. */
export const NAME_BYTES_MAX = 255;
/** RFC 6838, section 4.2: 127 for each half. */
export const MIME_CHARS_MAX = 255;

/** A word about progress comes this late at most, unless a gap makes it urgent. */
export const CREDIT_WITHIN_MS = 100;
/** Chunks that do not wait for company before they are acknowledged. */
export const CREDIT_CHUNKS = 3;
/** The server counts these words as talk, 200 a second: half of that is left to people. */
export const CREDIT_EVERY_MS = 10;
/** And 1,000 at once, of which people have more than half: a file of 50 MiB needs fewer than these. */
export const CREDIT_BURST = 400;
/** How often it is said again while nothing comes: such words are never acknowledged. */
export const CREDIT_AGAIN_MS = 1_000;

/** Before the way was measured: RFC 6298, section 2.1. */
export const RESEND_FIRST_MS = 1_000;
export const RESEND_MIN_MS = 300;
export const RESEND_MAX_MS = 4_000;

/** Progress is shown this often at most. */
export const SHOW_EVERY_MS = 200;
