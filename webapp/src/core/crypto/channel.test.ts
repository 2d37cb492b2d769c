/** Records on both lanes, farewells, erasing: what opens, what does not, and what moves nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  aPair,
  flipped,
  frameId,
  type Handshake,
  said,
  shakeHands,
  standing,
  turned,
} from '../../test/builders.ts';
import { notedPrimitives } from '../../test/noted-primitives.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, concat, toHex, uint, utf8 } from '../bytes.ts';
import { Channel } from './channel.ts';
import { padded, paddedLength, unpadded } from './padding.ts';
import { CONTENT_BYTES_MAX, headerOf, type Lane } from './record-layout.ts';
import { noble } from './suite/noble.ts';
import type { Primitives } from './suite/primitives.ts';

const outside = { label: 'message', id: frameId(1) } as const;
const forged = { is: 'forged' };
let between: Handshake;

beforeEach(async () => {
  between = await shakeHands(await aPair());
});

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
    const opened = await Promise.all(sealed.map(({ body }) => between.bob.open(outside, body)));
    expect(opened.map(({ is }) => is)).toEqual(Array(4).fill('opened'));
  });

  it('[CHAN3] tells a repeat from one that is early, and opens neither', async () => {
    const { alice, bob } = between;
    const bodies = [];
    for (const word of ['1', '2', '3']) {
      bodies.push((await alice.seal(1, outside, utf8(word))).body);
    }
    const [first, second, third] = bodies as [Uint8Array<ArrayBuffer>, ...typeof bodies];
    const before = standing(bob);
    expect(await bob.open(outside, third ?? first)).toEqual({ is: 'early', lane: 1, counter: 2 });
    expect(standing(bob)).toEqual(before);
    expect(await bob.open(outside, first)).toMatchObject({ is: 'opened' });
    const after = standing(bob);
    expect(await bob.open(outside, first)).toEqual({ is: 'repeat', lane: 1 });
    expect(standing(bob)).toEqual(after);
    expect(await bob.open(outside, second ?? first)).toMatchObject({ is: 'opened' });
    expect(await bob.open(outside, third ?? first)).toMatchObject({ is: 'opened' });
  });
});

describe('lane 0', () => {
  const control = { label: 'typing', id: frameId(2) } as const;

  it('[CHAN7] opens any newer record, and none that was overtaken', async () => {
    const { alice, bob } = between;
    const bodies = [];
    for (let n = 0; n < 6; n += 1) bodies.push((await alice.seal(0, control, utf8(`${n}`))).body);
    const results = [];
    for (const n of [1, 0, 1, 4, 2, 3, 5]) {
      results.push((await bob.open(control, bodies[n] ?? new Uint8Array())).is);
    }
    expect(results).toEqual(['opened', 'repeat', 'repeat', 'opened', 'repeat', 'repeat', 'opened']);
  });

  it('[CHAN7] does not disturb lane 1, nor lane 1 it', async () => {
    const { alice, bob } = between;
    const lost = await alice.seal(1, outside, utf8('lost'));
    const typing = await alice.seal(0, control, utf8('typing'));
    expect([lost.counter, typing.counter]).toEqual([0, 0]);
    expect(await bob.open(control, typing.body)).toMatchObject({ is: 'opened', lane: 0 });
    expect(await bob.open(outside, lost.body)).toMatchObject({ is: 'opened', lane: 1 });
  });

  it('[CHAN7] skips a thousand records, not more, and wipes their keys', async () => {
    const { alice, bob } = between;
    let body = new Uint8Array();
    for (let n = 0; n <= 1_001; n += 1) ({ body } = await alice.seal(0, control, utf8('x')));
    expect(await bob.open(control, body)).toEqual(forged);
    expect(await bob.open(control, body)).toEqual(forged);
    const fresh = await shakeHands(await aPair());
    for (let n = 0; n <= 1_000; n += 1) ({ body } = await fresh.alice.seal(0, control, utf8('x')));
    const before = Channel.captured(fresh.bob).ratchet.receiving[0]?.control;
    expect(await fresh.bob.open(control, body)).toMatchObject({ is: 'opened', counter: 1_000 });
    const after = Channel.captured(fresh.bob).ratchet.receiving[0]?.control;
    expect([before?.next, after?.next, after?.keys.length]).toEqual([0, 1_001, 1]);
    expect(after?.keys[0]).not.toEqual(before?.keys[0]);
  });

  it('[CHAN15] lets all forgers together cost a thousand steps', async () => {
    const pair = await aPair();
    const noted = notedPrimitives();
    const { alice, bob } = await shakeHands({
      ...pair,
      bobs: { ...pair.bobs, primitives: noted.primitives },
    });
    const genuine = await alice.seal(0, control, utf8('x'));
    const before = standing(bob);
    noted.hmacs = 0;
    for (let n = 0; n < 500; n += 1) {
      const body = genuine.body.slice();
      body.set(headerOf({ lane: 0, epoch: 0, counter: 1 + ((n * 7) % 1_000) }));
      expect(await bob.open(control, body)).toEqual(forged);
    }
    // One for each record's own key, and those of the chain.
    expect(noted.hmacs).toBeLessThanOrEqual(500 + 1_000);
    expect(standing(bob)).toEqual(before);
    expect(await bob.open(control, genuine.body)).toMatchObject({ is: 'opened' });
  });
});

describe('a record', () => {
  it('[CHAN2] opens under no other label and no other id', async () => {
    const { body } = await between.alice.seal(1, outside, utf8('hello'));
    expect(await between.bob.open({ ...outside, label: 'ack' }, body)).toEqual(forged);
    expect(await between.bob.open({ ...outside, id: frameId(2) }, body)).toEqual(forged);
    expect(await between.bob.open(outside, body)).toMatchObject({ is: 'opened' });
  });

  it('[CHAN2] opens neither when reflected to its sender nor in another channel', async () => {
    const { body } = await between.alice.seal(1, outside, utf8('hello'));
    expect(await between.alice.open(outside, body)).toEqual(forged);
    const other = await shakeHands(await aPair(), undefined, seededRandom(9));
    expect(await other.bob.open(outside, body)).toEqual(forged);
  });

  it('[CHAN2] opens at no other place, whatever its header is made to say', async () => {
    const { alice, bob } = between;
    await said(alice, bob, 'one', 'two');
    await turned(alice, bob);
    const { body } = await alice.seal(1, outside, utf8('three'));
    const before = standing(bob);
    for (const lane of [0, 1] as const) {
      for (const epoch of [0, 1, 2, 2 ** 32 - 1]) {
        for (const counter of [0, 2, 3, 4, 1_003, 1_004, 2 ** 32 - 1]) {
          if (lane === 1 && epoch === 1 && counter === 3) continue;
          const moved = body.slice();
          moved.set(headerOf({ lane, epoch, counter }));
          const { is } = await bob.open(outside, moved);
          expect(['forged', 'early', 'repeat']).toContain(is);
        }
      }
    }
    expect(standing(bob)).toEqual(before);
    expect(await bob.open(outside, body)).toMatchObject({ is: 'opened', counter: 3 });
  });

  it('[CHAN4] is forged where the peer cannot be yet, and early where it can', async () => {
    const { alice, bob } = between;
    const { body } = await bob.seal(1, outside, utf8('hello'));
    const is = async (at: Channel, lane: Lane, epoch: number, counter: number) => {
      const moved = body.slice();
      moved.set(headerOf({ lane, epoch, counter }));
      return (await at.open(outside, moved)).is;
    };
    // Alice ends epoch 0: Bob may hear of epoch 1 from her, she not from him.
    expect(await is(bob, 1, 0, 1_000)).toBe('early');
    expect(await is(bob, 1, 0, 1_001)).toBe('forged');
    expect(await is(bob, 1, 1, 0)).toBe('forged');
    expect(await is(bob, 1, 1, 1)).toBe('early');
    expect(await is(bob, 0, 1, 1_000)).toBe('early');
    expect(await is(bob, 0, 1, 1_001)).toBe('forged');
    for (const lane of [0, 1] as const) {
      expect(await is(bob, lane, 2, 1)).toBe('forged');
      expect(await is(alice, lane, 1, 1)).toBe('forged');
    }
  });

  it('[CHAN4] does not open with any byte changed, or cut short, and moves nothing', async () => {
    const { alice, bob } = between;
    for (const lane of [0, 1] as const) {
      const { body } = await alice.seal(lane, outside, utf8('hello'));
      const before = standing(bob);
      for (let at = 0; at < body.length; at += 3) {
        const { is } = await bob.open(outside, flipped(body, at));
        expect(['forged', 'early']).toContain(is);
      }
      for (const length of [0, 7, 8, 9, 10, 11, 25, 26, body.length - 1]) {
        expect(await bob.open(outside, body.slice(0, length))).toEqual(forged);
      }
      expect(await bob.open(outside, concat(body, Uint8Array.of(0)))).toEqual(forged);
      expect(standing(bob)).toEqual(before);
      expect(await bob.open(outside, body)).toMatchObject({ is: 'opened' });
    }
  });

  it('[CHAN5] is padded to a few sizes', async () => {
    const sealedLength = async (length: number): Promise<number> => {
      const { body } = await between.alice.seal(1, outside, new Uint8Array(length));
      return body.length - 10 - 16;
    };
    const lengths = [0, 1, 251, 252, 1_019, 1_020, 4_091, 4_092, 16_379, 16_380, 100_000];
    const expected = [256, 256, 256, 1_024, 1_024, 4_096, 4_096, 16_384, 16_384, 17_408, 100_352];
    expect(await Promise.all(lengths.map(sealedLength))).toEqual(expected);
  });

  it('[CHAN5] pads large contents by no more than an eighth, and takes one spelling', () => {
    for (let length = 16_385; length < 300_000; length += 997) {
      expect(paddedLength(length)).toBeGreaterThanOrEqual(length);
      expect(paddedLength(length)).toBeLessThan(length * 1.125);
    }
    const whole = padded(utf8('hello'));
    expect(unpadded(whole)).toEqual(utf8('hello'));
    const longer = concat(whole, new Uint8Array(768));
    const claims = (length: number) => concat(uint(length, 4), whole.slice(4));
    for (const odd of [longer, flipped(whole, -1), claims(253), claims(2 ** 32 - 1)]) {
      expect(unpadded(odd)).toBeNull();
    }
    expect(unpadded(new Uint8Array(3))).toBeNull();
  });

  it('[CHAN18] carries 192 KiB at most', async () => {
    const { alice, bob } = between;
    const most = await alice.seal(1, outside, new Uint8Array(CONTENT_BYTES_MAX));
    expect(most.body.length).toBeLessThan(256 * 1_024 - 64);
    await expect(alice.seal(1, outside, new Uint8Array(CONTENT_BYTES_MAX + 1))).rejects.toThrow(
      RangeError,
    );
    expect(await bob.open(outside, most.body)).toMatchObject({ is: 'opened' });
    expect(await said(alice, bob, 'and on')).toMatchObject([{ is: 'opened', counter: 1 }]);
  });

  it('[CHAN19] says its place before it is opened', async () => {
    const { alice, bob } = between;
    await said(alice, bob, 'one');
    await turned(alice, bob);
    const { body } = await alice.seal(1, outside, utf8('two'));
    expect(Channel.peek(body)).toEqual({ lane: 1, epoch: 1, counter: 2 });
    const control = await alice.seal(0, outside, utf8('two'));
    expect(Channel.peek(control.body)).toEqual({ lane: 0, epoch: 1, counter: 0 });
    const odd = body.slice();
    odd[1] = 2;
    const { left } = alice.farewells;
    for (const other of [left, odd, body.slice(0, 10), new Uint8Array()]) {
      expect(Channel.peek(other)).toBeNull();
    }
  });

  it('[CHAN6] has a key of its own, also one that was sealed beside a turn', async () => {
    const pair = await aPair();
    const noted = notedPrimitives();
    const { primitives } = noted;
    const { alice, bob } = await shakeHands({
      alices: { ...pair.alices, primitives },
      bobs: { ...pair.bobs, primitives },
    });
    await Promise.all([
      ...[0, 1, 1, 0].map((lane) => alice.seal(lane === 0 ? 0 : 1, outside, utf8('x'))),
      alice.sealTurn(outside),
      alice.seal(1, outside, utf8('x')),
      ...[0, 1, 1].map((lane) => bob.seal(lane === 0 ? 0 : 1, outside, utf8('x'))),
    ]);
    // Three boxes of the handshake, nine records.
    expect(noted.sealingKeys.length).toBe(12);
    expect(new Set(noted.sealingKeys).size).toBe(12);
  });
});

describe('a farewell', () => {
  it('[CHAN11] is at hand, and known by the peer for what it is', () => {
    const { alice, bob } = between;
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const { left, cutOff } = from.farewells;
      expect([to.farewellOf(left), to.farewellOf(cutOff)]).toEqual(['left', 'cutOff']);
      expect([from.farewellOf(left), from.farewellOf(cutOff)]).toEqual([null, null]);
    }
  });

  it('[CHAN11] cannot be made of another one, nor guessed', async () => {
    const { alice, bob } = between;
    const { left, cutOff } = alice.farewells;
    const swapped = concat(left.slice(0, 1), cutOff.slice(1));
    const other = await shakeHands(await aPair(), undefined, seededRandom(9));
    const odd = [swapped, other.alice.farewells.left, left.slice(0, -1), new Uint8Array()];
    for (let at = 0; at < left.length; at += 1) odd.push(flipped(left, at));
    for (const body of odd) {
      expect(bob.farewellOf(body)).toBeNull();
      expect(await bob.open(outside, body)).toEqual(forged);
    }
  });

  it('[CHAN11] outlives the keys', () => {
    const { alice, bob } = between;
    alice.erase();
    expect(bob.farewellOf(alice.farewells.cutOff)).toBe('cutOff');
    for (const body of [bob.farewells.left, new Uint8Array(33)]) {
      expect(alice.farewellOf(body)).toBeNull();
    }
  });
});

describe('erasing', () => {
  it('[CHAN12] overwrites every key, and ends everything', async () => {
    const { alice, bob } = between;
    await said(alice, bob, 'one');
    const { body } = await alice.seal(1, outside, utf8('two'));
    bob.erase();
    expect(bytesIn(Channel.captured(bob)).flatMap((array) => [...array])).toContain(0);
    expect(bytesIn(Channel.captured(bob)).every((array) => array.every((b) => b === 0))).toBe(true);
    expect(await bob.open(outside, body)).toEqual(forged);
    await expect(bob.seal(1, outside, utf8('three'))).rejects.toThrow('erased');
    await expect(bob.sealTurn(outside)).rejects.toThrow('erased');
    expect(bob.mayTurn).toBe(false);
  });

  it('[CHAN12] takes what was under way with it', async () => {
    const { alice, bob } = between;
    const turning = alice.sealTurn(outside);
    const sealing = alice.seal(1, outside, utf8('late'));
    const { body } = await bob.seal(1, outside, utf8('for alice'));
    const opening = alice.open(outside, body);
    await Promise.resolve();
    alice.erase();
    await expect(turning).rejects.toThrow('erased');
    await expect(sealing).rejects.toThrow('erased');
    expect(await opening).toEqual(forged);
    const left = bytesIn(Channel.captured(alice));
    expect(left.every((array) => array.every((byte) => byte === 0))).toBe(true);
  });

  it('[CHAN12] says so of a turn that was under way, whatever step of it met wiped keys', async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const { alice } = await shakeHands(await aPair());
      const turning = alice.sealTurn(outside).then(
        () => 'turned',
        (fault: Error) => fault.message,
      );
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      alice.erase();
      expect(['turned', 'the channel is erased'], `${steps} steps`).toContain(await turning);
    }
  });

  it('[CHAN17] a chain forgets a key in the step that used it', async () => {
    const { alice, bob } = between;
    const before = [alice, bob].map((side) => hexes(Channel.captured(side).ratchet));
    await said(alice, bob, 'one');
    const { body } = await alice.seal(0, outside, utf8('typing'));
    await bob.open(outside, body);
    const [sender, receiver] = [alice, bob].map((side) => hexes(Channel.captured(side).ratchet));
    // Of both lanes of this direction one key each is gone, on both sides.
    expect(before[0]?.filter((key) => !sender?.includes(key)).length).toBe(2);
    expect(before[1]?.filter((key) => !receiver?.includes(key)).length).toBe(2);
    await turned(alice, bob);
    await said(bob, alice, 'answered');
    for (const side of [alice, bob]) {
      const now = hexes(Channel.captured(side).ratchet);
      expect(now.filter((key) => before.flat().includes(key))).toEqual([]);
    }
  });

  it('[CHAN17] every key that was used is overwritten, but those that still serve', async () => {
    const pair = await aPair();
    const used = new Set<Bytes>();
    const keeping = (key: Bytes): Bytes => {
      used.add(key);
      return key;
    };
    const primitives: Primitives = {
      ...noble,
      hmac: (key, data) => {
        // Shared secrets are what is extracted; the salt of the short code everybody knows.
        if (data.length === 32) keeping(data);
        return noble.hmac(data.length === 64 ? key : keeping(key), data);
      },
      aead: (key) => noble.aead(keeping(key)),
    };
    const { alice, bob } = await shakeHands({
      alices: { ...pair.alices, primitives },
      bobs: { ...pair.bobs, primitives },
    });
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      await said(from, to, 'one', 'two');
      await from.seal(0, outside, utf8('lost'));
      const { body } = await from.seal(0, outside, utf8('typing'));
      await to.open(outside, body);
      const before = from.epoch;
      await turned(from, to);
      // A forger makes it look at keys of the old epoch, before that is left.
      for (const lane of [0, 1] as const) {
        const forgery = body.slice();
        forgery.set(headerOf({ lane, epoch: before, counter: lane === 0 ? 5 : 0 }));
        await from.open(outside, forgery);
      }
      await said(to, from, 'three');
    }
    const serving = new Set([alice, bob].flatMap((side) => hexes(Channel.captured(side))));
    const left = [...used].map((key) => toHex(key)).filter((key) => !/^0*$/.test(key));
    expect(left.filter((key) => !serving.has(key))).toEqual([]);
    expect(used.size).toBeGreaterThan(50);
  });
});

/** Every byte array in a structure. */
function bytesIn(structure: unknown): Bytes[] {
  if (structure instanceof Uint8Array) return [structure as Bytes];
  if (typeof structure !== 'object' || structure === null) return [];
  return Object.values(structure).flatMap(bytesIn);
}

function hexes(structure: unknown): string[] {
  return bytesIn(structure).map((array) => toHex(array));
}
