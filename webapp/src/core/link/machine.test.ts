/** The link's decisions, one at a time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AWAITED_DELAY_MS_MAX, DELAY_MS_MAX, delayMs } from './backoff.ts';
import {
  CONNECT_WAIT_MS,
  deadline,
  type Event,
  PONG_WAIT_MS,
  SILENCE_MS,
  STEADY_MS,
  type State,
  transition,
} from './machine.ts';

const world = { now: 1_000, chance: 0.5, visible: true, delayMsMax: DELAY_MS_MAX };
const opening: State = { at: 'opening', failures: 0, token: 't', until: 11_000 };
const authenticating: State = { at: 'authenticating', failures: 2, until: 11_000 };
const online: State & { at: 'online' } = {
  at: 'online',
  failures: 2,
  visible: true,
  since: 1_000,
  heardAt: 1_000,
  pongBy: null,
};

describe('the link', () => {
  it('[LINK1] waits ever longer, at most 30 s, with full jitter', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) =>
      delayMs(failures, 1, DELAY_MS_MAX),
    );
    expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, chance) => {
        const delay = delayMs(n, chance, DELAY_MS_MAX);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(30_000);
      }),
    );
    expect(delayMs(3, 0, DELAY_MS_MAX)).toBe(0);
  });

  it('[LINK11] waits 4 s at most while a channel waits for it', () => {
    const bounds = [1, 2, 3, 4, 5, 9].map((n) => delayMs(n, 1, AWAITED_DELAY_MS_MAX));
    expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
    const awaited = { ...world, delayMsMax: AWAITED_DELAY_MS_MAX };
    const [waiting] = transition(
      { ...opening, failures: 20 },
      { type: 'closed', code: 1006 },
      awaited,
    );
    expect(waiting).toMatchObject({ at: 'waiting', delayMs: 2_000 });
  });

  it('[LINK1] counts failures until a connection has lasted', () => {
    const [waiting] = transition(authenticating, { type: 'closed', code: 1006 }, world);
    expect(waiting).toMatchObject({ at: 'waiting', failures: 3, delayMs: 1_000 });
    const steady = { ...world, now: online.since + STEADY_MS };
    const [afterOnline] = transition(online, { type: 'closed', code: 1012 }, steady);
    expect(afterOnline).toMatchObject({ at: 'waiting', failures: 1, delayMs: 250 });
  });

  it('[LINK10] does not hurry back to a server that cuts it as soon as it is in', () => {
    const soon = { ...world, now: online.since + STEADY_MS - 1 };
    const [cut] = transition(online, { type: 'closed', code: 4400 }, soon);
    expect(cut).toMatchObject({ at: 'waiting', failures: 3, delayMs: 1_000 });
  });

  it('[LINK2] gives up a connection that takes more than 10 s', () => {
    const late = { ...world, now: opening.until };
    expect(deadline(opening)).toBe(1_000 + CONNECT_WAIT_MS);
    expect(transition(opening, { type: 'tick' }, late)).toEqual([
      expect.objectContaining({ at: 'waiting' }),
      [{ do: 'close' }],
    ]);
  });

  it('[LINK3] asks after 5 s of silence, and calls the link broken after 3 s more', () => {
    expect(deadline(online)).toBe(1_000 + SILENCE_MS);
    const silent = { ...world, now: 6_000 };
    const [asked, effects] = transition(online, { type: 'tick' }, silent);
    expect(effects).toEqual([{ do: 'ping' }]);
    expect(deadline(asked)).toBe(6_000 + PONG_WAIT_MS);
    const [broken, closing] = transition(asked, { type: 'tick' }, { ...world, now: 9_000 });
    expect([broken.at, closing]).toEqual(['waiting', [{ do: 'close' }]]);
    const pong: Event = { type: 'heard', frame: { type: 'pong' } };
    const [answered] = transition(asked, pong, { ...world, now: 8_999 });
    expect(answered).toEqual({ ...online, heardAt: 8_999 });
  });

  it('[LINK3] asks nothing while nobody looks, and at once when somebody does', () => {
    const [hidden] = transition(online, { type: 'visibility', visible: false }, world);
    expect(deadline(hidden)).toBeNull();
    const later = { ...world, now: 60_000 };
    const [, effects] = transition(hidden, { type: 'visibility', visible: true }, later);
    expect(effects).toEqual([{ do: 'ping' }]);
  });

  it('[LINK4] gets another token when the one at hand was refused', () => {
    const [waiting] = transition(authenticating, { type: 'closed', code: 4401 }, world);
    const [, effects] = transition(waiting, { type: 'tick' }, { ...world, now: 99_000 });
    expect(effects).toEqual([{ do: 'fetchToken', refused: true }]);
  });

  it('[LINK5] stops when the chat was opened elsewhere, until the person asks', () => {
    const told: Event[] = [
      { type: 'closed', code: 4409 },
      { type: 'heard', frame: { type: 'superseded' } },
      { type: 'heard', frame: { type: 'notAuthenticated', code: 'SUPERSEDED' } },
    ];
    for (const event of told) {
      const [superseded] = transition(online, event, world);
      expect([superseded, deadline(superseded)]).toEqual([{ at: 'superseded' }, null]);
      for (const type of ['start', 'tick', 'opened'] as const) {
        expect(transition(superseded, { type }, world)[0]).toEqual({ at: 'superseded' });
      }
      expect(transition(superseded, { type: 'useHere' }, world)[0].at).toBe('fetching');
    }
  });

  it('[LINK9] comes to no state without a way on, whatever happens', () => {
    const event = fc.oneof(
      fc.constantFrom<Event>(
        { type: 'start' },
        { type: 'useHere' },
        { type: 'tick' },
        { type: 'opened' },
        { type: 'token', token: 't' },
        { type: 'noToken' },
        { type: 'heard', frame: null },
        { type: 'heard', frame: { type: 'pong' } },
        { type: 'heard', frame: { type: 'tokenExpiring', inMs: 1 } },
        { type: 'visibility', visible: true },
      ),
      fc
        .constantFrom(1000, 1006, 1011, 1012, 1013, 4400, 4401, 4403, 4408, 4413, 4429)
        .map((code): Event => ({ type: 'closed', code })),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state: State = { at: 'idle' };
        let fetching = 0;
        let now = 0;
        for (const next of [{ type: 'start' } as const, ...events]) {
          now += 3_000;
          const [after, effects] = transition(state, next, { ...world, now });
          fetching += effects.filter((effect) => effect.do === 'fetchToken').length;
          state = after;
        }
        const goesOn = deadline(state) !== null || (state.at === 'fetching' && fetching > 0);
        expect(goesOn).toBe(true);
      }),
    );
  });
});
