/**
 * Whether the peer can be reached while a channel is open: a channel belongs to two browsers and
 * not to their sockets, so a lost one is waited for until the resume window has passed.
 *
 *     up ── link lost, peer gone, frame refused ──▶ reconnecting ── window over ──▶ (cut off)
 *      ▲                                                 │
 *      └───────────── a record of the peer opened ───────┘
 *
 * Only a record that opened leads back: everything else may be said by anybody on the way.
 */

/** When a peer is asked first whether it is back: whom a server lost for a moment, most often is. */
const ASK_FIRST_MS = 500;
/** The wait doubles until it is this long. */
export const ASK_AGAIN_MS = 2_000;

export type Connection =
  | { readonly is: 'up' }
  | {
      readonly is: 'reconnecting';
      /** When the resume window ends. */
      readonly until: number;
      /** When the peer is asked next; `null` while our own link is down. */
      readonly askAt: number | null;
      /** How often it was asked. */
      readonly asks: number;
    };

export const UP: Connection = { is: 'up' };

/** Our own link is down: there is nobody to ask. */
export function unlinked(connection: Connection, windowMs: number, now: number): Connection {
  const until = connection.is === 'up' ? now + windowMs : connection.until;
  return { is: 'reconnecting', until, askAt: null, asks: 0 };
}

/** The peer is away, or the server could not hand a frame over. */
export function unreachable(connection: Connection, windowMs: number, now: number): Connection {
  if (connection.is === 'reconnecting') return connection;
  return { is: 'reconnecting', until: now + windowMs, askAt: now + ASK_FIRST_MS, asks: 0 };
}

/** Asked just now; the answer may take until the next time. */
export function asked(connection: Connection, now: number): Connection {
  if (connection.is === 'up') return connection;
  const asks = connection.asks + 1;
  return { ...connection, asks, askAt: now + Math.min(ASK_FIRST_MS * 2 ** asks, ASK_AGAIN_MS) };
}

export function isLinked(connection: Connection): boolean {
  return connection.is === 'up' || connection.askAt !== null;
}
