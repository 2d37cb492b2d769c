/** When the keys turn, and who turns them. */
import { describe, expect, it } from 'vitest';
import {
  aged,
  firstEpoch,
  mayTurn,
  spoken,
  type Turns,
  turnDeadline,
  turned,
  turnStep,
  wished,
} from './turns.ts';

const A = firstEpoch('A', 0);
const B = firstEpoch('B', 0);

function says(turns: Turns, speaker: 'me' | 'peer', count: number, now = 0): Turns {
  let next = turns;
  for (let n = 0; n < count; n += 1) next = spoken(next, speaker, now);
  return next;
}

describe('a turn of the keys', () => {
  it('[CONV32] is due when the direction changes after 20 records', () => {
    expect(says(says(A, 'me', 19), 'peer', 1).isDue).toBe(false);
    expect(says(says(A, 'me', 20), 'peer', 1).isDue).toBe(true);
    expect(says(A, 'me', 21).isDue).toBe(false);
  });

  it('[CONV32] is due when the direction changes after 30 s', () => {
    const heard = says(A, 'peer', 1);
    expect(says(heard, 'me', 1, 29_999).isDue).toBe(false);
    expect(says(heard, 'me', 1, 30_000).isDue).toBe(true);
    expect(says(heard, 'peer', 1, 30_000).isDue).toBe(false);
    expect(says(A, 'me', 1, 30_000).isDue).toBe(false);
  });

  it('[CONV32] is due at the latest after 100 records', () => {
    expect(says(A, 'me', 99).isDue).toBe(false);
    expect(says(A, 'me', 100).isDue).toBe(true);
  });

  it('[CONV32] is due at the latest after 5 min', () => {
    expect(turnDeadline(A)).toBe(300_000);
    expect(aged(A, 299_999).isDue).toBe(false);
    expect(aged(A, 300_000).isDue).toBe(true);
  });

  it('[CONV32] begins the count anew', () => {
    const next = turned(says(A, 'me', 100), 1_000);
    expect(next).toMatchObject({ epoch: 1, records: 0, since: 1_000, isDue: false });
    expect(turnDeadline(next)).toBe(301_000);
  });

  it('[CONV33] ends even epochs by A and odd ones by B', () => {
    expect([mayTurn(A), mayTurn(B)]).toEqual([true, false]);
    expect([mayTurn(turned(A, 0)), mayTurn(turned(B, 0))]).toEqual([false, true]);
    expect(turnStep(says(A, 'me', 100), 0)).toBe('turn');
  });

  it('[CONV33] is made once', () => {
    const turning = { ...says(A, 'me', 100), isTurning: true };
    expect([turnStep(turning, 9_999), turnDeadline(turning)]).toEqual(['nothing', null]);
  });

  it('[CONV33] is asked for by the side that may not, again after 2 s', () => {
    const due = says(B, 'peer', 100);
    expect(turnStep(due, 0)).toBe('ask');
    const asked = { ...due, askedAt: 0 };
    expect([turnStep(asked, 1_999), turnStep(asked, 2_000)]).toEqual(['nothing', 'ask']);
    expect(turnDeadline(asked)).toBe(2_000);
  });

  it('[CONV33] is not wished for again right after it was made', () => {
    expect(wished(says(A, 'peer', 9), 14_999).isDue).toBe(false);
    expect(wished(says(A, 'peer', 10), 0).isDue).toBe(true);
    expect(wished(A, 15_000).isDue).toBe(true);
    expect(wished(says(B, 'peer', 50), 15_000).isDue).toBe(false);
  });
});
