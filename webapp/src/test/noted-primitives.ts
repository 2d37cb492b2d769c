/** Primitives by the library that note what they were asked for: for tests that count or look. */
import { type Bytes, toHex } from '../core/bytes.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';

export type Noted = {
  readonly primitives: Primitives;
  /** How many macs were asked for. */
  hmacs: number;
  /** Every hash that was given. */
  readonly hashes: Bytes[];
  /** The key of each seal, in order, and what it sealed. */
  readonly sealingKeys: string[];
  readonly plains: Bytes[];
};

export function notedPrimitives(): Noted {
  const noted: Noted = {
    primitives: {
      ...noble,
      sha256: async (data) => {
        const hash = await noble.sha256(data);
        noted.hashes.push(hash.slice());
        return hash;
      },
      hmac: (key, data) => {
        noted.hmacs += 1;
        return noble.hmac(key, data);
      },
      aead: async (key) => {
        const named = toHex(key);
        const aead = await noble.aead(key);
        return {
          open: aead.open,
          seal: (nonce, associated, plain) => {
            noted.sealingKeys.push(named);
            noted.plains.push(plain.slice());
            return aead.seal(nonce, associated, plain);
          },
        };
      },
    },
    hmacs: 0,
    hashes: [],
    sealingKeys: [],
    plains: [],
  };
  return noted;
}
