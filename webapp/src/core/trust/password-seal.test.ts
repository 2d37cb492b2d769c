/** Bytes under a password, and the files of strangers. */
import { argon2id } from '@noble/hashes/argon2.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flipped } from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { CHEAP_SEAL } from '../../test/story.ts';
import { type Bytes, concat, fromHex, toHex, uint, utf8 } from '../bytes.ts';
import { noble } from '../crypto/suite/noble.ts';
import { openUnder, SEAL_COST, type SealCost, sealUnder } from './password-seal.ts';

const ABOUT = utf8('about');
const SECRET = utf8('a seed of thirty-two bytes, say!');
const COMMITMENT_AT = 23;

function sealed(password: string, cost: SealCost = CHEAP_SEAL, seed = 1): Promise<Bytes> {
  const sealer = { primitives: noble, random: seededRandom(seed), cost };
  return sealUnder(sealer, password, ABOUT, SECRET);
}

const opened = (seal: Bytes, password = 'secret') => openUnder(noble, password, ABOUT, seal);

describe('a seal under a password', () => {
  it('[ID5] opens with the password, however its letters are spelt, and with no other', async () => {
    const seal = await sealed('Zo\u00eb 1');
    expect(await opened(seal, 'Zo\u00eb 1')).toEqual({ is: 'opened', content: SECRET });
    expect(await opened(seal, 'Zoe\u0308 1')).toEqual({ is: 'opened', content: SECRET });
    expect(await opened(seal, 'Zoe 1')).toEqual({ is: 'refused' });
    expect(await openUnder(noble, 'Zo\u00eb 1', utf8('else'), seal)).toEqual({ is: 'refused' });
  });

  it('[ID5] costs what OWASP asks for, has a salt of its own and a frozen layout', async () => {
    expect(SEAL_COST).toEqual({ memoryKib: 19_456, passes: 2, lanes: 1 });
    const [one, other] = [await sealed('secret'), await sealed('secret', CHEAP_SEAL, 2)];
    expect(toHex(one.slice(0, 7))).toBe('01000000080101');
    expect(one.length).toBe(7 + 16 + 32 + SECRET.length + 16);
    expect(one.slice(7, 23)).not.toEqual(other.slice(7, 23));
    expect(one.slice(23)).not.toEqual(other.slice(23));
    expect(await opened(FROZEN)).toEqual({ is: 'opened', content: SECRET });
  });

  it('[ID5] is made with the Argon2id of RFC 9106', () => {
    const tag = argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      m: 32,
      t: 3,
      p: 4,
      dkLen: 32,
      key: new Uint8Array(8).fill(3),
      personalization: new Uint8Array(12).fill(4),
    }) as Bytes;
    const published = '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659';
    expect(toHex(tag)).toBe(published);
  });

  it('[ID5] opens with no bit changed', async () => {
    const seal = await sealed('secret');
    // From the salt on: what stands before it decides how much work is done.
    const place = fc.integer({ min: 7, max: seal.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        expect(await opened(flipped(seal, at))).toEqual({ is: 'refused' });
      }),
      { numRuns: 40 },
    );
    const shorter = await opened(seal.slice(0, -1));
    expect(shorter).toEqual({ is: 'refused' });
  });

  it('[ID5] commits to its password: another commitment opens nothing', async () => {
    const [one, other] = [await sealed('secret'), await sealed('other')];
    const swapped = concat(
      one.slice(0, COMMITMENT_AT),
      other.slice(COMMITMENT_AT, COMMITMENT_AT + 32),
      one.slice(COMMITMENT_AT + 32),
    );
    expect(await opened(swapped)).toEqual({ is: 'refused' });
  });

  it('[ID6] is refused before any work if it asks for too much, or is no seal', async () => {
    const seal = await sealed('secret');
    const asking = (memoryKib: number, passes: number, lanes: number, version = 1) =>
      concat(uint(version, 1), uint(memoryKib, 4), uint(passes, 1), uint(lanes, 1), seal.slice(7));
    for (const hostile of [
      asking(4_194_304, 1, 1),
      asking(65_537, 1, 1),
      asking(0xffff_ffff, 255, 255),
      asking(64, 9, 1),
      asking(64, 1, 5),
      asking(0, 1, 1),
      asking(64, 0, 1),
      asking(64, 1, 0),
      asking(31, 1, 4),
      asking(8, 1, 1, 2),
      seal.slice(0, 70),
      new Uint8Array(),
    ]) {
      expect(await opened(hostile)).toEqual({ is: 'malformed' });
    }
    for (const bearable of [asking(64, 8, 1), asking(64, 1, 4), asking(32, 1, 4)]) {
      expect(await opened(bearable)).toEqual({ is: 'refused' });
    }
  });
});

/** Made once by this code: what was saved stays readable. */
const FROZEN =
  fromHex(
    [
      '010000000801016c0ab27c1dd3e2c80e2ee8957eb06c0d2219cff50e18d6cdcf0265adb751e576e2f1f56001',
      '5246fac260540dfa2f09c2f78f4f991f1ec8a66d5d767c4702d7fce6ab082f1653ce75140063c6fa73ccfbc8',
      'e95028b5e9522a6eb6601f34d38969',
    ].join(''),
  ) ?? new Uint8Array();
