/** Records ahead of their turn. */
import { describe, expect, it } from 'vitest';
import { BOB, frameId } from '../../test/builders.ts';
import type { PeerFrame } from '../wire/frames.ts';
import {
  advance,
  aheadOf,
  EMPTY_INBOX,
  hold,
  type Inbox,
  patient,
  RECORDS_HELD_MAX,
  released,
} from './inbox.ts';

function record(n: number, length = 300): PeerFrame {
  const body = new Uint8Array(length).fill(n);
  return { type: 'peer', label: 'message', attempt: 0, peer: BOB, id: frameId(n % 256), body };
}

function early(counter: number, frame = record(counter), lane: 0 | 1 = 1) {
  return { lane, counter, frame };
}

function holding(counters: readonly number[]): Inbox {
  return counters.reduce((inbox, counter) => hold(inbox, early(counter), 0), EMPTY_INBOX);
}

const countersIn = ({ held }: Inbox) => held.map(({ counter }) => counter);

describe('the inbox', () => {
  it('[CONV27] lets a record wait for its turn', () => {
    const { inbox, ready } = advance(holding([3, 1, 2]), 0, 0);
    expect([inbox.next, ready, countersIn(inbox)]).toEqual([1, [record(1)], [2, 3]]);
  });

  it('[CONV27] holds 64 records, the nearest', () => {
    const counters = Array.from({ length: RECORDS_HELD_MAX + 6 }, (_, n) => n + 1);
    const inbox = holding(counters.toReversed());
    expect(RECORDS_HELD_MAX).toBe(64);
    expect(countersIn(inbox)).toEqual(counters.slice(0, 64));
  });

  it('[CONV27] holds 1 MiB', () => {
    const large = [4, 3, 2, 1].reduce(
      (inbox, n) => hold(inbox, early(n, record(n, 300_000)), 0),
      EMPTY_INBOX,
    );
    expect(countersIn(large)).toEqual([1, 2, 3]);
  });

  it('[CONV27] holds what comes twice once, and every record that claims one place', () => {
    const again = { ...record(1), attempt: 1 };
    const forged = record(9);
    const inbox = [record(1), again, forged].reduce(
      (each, frame) => hold(each, early(1, frame), 0),
      EMPTY_INBOX,
    );
    expect(advance(inbox, 0, 0).ready).toEqual([record(1), forged]);
  });

  it('[CONV27] forgets what was passed', () => {
    expect(countersIn(advance(holding([1, 2, 3]), 2, 0).inbox)).toEqual([]);
  });

  it('[CONV33] lets go of the control lane when the keys turn', () => {
    const control = hold(holding([2]), early(0, record(7), 0), 0);
    expect(aheadOf(control)).toBe(2);
    expect(countersIn(advance(control, 0, 0).inbox)).toEqual([0, 2]);
    const { inbox, ready } = released(control);
    expect([ready, countersIn(inbox)]).toEqual([[record(7)], [2]]);
  });

  it('[CONV30] knows since when something is missing', () => {
    let inbox = hold(EMPTY_INBOX, early(2), 10);
    inbox = hold(inbox, early(4), 20);
    expect(inbox.gapSince).toBe(10);
    inbox = advance(inbox, 0, 30).inbox;
    expect(inbox.gapSince).toBe(30);
    expect(patient(inbox, 40).gapSince).toBe(40);
    inbox = advance(advance(inbox, 1, 50).inbox, 2, 60).inbox;
    expect([inbox.gapSince, aheadOf(inbox)]).toEqual([60, 4]);
    inbox = advance(advance(inbox, 3, 70).inbox, 4, 80).inbox;
    expect([inbox.gapSince, patient(inbox, 90).gapSince]).toEqual([null, null]);
  });
});
