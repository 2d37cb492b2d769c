/** Records: what opens, what does not, and how long they look. */
import { beforeEach, describe, expect, it } from 'vitest';
import { aPair, flipped, frameId, type Handshake, shakeHands } from '../../test/builders.ts';
import { utf8 } from '../bytes.ts';

const outside = { label: 'message', id: frameId(1) } as const;
let between: Handshake;

beforeEach(async () => {
  between = await shakeHands(await aPair());
});

describe('a channel', () => {
  it('[CHAN1] opens what was sealed, in order, with its counter', async () => {
    for (let n = 0; n < 5; n += 1) {
      const { counter, body } = await between.alice.seal(outside, utf8(`word ${n}`));
      const opened = await between.bob.open(outside, body);
      expect(opened).toEqual({ is: 'opened', counter, content: utf8(`word ${n}`) });
      expect(counter).toBe(n);
    }
  });

  it('[CHAN1] gives seals begun together different counters', async () => {
    const sealed = await Promise.all(
      [0, 1, 2, 3].map((n) => between.alice.seal(outside, utf8(`${n}`))),
    );
    expect(sealed.map(({ counter }) => counter)).toEqual([0, 1, 2, 3]);
  });

  it('[CHAN2] opens a record under no other label and no other id', async () => {
    const { body } = await between.alice.seal(outside, utf8('hello'));
    expect(await between.bob.open({ ...outside, label: 'ack' }, body)).toEqual({ is: 'forged' });
    expect(await between.bob.open({ ...outside, id: frameId(2) }, body)).toEqual({ is: 'forged' });
    expect(await between.bob.open(outside, body)).toMatchObject({ is: 'opened' });
  });

  it('[CHAN2] opens a record under no other counter', async () => {
    const { body } = await between.alice.seal(outside, utf8('hello'));
    expect(await between.bob.open(outside, flipped(body, 7))).toEqual({ is: 'forged' });
  });

  it('[CHAN2] does not open what was reflected to its sender', async () => {
    const { body } = await between.alice.seal(outside, utf8('hello'));
    expect(await between.alice.open(outside, body)).toEqual({ is: 'forged' });
  });

  it('[CHAN3] tells a repeat from a gap', async () => {
    const [first, second, third] = [
      await between.alice.seal(outside, utf8('1')),
      await between.alice.seal(outside, utf8('2')),
      await between.alice.seal(outside, utf8('3')),
    ];
    expect(await between.bob.open(outside, second.body)).toEqual({ is: 'gap' });
    expect(await between.bob.open(outside, first.body)).toMatchObject({ is: 'opened' });
    expect(await between.bob.open(outside, first.body)).toEqual({ is: 'repeat' });
    expect(await between.bob.open(outside, third.body)).toEqual({ is: 'gap' });
  });

  it('[CHAN4] does not open a record with any byte changed, or cut short', async () => {
    const { body } = await between.alice.seal(outside, utf8('hello'));
    for (let at = 0; at < body.length; at += 3) {
      expect(await between.bob.open(outside, flipped(body, at))).toEqual({ is: 'forged' });
    }
    for (const length of [0, 7, 8, 9, body.length - 1]) {
      expect(await between.bob.open(outside, body.slice(0, length))).toEqual({ is: 'forged' });
    }
  });

  it('[CHAN5] pads records to a few sizes', async () => {
    const lengths = new Map<number, number>();
    for (const length of [0, 1, 252, 253, 1_020, 1_021, 4_092, 4_093, 16_380, 16_381]) {
      const { body } = await between.alice.seal(outside, new Uint8Array(length));
      lengths.set(length, body.length - 8 - 16);
    }
    expect([...lengths.values()]).toEqual([
      256, 256, 256, 1_024, 1_024, 4_096, 4_096, 16_384, 16_384, 32_768,
    ]);
  });
});
