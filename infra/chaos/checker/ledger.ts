/** Puts a history in order: every word with all that became of it, every conversation by its channel. */
import type { ClientEvent } from './history.ts';

export type Display = { readonly at: number; readonly who: string; readonly peer: string };

/** A word and all that became of it. */
export type Word = {
  readonly word: string;
  readonly by: string;
  readonly to: string;
  readonly channel: string;
  readonly saidAt: number;
  /** Which of its side of the conversation it is, from 0. */
  readonly place: number;
  readonly displays: (Display & { readonly channel: string })[];
  readonly confirmed: { readonly is: 'delivered' | 'read'; readonly at: number }[];
  /** How often its frame was sent again. */
  resends: number;
};

/** One side of a conversation. */
export type Side = {
  readonly channel: string;
  readonly who: string;
  readonly peer: string;
  readonly openedAt: number;
  readonly said: Word[];
  /** The words of the peer in the order in which they were displayed. */
  readonly heard: string[];
  readonly connection: { readonly is: 'up' | 'reconnecting'; readonly at: number }[];
  ended: { readonly at: number; readonly why: string; readonly unconfirmed: number } | null;
};

export type Ledger = {
  readonly words: ReadonlyMap<string, Word>;
  /** Displays of words that nobody said. */
  readonly unsaid: readonly (Display & { readonly word: string })[];
  /** Words that were said more than once: the run itself is wrong. */
  readonly saidTwice: readonly string[];
  readonly sides: readonly Side[];
  /** When each client's own link broke. */
  readonly breaks: ReadonlyMap<string, readonly number[]>;
  /** Attempts that never had a channel, by why they ended. */
  readonly attempts: ReadonlyMap<string, number>;
};

type Said = ClientEvent & { did: 'said' };

export function ledgerOf(events: readonly ClientEvent[]): Ledger {
  const words = new Map<string, Word>();
  const sides = new Map<string, Side>();
  const frames = new Map<string, string>();
  const attempts = new Map<string, number>();
  const breaks = new Map<string, number[]>();
  const saidTwice: string[] = [];
  const sideOf = (event: { at: number; who: string }, channel: string, peer: string): Side => {
    const key = `${event.who} ${channel}`;
    const side = sides.get(key) ?? newSide(event, channel, peer);
    sides.set(key, side);
    return side;
  };
  const say = (event: Said) => {
    const side = sideOf(event, event.channel, event.peer);
    const word = wordOf(event, side.said.length);
    if (words.has(word.word)) saidTwice.push(word.word);
    words.set(word.word, word);
    side.said.push(word);
  };
  // Words first: what one client displayed may be written before what the other said.
  for (const event of events) if (event.did === 'said') say(event);
  const unsaid: Ledger['unsaid'][number][] = [];
  for (const event of events) {
    switch (event.did) {
      case 'opened':
        sideOf(event, event.channel, event.peer);
        break;
      case 'showed':
        frames.set(`${event.who} ${event.frame}`, event.word);
        break;
      case 'displayed': {
        const { at, who, peer, channel, word } = event;
        const known = words.get(word);
        sideOf(event, channel, peer).heard.push(word);
        if (known === undefined) unsaid.push({ at, who, peer, word });
        else known.displays.push({ at, who, peer, channel });
        break;
      }
      case 'delivered':
      case 'read':
        words.get(event.word)?.confirmed.push({ is: event.did, at: event.at });
        break;
      case 'connection':
        sideOf(event, event.channel, '').connection.push({ is: event.is, at: event.at });
        break;
      case 'ended':
        if (event.channel === '') attempts.set(event.why, (attempts.get(event.why) ?? 0) + 1);
        else sideOf(event, event.channel, '').ended = event;
        break;
      case 'link':
        if (event.is === 'reconnecting') {
          breaks.set(event.who, [...(breaks.get(event.who) ?? []), event.at]);
        }
        break;
      default:
        break;
    }
  }
  countResends(events, frames, words);
  return { words, unsaid, saidTwice, sides: [...sides.values()], breaks, attempts };
}

function newSide(event: { at: number; who: string }, channel: string, peer: string): Side {
  const { at: openedAt, who } = event;
  return { channel, who, peer, openedAt, said: [], heard: [], connection: [], ended: null };
}

function wordOf({ at: saidAt, who: by, word, channel, peer: to }: Said, place: number): Word {
  return { word, by, to, channel, saidAt, place, displays: [], confirmed: [], resends: 0 };
}

function countResends(
  events: readonly ClientEvent[],
  frames: ReadonlyMap<string, string>,
  words: ReadonlyMap<string, Word>,
): void {
  for (const event of events) {
    if (event.did !== 'resent') continue;
    const word = words.get(frames.get(`${event.who} ${event.frame}`) ?? '');
    if (word !== undefined) word.resends += 1;
  }
}
