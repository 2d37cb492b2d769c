/**
 * Somebody who captured all of one side's memory, and knows everything else that is not secret by
 * itself: every hash of every transcript, and every ciphertext, also of turns that he could not
 * open. What keys can he come to?
 */
import { type Bytes, toHex } from '../core/bytes.ts';
import { nextKeyOf, recordKeyOf } from '../core/crypto/chain.ts';
import type { Channel } from '../core/crypto/channel.ts';
import { masterSecret, nextSecret, SECRET_BYTES } from '../core/crypto/key-schedule.ts';
import { epochKeys } from '../core/crypto/ratchet.ts';
import { hkdfExtract } from '../core/crypto/suite/hkdf.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import { decapsulate, KEM_CIPHERTEXT_BYTES } from '../core/crypto/suite/x-wing.ts';

/** More records than any chain of the tests has. */
const CHAIN_STEPS = 8;

export type Known = {
  /** th2 to th4. */
  readonly transcripts: readonly Bytes[];
  /** ctA and ctB. */
  readonly ciphertexts: readonly Bytes[];
  readonly turns: readonly { readonly transcript: Bytes; readonly ciphertext: Bytes }[];
};

type Reached = Set<string>;

/** Every record key that the thief can compute, in hexadecimal digits. */
export async function reachOf(
  captured: ReturnType<typeof Channel.captured>,
  known: Known,
): Promise<ReadonlySet<string>> {
  const reached: Reached = new Set();
  const secrets = secretsIn(captured);
  const seeds = secretsIn(captured.ratchet.part);
  const transcripts = [...known.transcripts, ...known.turns.map(({ transcript }) => transcript)];
  for (const secret of secrets) {
    reached.add(toHex(secret));
    await walkChain(secret, reached);
    // As if it were the secret that began an epoch, or one of a handshake.
    for (const transcript of transcripts) await walkEpoch(secret, transcript, reached);
    await walkHandshake(secret, seeds, known, reached);
    await walkTurns(secret, seeds, known, reached);
  }
  return reached;
}

async function walkHandshake(
  secret: Bytes,
  seeds: readonly Bytes[],
  { transcripts, ciphertexts }: Known,
  reached: Reached,
): Promise<void> {
  const inputs = [new Uint8Array(SECRET_BYTES), ...(await opened(seeds, ciphertexts))];
  const th4 = transcripts.at(-1);
  if (th4 === undefined) return;
  for (const input of inputs) {
    for (const transcript of transcripts) {
      const next = await nextSecret(noble, secret, transcript, input);
      await walkEpoch(next, th4, reached);
      await walkEpoch(await masterSecret(noble, next, th4), th4, reached);
    }
  }
}

/** From any root through any turn, and from there on through those that follow. */
async function walkTurns(
  from: Bytes,
  seeds: readonly Bytes[],
  { turns }: Known,
  reached: Reached,
): Promise<void> {
  // Without a seed he hopes that a turn mixed nothing in.
  for (const seed of [...seeds, null]) {
    for (const first of turns.keys()) {
      let root = from;
      for (const { ciphertext, transcript } of turns.slice(first)) {
        const zeros = new Uint8Array(SECRET_BYTES);
        const [secret] = seed === null ? [zeros] : await opened([seed], [ciphertext]);
        if (secret === undefined) break;
        root = await walkEpoch(await hkdfExtract(noble, root, secret), transcript, reached);
      }
    }
  }
}

const decapsulated = new Map<string, Bytes | null>();

/** What comes of every ciphertext under every seed. Remembered: the thief asks again and again. */
async function opened(seeds: readonly Bytes[], ciphertexts: readonly Bytes[]): Promise<Bytes[]> {
  const secrets: Bytes[] = [];
  for (const seed of seeds) {
    for (const ciphertext of ciphertexts) {
      const name = `${toHex(seed)} ${toHex(ciphertext.slice(-32))}`;
      if (!decapsulated.has(name)) {
        decapsulated.set(name, await decapsulate(noble, seed, ciphertext));
      }
      const secret = decapsulated.get(name);
      if (secret) secrets.push(secret);
    }
  }
  return secrets;
}

/** The chains of an epoch that a secret begins; its root. */
async function walkEpoch(secret: Bytes, transcript: Bytes, reached: Reached): Promise<Bytes> {
  const { root, chains } = await epochKeys(noble, secret, transcript);
  for (const chain of chains.values()) await walkChain(chain, reached);
  return root;
}

async function walkChain(from: Bytes, reached: Reached): Promise<void> {
  let key = from;
  for (let n = 0; n < CHAIN_STEPS; n += 1) {
    reached.add(toHex(await recordKeyOf(noble, key)));
    key = await nextKeyOf(noble, key);
  }
}

/** Everything captured that is as long as a secret. */
function secretsIn(structure: unknown): Bytes[] {
  if (structure instanceof Uint8Array) {
    return structure.length === SECRET_BYTES ? [structure as Bytes] : [];
  }
  if (typeof structure !== 'object' || structure === null) return [];
  return Object.values(structure).flatMap(secretsIn);
}

/** The ciphertext in a turn's content, as it stands in what is sealed. */
export function ciphertextIn(plain: Bytes): Bytes {
  const before = 4 + 1 + 4 + 1_216;
  return plain.slice(before, before + KEM_CIPHERTEXT_BYTES);
}
