/** What single primitives cost: the parts of which handshakes, records and chunks are made. */
import { type Bytes, concat, uint } from '../src/core/bytes.ts';
import type { Primitives } from '../src/core/crypto/suite/primitives.ts';
import { decapsulate, encapsulate, kemPublicKeyOf } from '../src/core/crypto/suite/x-wing.ts';
import { browserRandom } from '../src/platform/random.ts';
import type { Sizes } from './sizes.ts';
import { type Measure, MIB, median, rate } from './timing.ts';

const CHUNK_BYTES = 64 * 1024;
const IN_FLIGHT = [1, 4, 16] as const;

export async function primitiveMeasures(of: Primitives, sizes: Sizes): Promise<Measure[]> {
  return [...(await asymmetric(of, sizes.rounds)), ...(await symmetric(of, sizes))];
}

async function asymmetric(of: Primitives, rounds: number): Promise<Measure[]> {
  const { bytes } = browserRandom;
  const [seed, wide, entropy, message] = [bytes(32), bytes(64), bytes(64), bytes(200)];
  const kemKey = await kemPublicKeyOf(of, seed);
  const { ciphertext } = (await encapsulate(of, kemKey, entropy)) ?? { ciphertext: bytes(1_120) };
  const signing = await of.ed25519.signingKeyOf(seed);
  const signature = await of.ed25519.sign(signing, message);
  const publicKey = await of.ed25519.publicKeyOf(seed);
  const point = await of.x25519.publicKeyOf(seed);
  const work: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['X-Wing public key', () => kemPublicKeyOf(of, seed)],
    ['X-Wing encapsulate', () => encapsulate(of, kemKey, entropy)],
    ['X-Wing decapsulate', () => decapsulate(of, seed, ciphertext)],
    ['X25519 agree', () => of.x25519.agree(seed, point)],
    ['ML-KEM-768 public key', () => of.mlKem.publicKeyOf(wide)],
    ['ML-KEM-768 decapsulate', () => of.mlKem.decapsulate(wide, ciphertext.slice(0, 1_088))],
    ['Ed25519 sign', () => of.ed25519.sign(signing, message)],
    ['Ed25519 verify', () => of.ed25519.verify(publicKey, message, signature)],
    ['HMAC of 32 bytes', () => of.hmac(seed, seed)],
    ['SHA-256 of 64 KiB', () => of.sha256(new Uint8Array(CHUNK_BYTES))],
  ];
  const measures: Measure[] = [];
  for (const [name, run] of work) {
    measures.push({ name, unit: 'ms', value: await median(rounds, run) });
  }
  return measures;
}

async function symmetric(of: Primitives, { primitiveMib }: Sizes): Promise<Measure[]> {
  const cipher = await of.aead(browserRandom.bytes(32));
  const plain = new Uint8Array(CHUNK_BYTES).fill(7);
  const associated = browserRandom.bytes(100);
  const sealedFirst = await cipher.seal(nonceOf(0), associated, plain);
  const chunks = (primitiveMib * MIB) / CHUNK_BYTES;
  const measures: Measure[] = [];
  const add = async (name: string, inFlight: number, work: (at: number) => Promise<unknown>) => {
    const value = ((await rate(chunks, inFlight, work)) * CHUNK_BYTES) / MIB;
    measures.push({ name: `${name}, ${inFlight} in flight`, unit: 'MiB/s', value });
  };
  for (const inFlight of IN_FLIGHT) {
    await add('AES-256-GCM seal 64 KiB', inFlight, (at) =>
      cipher.seal(nonceOf(at), associated, plain),
    );
    await add('AES-256-GCM open 64 KiB', inFlight, () =>
      cipher.open(nonceOf(0), associated, sealedFirst),
    );
  }
  return measures;
}

/** A counter: never the same twice under one key. */
function nonceOf(at: number): Bytes {
  return concat(uint(0, 4), uint(at, 8));
}
