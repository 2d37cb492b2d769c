/** What is kept of what was said, until the peer has it. */
import { describe, expect, it } from 'vitest';
import { BOB, frameId } from '../../test/builders.ts';
import type { PeerFrame } from '../wire/frames.ts';
import {
  acknowledge,
  BYTES_KEPT_MAX,
  EMPTY_OUTBOX,
  hasRoom,
  keep,
  type Outbox,
  pathLost,
  RECORDS_KEPT_MAX,
  reserve,
  send,
} from './outbox.ts';

function record(n: number, length = 300): PeerFrame {
  const body = new Uint8Array(length).fill(n);
  return { type: 'peer', label: 'message', attempt: 0, peer: BOB, id: frameId(n % 256), body };
}

function holding(count: number, length?: number): Outbox {
  let outbox = EMPTY_OUTBOX;
  for (let n = 0; n < count; n += 1) {
    outbox = keep(reserve(outbox, length ?? 300), n, record(n, length));
  }
  return outbox;
}

const countersIn = ({ kept }: Outbox) => kept.map(({ counter }) => counter);

describe('the outbox', () => {
  it('[CONV24] takes 512 records, those being sealed among them', () => {
    const outbox = holding(RECORDS_KEPT_MAX - 2);
    expect(hasRoom(outbox, 300)).toBe(true);
    const one = reserve(outbox, 300);
    expect(hasRoom(one, 300)).toBe(true);
    expect(hasRoom(reserve(one, 300), 300)).toBe(false);
  });

  it('[CONV24] takes 1 MiB, what is being sealed included', () => {
    const outbox = reserve(holding(15, 65_536), 65_500);
    expect(hasRoom(outbox, 36)).toBe(true);
    expect(hasRoom(outbox, 37)).toBe(false);
    expect(BYTES_KEPT_MAX).toBe(1_048_576);
  });

  it('[CONV24] has room again when the peer has something', () => {
    const { outbox } = acknowledge(holding(RECORDS_KEPT_MAX), 1);
    expect(hasRoom(outbox, 300)).toBe(true);
  });

  it('[CONV26] lets go of everything before the next expected, and of nothing else', () => {
    const { outbox, arrived } = acknowledge(holding(5), 3);
    expect(arrived.map(({ counter }) => counter)).toEqual([0, 1, 2]);
    expect(countersIn(outbox)).toEqual([3, 4]);
    expect(acknowledge(outbox, 2).outbox).toBe(outbox);
  });

  it('[CONV25] sends again the same bytes under the same id, with a raised attempt', () => {
    const first = send(holding(3), () => true, 10);
    const second = send(first.outbox, ({ counter }) => counter === 1, 20);
    const third = send(second.outbox, ({ counter }) => counter === 1, 30);
    expect(first.frames.map(({ attempt }) => attempt)).toEqual([0, 0, 0]);
    const again = [...second.frames, ...third.frames];
    expect(again).toEqual([1, 2].map((attempt) => ({ ...record(1), attempt })));
    expect(third.outbox.kept.map(({ sentAt }) => sentAt)).toEqual([10, 30, 10]);
  });

  it('[CONV29] over another path counts nothing as sent', () => {
    const { outbox } = send(holding(2), () => true, 10);
    expect(pathLost(outbox).kept.map(({ sentAt, sends }) => [sentAt, sends])).toEqual([
      [null, 1],
      [null, 1],
    ]);
  });
});
