/**
 * The published vectors of `docs/vectors`: the product makes every byte of them, and the second
 * implementation follows them from the chosen chance alone.
 *
 * After a change of the protocol: `DHCHAT_WRITE_VECTORS=1 npx vitest run vectors`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { bytesToHex } from '@noble/hashes/utils.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { hexed, makeVectors, type Vectors, without } from '../../test/channel-vectors.ts';
import {
  handshake,
  type RecordInput,
  SecondChannel,
  type Side,
  type TurnInput,
} from '../../test/second-implementation.ts';

const FILE = new URL('../../../../docs/vectors/channel.json', import.meta.url);

type ReadStep =
  | ({ do: 'record'; epoch: number; counter: number; body: string } & RecordInput)
  | ({ do: 'turn'; epoch: number; counter: number; body: string } & TurnInput & {
        next: { root: string; chainAB1: string };
      })
  | { do: 'hear'; by: Side };

let made: Awaited<ReturnType<typeof makeVectors>>;
let read: Vectors;

beforeAll(async () => {
  made = await makeVectors();
  const written = `${JSON.stringify(made.vectors, null, 2)}\n`;
  if (process.env['DHCHAT_WRITE_VECTORS'] === '1') writeFileSync(FILE, written);
  read = JSON.parse(readFileSync(FILE, 'utf8'));
});

describe('the published vectors', () => {
  it('[HS19] are what is made here, byte for byte', () => {
    expect(`${JSON.stringify(made.vectors, null, 2)}\n`).toBe(readFileSync(FILE, 'utf8'));
  });

  it('[HS19] name between input and output only what the product computes on its way', () => {
    const { prologue, identityA, identityB, pkA, pkB, ctA, ctB, tag, ...computed } = read.derived;
    const inMessages = [pkA, pkB, ctA, ctB, tag];
    const { m1, m2, m3 } = read.messages;
    for (const part of inMessages) expect(m1 + m2 + m3).toContain(part);
    const all = [...made.calls].join(' ');
    // Only inputs of the hash and of the extraction; their results are among the rest.
    const { ssA: _1, ssB: _2, content2, content3, ...results } = computed;
    for (const [name, value] of Object.entries(results)) {
      expect([name, made.calls.has(value)]).toEqual([name, true]);
    }
    for (const content of [content2, content3]) expect(all).toContain(content);
  });
});

describe('the second implementation', () => {
  it('[HS11] comes to every value of the handshake from the chosen chance', () => {
    const derived = handshake(read.inputs);
    const { m1, m2, m3, m4, shortCode, farewells } = derived;
    expect(hexed(without(derived))).toEqual(read.derived);
    expect(hexed({ m1, m2, m3, m4 })).toEqual(read.messages);
    expect(shortCode).toEqual(read.shortCode);
    expect({ A: hexed(farewells.A), B: hexed(farewells.B) }).toEqual(read.farewells);
  });

  it('[CHAN6] seals every record and every turn as the file says', () => {
    const second = new SecondChannel(read.inputs, handshake(read.inputs));
    const turns: Record<Side, number> = { A: 0, B: 0 };
    let sealed = 0;
    for (const step of read.steps as unknown as ReadStep[]) {
      if (step.do === 'hear') {
        for (; turns[step.by] > 0; turns[step.by] -= 1) second.heardTurn(step.by);
        continue;
      }
      sealed += 1;
      const { epoch, counter, body } = step.do === 'turn' ? second.turn(step) : second.record(step);
      expect({ epoch, counter, body: bytesToHex(body) }).toEqual({
        epoch: step.epoch,
        counter: step.counter,
        body: step.body,
      });
      if (step.do === 'turn') {
        turns[step.from === 'A' ? 'B' : 'A'] += 1;
        expect(bytesToHex(second.root(epoch + 1))).toBe(step.next.root);
        expect(bytesToHex(second.chain(epoch + 1, 'A', 1))).toBe(step.next.chainAB1);
      }
    }
    expect(sealed).toBe(14);
  });
});
