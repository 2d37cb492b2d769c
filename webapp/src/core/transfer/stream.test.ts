/** Sealed files: what opens, what does not, and what is the same on every run. */
import { gcm } from '@noble/ciphers/aes.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { flipped } from '../../test/builders.ts';
import { testPrimitives } from '../../test/primitives.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { bytesAt } from '../../test/transfer-network.ts';
import { type Bytes, concat, lengthPrefixed, toHex, uint, utf8 } from '../bytes.ts';
import type { Primitives } from '../crypto/suite/primitives.ts';
import { chunkCount, endOf, type FileHeader } from './header.ts';
import { encodeTransferRecord } from './records.ts';
import {
  ChunkOpener,
  ChunkSealer,
  headOf,
  type Place,
  paddedLengthOf,
  readChunk,
} from './stream.ts';

const random = seededRandom(3);
const place: Place = { channelId: random.bytes(32), sender: 'A' };
let primitives: Primitives;

beforeAll(async () => {
  primitives = await testPrimitives();
});

function aHeader(more: Partial<FileHeader> = {}): FileHeader {
  return {
    lane: 2,
    fileKey: random.bytes(32),
    prefix: random.bytes(7),
    name: 'a.txt',
    mime: 'text/plain',
    size: 10_000,
    chunkBytes: 4_096,
    accessMode: 'both',
    kind: 'file',
    durationMs: null,
    ...more,
  };
}

function plainOf(header: FileHeader, chunk: number): Bytes {
  return bytesAt(chunk * header.chunkBytes, endOf(header, chunk));
}

async function sealedAll(header: FileHeader, where = place) {
  const sealer = await ChunkSealer.make(primitives, where, header);
  const bodies: Bytes[] = [];
  for (let chunk = 0; chunk < chunkCount(header); chunk += 1) {
    const done = await sealer.seal(plainOf(header, chunk));
    bodies.push(concat(headOf(done), done.sealed));
  }
  return { sealer, bodies };
}

function sealedIn(body: Bytes | undefined): Bytes {
  const chunk = body === undefined ? null : readChunk(body);
  if (chunk === null) throw new Error('a sealed chunk can be read');
  return chunk.sealed;
}

describe('a sealed file', () => {
  it('[XFER1] opens chunk by chunk to what it was, whatever its size', async () => {
    for (const size of [1, 255, 4_095, 4_096, 4_097, 10_000, 3 * 4_096]) {
      const header = aHeader({ size });
      const { bodies, sealer } = await sealedAll(header);
      const opener = await ChunkOpener.make(primitives, place, header);
      for (const [n, body] of bodies.entries()) {
        expect(readChunk(body)).toMatchObject({ lane: 2, chunk: n });
        expect(await opener.openNext(n, sealedIn(body))).toEqual(plainOf(header, n));
      }
      expect(await opener.hash()).toEqual(sealer.hash());
    }
  });

  it('[XFER2] is STREAM over AES-256-GCM, as another hand writes it', async () => {
    const header = aHeader();
    const { bodies, sealer } = await sealedAll(header);
    const digests: Bytes[] = [];
    for (const [n, body] of bodies.entries()) {
      const nonce = concat(header.prefix, uint(n, 4), Uint8Array.of(n === 2 ? 1 : 0));
      const start = sha256(encodeTransferRecord({ is: 'fileStart', header })) as Bytes;
      const parts = [utf8('dhsc/1 file'), place.channelId, utf8('A to B'), uint(2, 4), start];
      const plain = plainOf(header, n);
      const padded = new Uint8Array(n === 2 ? 4_096 : plain.length);
      padded.set(plain);
      const sealed = gcm(header.fileKey, nonce, lengthPrefixed(...parts)).encrypt(padded) as Bytes;
      const head = concat(Uint8Array.of(4), uint(2, 4), uint(n, 4));
      expect(toHex(body)).toBe(toHex(concat(head, sealed)));
      digests.push(sha256(plain) as Bytes);
    }
    expect(toHex(sealer.hash())).toBe(toHex(sha256(concat(...digests)) as Bytes));
  });

  it('[XFER2] is sealed once: no chunk twice, none after the last, none of another size', async () => {
    const header = aHeader({ size: 5_000 });
    const sealer = await ChunkSealer.make(primitives, place, header);
    const [first, second] = await Promise.all([
      sealer.seal(plainOf(header, 0)),
      sealer.seal(plainOf(header, 1)),
    ]);
    expect([first.chunk, second.chunk]).toEqual([0, 1]);
    await expect(sealer.seal(plainOf(header, 1))).rejects.toThrow();
    const other = await ChunkSealer.make(primitives, place, header);
    await expect(other.seal(new Uint8Array(4_095))).rejects.toThrow();
  });

  it('[XFER3] does not open a chunk in the place of another', async () => {
    const header = aHeader({ size: 3 * 4_096 });
    const { bodies } = await sealedAll(header);
    const opener = await ChunkOpener.make(primitives, place, header);
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [2, 1],
      [1, 2],
      [0, 3],
    ] as const) {
      expect(await opener.again(to, sealedIn(bodies[from]))).toBeNull();
    }
    expect(await opener.again(1, sealedIn(bodies[1]))).toEqual(plainOf(header, 1));
  });

  it('[XFER3] does not open a chunk of another file, lane, direction or channel', async () => {
    const header = aHeader({ size: 8_192 });
    const { bodies } = await sealedAll(header);
    const sealed = sealedIn(bodies[0]);
    const strangers: [Place, FileHeader][] = [
      [place, { ...header, fileKey: random.bytes(32) }],
      [place, { ...header, prefix: random.bytes(7) }],
      [place, { ...header, lane: 4 }],
      [place, { ...header, name: 'b.txt' }],
      [place, { ...header, mime: 'text/html' }],
      [place, { ...header, accessMode: 'view_only' }],
      [{ ...place, sender: 'B' }, header],
      [{ ...place, channelId: random.bytes(32) }, header],
    ];
    for (const [where, other] of strangers) {
      const opener = await ChunkOpener.make(primitives, where, other);
      expect(await opener.again(0, sealed)).toBeNull();
    }
  });

  it('[XFER3] does not pass for a shorter or a longer file', async () => {
    const header = aHeader({ size: 3 * 4_096 });
    const { bodies } = await sealedAll(header);
    const shorter = await ChunkOpener.make(primitives, place, { ...header, size: 2 * 4_096 });
    expect(await shorter.again(1, sealedIn(bodies[1]))).toBeNull();
    const longer = await ChunkOpener.make(primitives, place, { ...header, size: 4 * 4_096 });
    expect(await longer.again(2, sealedIn(bodies[2]))).toBeNull();
  });

  it('[XFER3] ends with its flag: with nothing else different the last chunk is no other', async () => {
    // The same start record on both sides, so that only the nonce tells the last chunk.
    const header = aHeader({ size: 2 * 4_096 });
    const { bodies } = await sealedAll(header);
    const start = sha256(encodeTransferRecord({ is: 'fileStart', header })) as Bytes;
    const parts = [utf8('dhsc/1 file'), place.channelId, utf8('A to B'), uint(2, 4), start];
    const opens = (flag: number) => {
      const nonce = concat(header.prefix, uint(1, 4), Uint8Array.of(flag));
      try {
        gcm(header.fileKey, nonce, lengthPrefixed(...parts)).decrypt(sealedIn(bodies[1]));
        return true;
      } catch {
        return false;
      }
    };
    expect([opens(0), opens(1)]).toEqual([false, true]);
  });

  it('[XFER3] does not open a chunk with any byte changed, or cut, or lengthened', async () => {
    const header = aHeader({ size: 300 });
    const { bodies } = await sealedAll(header);
    const sealed = sealedIn(bodies[0]);
    const opener = await ChunkOpener.make(primitives, place, header);
    for (let at = 0; at < sealed.length; at += 29) {
      expect(await opener.openNext(0, flipped(sealed, at))).toBeNull();
    }
    expect(await opener.openNext(0, sealed.slice(0, -1))).toBeNull();
    expect(await opener.openNext(0, concat(sealed, Uint8Array.of(0)))).toBeNull();
    expect(await opener.openNext(0, sealed)).toEqual(plainOf(header, 0));
  });

  it('[XFER4] says of the last chunk only which of few sizes it has', () => {
    const padded = (size: number, chunkBytes = 65_536) => {
      const header = aHeader({ size, chunkBytes });
      return paddedLengthOf(header, chunkCount(header) - 1);
    };
    expect([1, 256, 257, 1_024, 1_025, 4_097, 16_384].map((size) => padded(size))).toEqual([
      256, 256, 1_024, 1_024, 4_096, 16_384, 16_384,
    ]);
    // Padmé above: for 16,385 the last 14 - 4 bits are zero, for 40,000 the last 15 - 4.
    expect([16_385, 17_408, 17_409, 40_000].map((size) => padded(size))).toEqual([
      17_408, 17_408, 18_432, 40_960,
    ]);
    // Never more than a whole chunk.
    expect([padded(65_535), padded(65_536), padded(4_099, 5_000)]).toEqual([65_536, 65_536, 5_000]);
    const header = aHeader({ size: 65_537, chunkBytes: 65_536 });
    expect([paddedLengthOf(header, 0), paddedLengthOf(header, 1)]).toEqual([65_536, 256]);
  });

  it('[XFER4] is padded with zeros and nothing else', async () => {
    const header = aHeader({ size: 300 });
    const start = sha256(encodeTransferRecord({ is: 'fileStart', header })) as Bytes;
    const parts = [utf8('dhsc/1 file'), place.channelId, utf8('A to B'), uint(2, 4), start];
    const nonce = concat(header.prefix, uint(0, 4), Uint8Array.of(1));
    const opener = await ChunkOpener.make(primitives, place, header);
    const opens = async (behind: number) => {
      const whole = new Uint8Array(1_024);
      whole[1_023] = behind;
      const sealed = gcm(header.fileKey, nonce, lengthPrefixed(...parts)).encrypt(whole) as Bytes;
      return (await opener.again(0, sealed))?.length;
    };
    expect([await opens(0), await opens(1)]).toEqual([300, undefined]);
  });

  it('[XFER25] has no key after it was erased', async () => {
    const header = aHeader({ size: 8_192 });
    const { bodies } = await sealedAll({ ...header, fileKey: header.fileKey.slice() });
    const sealer = await ChunkSealer.make(primitives, place, {
      ...header,
      fileKey: header.fileKey.slice(),
    });
    const opener = await ChunkOpener.make(primitives, place, header);
    sealer.erase();
    opener.erase();
    expect(header.fileKey.every((byte) => byte === 0)).toBe(true);
    await expect(sealer.seal(plainOf(header, 0))).rejects.toThrow();
    await expect(opener.again(0, sealedIn(bodies[0]))).rejects.toThrow();
  });
});
