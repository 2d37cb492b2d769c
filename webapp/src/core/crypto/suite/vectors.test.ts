/** Published vectors against every implementation there is. */
import { describe, expect, it } from 'vitest';
import { allImplementations, mainImplementations } from '../../../test/implementations.ts';
import { vectors } from '../../../test/vectors.ts';
import { type Bytes, equal, fromHex, toHex } from '../../bytes.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import type { Primitives } from './primitives.ts';
import { decapsulate, encapsulate, kemPublicKeyOf } from './x-wing.ts';

function hex(text: string): Bytes {
  const bytes = fromHex(text);
  if (bytes === null) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

/** The sources of the vectors that do not hold. */
async function failing<V extends { readonly source: string }>(
  all: readonly V[],
  holds: (vector: V) => Promise<boolean>,
): Promise<string[]> {
  const failed: string[] = [];
  for (const vector of all) if (!(await holds(vector))) failed.push(vector.source);
  return failed;
}

function same(bytes: Bytes | null, expected: string | null): boolean {
  return (bytes === null ? null : toHex(bytes)) === expected;
}

/** An implementation that makes its own chance cannot be asked for a published ciphertext. */
async function takesEntropy({ mlKem }: Primitives): Promise<boolean> {
  const publicKey = await mlKem.publicKeyOf(new Uint8Array(64));
  const first = await mlKem.encapsulate(publicKey, new Uint8Array(32));
  const second = await mlKem.encapsulate(publicKey, new Uint8Array(32));
  return first !== null && second !== null && equal(first.ciphertext, second.ciphertext);
}

describe.each(await allImplementations())('%s', (_, primitives) => {
  it('[SUITE1] SHA-256 is that of NIST', async () => {
    const failed = await failing(vectors.sha256, async ({ message, digest }) =>
      same(await primitives.sha256(hex(message)), digest),
    );
    expect(failed).toEqual([]);
  });

  it('[SUITE1] HMAC is that of RFC 4231 and Wycheproof', async () => {
    const failed = await failing(
      vectors.hmac,
      async ({ key, message, mac, valid }) =>
        same(await primitives.hmac(hex(key), hex(message)), mac) === valid,
    );
    expect(failed).toEqual([]);
  });

  it('[SUITE6] HKDF is that of RFC 5869 and Wycheproof', async () => {
    const failed = await failing(vectors.hkdf, async ({ input, salt, info, size, output }) => {
      const key = await hkdfExtract(primitives, hex(salt), hex(input));
      const expanded = hkdfExpand(primitives, key, hex(info), size);
      return same(await expanded.catch(() => null), output);
    });
    expect(failed).toEqual([]);
  });

  it('[SUITE1] AES-256-GCM is that of NIST and Wycheproof', async () => {
    const failed = await failing(vectors.aesGcm, async (vector) => {
      const [nonce, associated] = [hex(vector.nonce), hex(vector.associated)];
      const cipher = await primitives.aead(hex(vector.key));
      const sealed = await cipher.seal(nonce, associated, hex(vector.plain));
      const opened = await cipher.open(nonce, associated, hex(vector.sealed));
      return vector.valid
        ? same(sealed, vector.sealed) && same(opened, vector.plain)
        : opened === null;
    });
    expect(failed).toEqual([]);
  });

  it('[SUITE1] X25519 is that of RFC 7748 and Wycheproof', async () => {
    const failed = await failing(vectors.x25519, async ({ secret, publicKey, shared }) =>
      same(await primitives.x25519.agree(hex(secret), hex(publicKey)), shared),
    );
    expect(failed).toEqual([]);
  });

  it('[SUITE1] Ed25519 is that of RFC 8032 and Wycheproof', async () => {
    const { publicKeyOf, sign, signingKeyOf, verify } = primitives.ed25519;
    const failed = await failing(vectors.ed25519, async (vector) => {
      const [message, signature] = [hex(vector.message), hex(vector.signature)];
      if (vector.seed !== undefined) {
        const seed = hex(vector.seed);
        const held = await sign(await signingKeyOf(seed), message);
        const raw = await sign({ is: 'seed', seed }, message);
        if (!equal(held, signature) || !equal(raw, signature)) return false;
        if (!same(await publicKeyOf(seed), vector.publicKey)) return false;
      }
      return (await verify(hex(vector.publicKey), message, signature)) === vector.valid;
    });
    expect(failed).toEqual([]);
  });

  it('[SUITE1] ML-KEM-768 makes the keys of ACVP and Wycheproof', async () => {
    const failed = await failing(vectors.mlKemKeys, async ({ seed, publicKey }) =>
      same(await primitives.mlKem.publicKeyOf(hex(seed)), publicKey),
    );
    expect(failed).toEqual([]);
  });

  it('[SUITE1] ML-KEM-768 encapsulates as ACVP and Wycheproof do', async () => {
    const deterministic = await takesEntropy(primitives);
    const failed = await failing(vectors.mlKemEncapsulations, async (vector) => {
      const agreed = await primitives.mlKem.encapsulate(hex(vector.publicKey), hex(vector.entropy));
      if (agreed === null || vector.ciphertext === null) {
        return agreed === null && vector.ciphertext === null;
      }
      return deterministic
        ? same(agreed.ciphertext, vector.ciphertext) && same(agreed.secret, vector.secret)
        : agreed.ciphertext.length === 1_088 && agreed.secret.length === 32;
    });
    expect(failed).toEqual([]);
  });

  it('[SUITE1] ML-KEM-768 decapsulates as Wycheproof does', async () => {
    const failed = await failing(
      vectors.mlKemDecapsulations,
      async ({ seed, ciphertext, secret }) =>
        same(await primitives.mlKem.decapsulate(hex(seed), hex(ciphertext)), secret),
    );
    expect(failed).toEqual([]);
  });

  it('[SUITE7] X-Wing is that of its draft', async () => {
    const deterministic = await takesEntropy(primitives);
    const failed = await failing(vectors.xWing, async (vector) => {
      const [seed, publicKey] = [hex(vector.seed), hex(vector.publicKey)];
      const secret = await decapsulate(primitives, seed, hex(vector.ciphertext));
      const agreed = await encapsulate(primitives, publicKey, hex(vector.entropy));
      if (agreed === null) return false;
      const back = await decapsulate(primitives, seed, agreed.ciphertext);
      return (
        same(await kemPublicKeyOf(primitives, seed), vector.publicKey) &&
        same(secret, vector.secret) &&
        same(back, toHex(agreed.secret)) &&
        (!deterministic || same(agreed.ciphertext, vector.ciphertext))
      );
    });
    expect(failed).toEqual([]);
  });
});

describe.each(await mainImplementations())('%s', (_, { x25519 }) => {
  it('[SUITE1] X25519 taken a thousand times is that of RFC 7748, section 5.2', async () => {
    let secret: Bytes = Uint8Array.of(9, ...new Uint8Array(31));
    let point = secret;
    for (let round = 1; round <= 1_000; round += 1) {
      const next = await x25519.agree(secret, point);
      if (round === 1) expect(await x25519.publicKeyOf(secret)).toEqual(next);
      [point, secret] = [secret, next ?? new Uint8Array()];
    }
    expect(toHex(secret)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });
});
