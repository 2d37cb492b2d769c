/** Records on both lanes, turns, farewells: what opens, what does not, and what moves nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import { aPair, flipped, frameId, type Handshake, shakeHands } from '../../test/builders.ts';
import { utf8 } from '../bytes.ts';
import type { Channel } from './channel.ts';

const outside = { label: 'message', id: frameId(1) } as const;
const forged = { is: 'forged' };
let between: Handshake;

beforeEach(async () => {
  between = await shakeHands(await aPair());
});

/** What the other side gets of words said one after another. */
async function said(from: Channel, to: Channel, ...words: readonly string[]): Promise<unknown[]> {
  const heard: unknown[] = [];
  for (const word of words) {
    const { body } = await from.seal(1, outside, utf8(word));
    heard.push(await to.open(outside, body));
  }
  return heard;
}

async function turned(from: Channel, to: Channel): Promise<void> {
  const { body } = await from.sealTurn(outside);
  expect(await to.open(outside, body)).toMatchObject({ is: 'turned' });
}

describe('lane 1', () => {
  it('[CHAN1] opens what was sealed, in order, with its counter', async () => {
    const { alice, bob } = between;
    for (let n = 0; n < 5; n += 1) {
      const { counter, body } = await alice.seal(1, outside, utf8(`word ${n}`));
      const opened = await bob.open(outside, body);
      expect(opened).toEqual({ is: 'opened', lane: 1, counter, content: utf8(`word ${n}`) });
      expect(counter).toBe(n);
    }
  });

  it('[CHAN1] gives seals begun together different counters', async () => {
    const sealed = await Promise.all(
      [0, 1, 2, 3].map((n) => between.alice.seal(1, outside, utf8(`${n}`))),
    );
    expect(sealed.map(({ counter }) => counter)).toEqual([0, 1, 2, 3]);
    for (const { body } of sealed) {
      expect(await between.bob.open(outside, body)).toMatchObject({ is: 'opened' });
    }
  });

  it('[CHAN3] tells a repeat from one that is early, and opens neither', async () => {
    const [first, second, third] = [
      await between.alice.seal(1, outside, utf8('1')),
      await between.alice.seal(1, outside, utf8('2')),
      await between.alice.seal(1, outside, utf8('3')),
    ];
    expect(await between.bob.open(outside, second.body)).toEqual({
      is: 'early',
      lane: 1,
      counter: 1,
    });
    expect(await between.bob.open(outside, first.body)).toMatchObject({ is: 'opened' });
    expect(await between.bob.open(outside, first.body)).toEqual({ is: 'repeat', lane: 1 });
    expect(await between.bob.open(outside, third.body)).toMatchObject({ is: 'early' });
    expect(await between.bob.open(outside, second.body)).toMatchObject({ is: 'opened' });
    expect(await between.bob.open(outside, third.body)).toMatchObject({ is: 'opened' });
  });
});

describe('a record', () => {
  it('[CHAN2] opens under no other label and no other id', async () => {
    const { body } = await between.alice.seal(1, outside, utf8('hello'));
    expect(await between.bob.open({ ...outside, label: 'ack' }, body)).toEqual(forged);
    expect(await between.bob.open({ ...outside, id: frameId(2) }, body)).toEqual(forged);
    expect(await between.bob.open(outside, body)).toMatchObject({ is: 'opened' });
  });

  it('[CHAN2] does not open when it was reflected to its sender', async () => {
    const { body } = await between.alice.seal(1, outside, utf8('hello'));
    expect(await between.alice.open(outside, body)).toEqual(forged);
  });

  it('[CHAN4] does not open with any byte changed, or cut short', async () => {
    const { body } = await between.alice.seal(1, outside, utf8('hello'));
    for (let at = 0; at < body.length; at += 3) {
      const opened = await between.bob.open(outside, flipped(body, at));
      expect(['forged', 'early']).toContain(opened.is);
    }
    for (const length of [0, 7, 8, 9, 10, 11, body.length - 1]) {
      expect(await between.bob.open(outside, body.slice(0, length))).toEqual(forged);
    }
    expect(await between.bob.open(outside, body)).toMatchObject({ is: 'opened' });
  });
});

describe('a turn', () => {
  it('[CHAN8] is made by A in even epochs, by B in odd ones', async () => {
    const { alice, bob } = between;
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
      [alice, bob],
    ] as const) {
      expect([from.mayTurn, to.mayTurn]).toEqual([true, false]);
      await expect(to.sealTurn(outside)).rejects.toThrow();
      await turned(from, to);
      expect(from.epoch).toBe(to.epoch);
      expect(await said(from, to, 'one', 'two')).toMatchObject([
        { is: 'opened' },
        { is: 'opened' },
      ]);
      expect(await said(to, from, 'three')).toMatchObject([{ is: 'opened' }]);
    }
  });
});
