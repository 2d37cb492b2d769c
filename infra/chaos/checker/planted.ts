/** A history that is right, for tests to plant one wrong in: Alice and Bob say three words each. */
import type { ClientEvent, Count, Deed, Fault, History } from './history.ts';

export const CHANNEL = '1-2-3';

/** Times are given as the story goes on, one millisecond after the other. */
export class Tale {
  #now = 0;
  readonly events: ClientEvent[] = [];

  /** The next thing that happens. */
  tell(who: string, deed: Deed, afterMs = 1): this {
    this.#now += afterMs;
    this.events.push({ at: this.#now, who, ...deed } as ClientEvent);
    return this;
  }

  opened(): this {
    return this.tell('alice', { did: 'opened', channel: CHANNEL, peer: 'bob' }).tell('bob', {
      did: 'opened',
      channel: CHANNEL,
      peer: 'alice',
    });
  }

  says(who: string, word: string, channel = CHANNEL): this {
    this.tell(who, { did: 'said', word, channel, peer: other(who) });
    return this.tell(who, { did: 'showed', word, frame: `frame of ${word}` });
  }

  sees(who: string, word: string, peer = other(who), channel = CHANNEL): this {
    return this.tell(who, { did: 'displayed', word, channel, peer });
  }

  learns(who: string, word: string, did: 'delivered' | 'read' = 'delivered'): this {
    return this.tell(who, { did, word, channel: CHANNEL });
  }

  connection(who: string, is: 'up' | 'reconnecting', afterMs = 1): this {
    return this.tell(who, { did: 'connection', is, channel: CHANNEL }, afterMs);
  }

  ends(who: string, why = 'cutOff', unconfirmed = 0, afterMs = 1): this {
    return this.tell(who, { did: 'ended', channel: CHANNEL, why, unconfirmed }, afterMs);
  }

  /** Said, displayed and confirmed. */
  exchanged(who: string, word: string): this {
    return this.says(who, word).sees(other(who), word).learns(who, word);
  }

  history(rest: Partial<History> = {}): History {
    return { events: this.events, faults: [], counts: [], resumeWindowMs: 30_000, ...rest };
  }
}

function other(who: string): string {
  return who === 'alice' ? 'bob' : 'alice';
}

/** Three words of each, all of them well. */
export function goodTale(): Tale {
  const tale = new Tale().opened();
  for (const n of [1, 2, 3]) tale.exchanged('alice', `a${n}`).exchanged('bob', `b${n}`);
  return tale;
}

/** The good tale without what `isGone` says. */
export function without(isGone: (event: ClientEvent) => boolean): History {
  const tale = goodTale();
  return { ...tale.history(), events: tale.events.filter((event) => !isGone(event)) };
}

export function faultOf(fault: Partial<Fault>): Fault {
  return { kind: 'edge-kill', target: 'edge-1', begin: 0, end: 0, touched: [], ...fault };
}

export function countOf(count: Partial<Count>): Count {
  const figures = { received: 10, published: 7, refused: 1, repeated: 1, late: 1 };
  return { at: 0, edge: 'edge-1', start: 1, look: 1, ...figures, ...count };
}
