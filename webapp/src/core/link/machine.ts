/**
 * The browser's side of the WebSocket: one connection at a time, come back by itself.
 *
 *     idle ─start─▶ fetching ─token─▶ opening ─opened─▶ authenticating ─admitted─▶ online
 *                      ▲                 │                    │                       │
 *                      └──── waiting ◀───┴──── closed, or too slow ◀──────────────────┤
 *                                                                                     │
 *     superseded ◀──────────────────── opened elsewhere ◀─────────────────────────────┘
 *
 * A server that will go away needs no answer: it closes, and the link comes back elsewhere.
 * From `superseded` only the person leads back. `stop` leads to `idle` from everywhere, and `yield`
 * to `superseded`: another page of this browser has the connection.
 */
import { CLOSE_CODES } from '../wire/codes.ts';
import type { ServerFrame } from '../wire/frames.ts';
import type { Code } from '../wire/generated.ts';
import { delayMs } from './backoff.ts';

/** A connection that takes longer than this to open or to admit is given up. */
export const CONNECT_WAIT_MS = 10_000;
/** Silence after which a visible page asks whether anybody is there. */
export const SILENCE_MS = 5_000;
/** How long the answer may take. */
export const PONG_WAIT_MS = 3_000;
/** A connection that ends sooner than this after its admission was no success. */
export const STEADY_MS = 10_000;

const SUPERSEDED: Code = 'SUPERSEDED';

/** How many tries in a row have failed; 0 before the first. */
type Tries = { readonly failures: number };

export type State =
  | { readonly at: 'idle' }
  | ({ readonly at: 'fetching' } & Tries)
  | ({ readonly at: 'opening'; readonly token: string; readonly until: number } & Tries)
  | ({ readonly at: 'authenticating'; readonly until: number } & Tries)
  | ({
      readonly at: 'online';
      readonly visible: boolean;
      readonly since: number;
      readonly heardAt: number;
      /** When an answer to our ping is due. */
      readonly pongBy: number | null;
    } & Tries)
  | ({
      readonly at: 'waiting';
      readonly delayMs: number;
      readonly until: number;
      /** The token at hand was refused. */
      readonly refused: boolean;
    } & Tries)
  | { readonly at: 'superseded' };

export type Event =
  | { readonly type: 'start' | 'stop' | 'yield' | 'useHere' | 'tick' | 'opened' }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'noToken' }
  | { readonly type: 'heard'; readonly frame: ServerFrame | null }
  | { readonly type: 'closed'; readonly code: number }
  | { readonly type: 'visibility'; readonly visible: boolean };

export type Effect =
  /** Get an access token, another one than before if that was refused. */
  | { readonly do: 'fetchToken'; readonly refused: boolean }
  | { readonly do: 'connect' }
  | { readonly do: 'authenticate'; readonly token: string }
  /** Get a new token and say it in band. */
  | { readonly do: 'renew' }
  | { readonly do: 'ping' }
  | { readonly do: 'close' };

/** What a transition may know of the world. */
type Surroundings = {
  readonly now: number;
  /** Evenly from 0 up to 1. */
  readonly chance: number;
  readonly visible: boolean;
  /** The longest time until the next try. */
  readonly delayMsMax: number;
};

type Next = readonly [State, readonly Effect[]];

export function transition(state: State, event: Event, world: Surroundings): Next {
  switch (event.type) {
    case 'stop':
      return [{ at: 'idle' }, [{ do: 'close' }]];
    case 'yield':
      return [{ at: 'superseded' }, [{ do: 'close' }]];
    case 'start':
      return state.at === 'idle' ? fetchToken(0, false) : [state, []];
    case 'useHere':
      return state.at === 'superseded' ? fetchToken(0, false) : [state, []];
    case 'token':
      return state.at === 'fetching' ? open(state.failures, event.token, world) : [state, []];
    case 'noToken':
      return state.at === 'fetching' ? wait(state.failures, false, world) : [state, []];
    case 'opened':
      return state.at === 'opening' ? authenticate(state) : [state, []];
    case 'heard':
      return heard(state, event.frame, world);
    case 'closed':
      return closed(state, event.code, world);
    case 'visibility': {
      const { visible } = event;
      return state.at === 'online' ? watched({ ...state, visible }, world) : [state, []];
    }
    case 'tick':
      return ticked(state, world);
  }
}

/** Whether two states are the same to whoever does not keep the time of this connection. */
export function looksLike(one: State, other: State): boolean {
  if (one.at !== 'online' || other.at !== 'online') return one === other;
  return one.since === other.since && one.failures === other.failures;
}

/** When `tick` is due. */
export function deadline(state: State): number | null {
  switch (state.at) {
    case 'opening':
    case 'authenticating':
    case 'waiting':
      return state.until;
    case 'online':
      return state.pongBy ?? (state.visible ? state.heardAt + SILENCE_MS : null);
    case 'idle':
    case 'fetching':
    case 'superseded':
      return null;
  }
}

function heard(state: State, frame: ServerFrame | null, world: Surroundings): Next {
  if (frame?.type === 'superseded' || isSupersession(frame)) {
    return [{ at: 'superseded' }, [{ do: 'close' }]];
  }
  switch (state.at) {
    case 'authenticating':
      return frame?.type === 'authenticated' ? [online(state, world), []] : [state, []];
    case 'online': {
      const effects: Effect[] = frame?.type === 'tokenExpiring' ? [{ do: 'renew' }] : [];
      return [{ ...state, heardAt: world.now, pongBy: null }, effects];
    }
    default:
      return [state, []];
  }
}

function closed(state: State, code: number, world: Surroundings): Next {
  switch (state.at) {
    case 'opening':
    case 'authenticating':
    case 'online': {
      if (code === CLOSE_CODES.superseded) return [{ at: 'superseded' }, []];
      return wait(failuresOf(state, world), code === CLOSE_CODES.notAuthenticated, world);
    }
    default:
      return [state, []];
  }
}

function ticked(state: State, world: Surroundings): Next {
  switch (state.at) {
    case 'opening':
    case 'authenticating':
      return world.now >= state.until ? broken(state.failures, world) : [state, []];
    case 'waiting':
      return world.now >= state.until ? fetchToken(state.failures, state.refused) : [state, []];
    case 'online':
      if (state.pongBy !== null && world.now >= state.pongBy)
        return broken(failuresOf(state, world), world);
      return watched(state, world);
    default:
      return [state, []];
  }
}

/** Asks whether anybody is there if it has been silent for long and somebody is looking. */
function watched(state: State & { at: 'online' }, { now }: Surroundings): Next {
  const silent = now >= state.heardAt + SILENCE_MS;
  if (!state.visible || !silent || state.pongBy !== null) return [state, []];
  return [{ ...state, pongBy: now + PONG_WAIT_MS }, [{ do: 'ping' }]];
}

function fetchToken(failures: number, refused: boolean): Next {
  return [{ at: 'fetching', failures }, [{ do: 'fetchToken', refused }]];
}

function open(failures: number, token: string, { now }: Surroundings): Next {
  const until = now + CONNECT_WAIT_MS;
  return [{ at: 'opening', failures, token, until }, [{ do: 'connect' }]];
}

function authenticate({ failures, token, until }: State & { at: 'opening' }): Next {
  return [{ at: 'authenticating', failures, until }, [{ do: 'authenticate', token }]];
}

function online({ failures }: Tries, { now, visible }: Surroundings): State {
  return { at: 'online', failures, visible, since: now, heardAt: now, pongBy: null };
}

/** A steady connection makes up for what failed before it; one that is cut at once does not. */
function failuresOf(state: State & Tries, { now }: Surroundings): number {
  return state.at === 'online' && now >= state.since + STEADY_MS ? 0 : state.failures;
}

function broken(failures: number, world: Surroundings): Next {
  const [state, effects] = wait(failures, false, world);
  return [state, [{ do: 'close' }, ...effects]];
}

function wait(failures: number, refused: boolean, world: Surroundings): Next {
  const { now, chance, delayMsMax } = world;
  const delay = delayMs(failures + 1, chance, delayMsMax);
  return [
    { at: 'waiting', failures: failures + 1, delayMs: delay, until: now + delay, refused },
    [],
  ];
}

function isSupersession(frame: ServerFrame | null): boolean {
  return frame?.type === 'notAuthenticated' && frame.code === SUPERSEDED;
}
