/** The own key: how it is held, kept, lost, carried to another browser, and from strangers' files. */
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, flipped } from '../../test/builders.ts';
import { memoryDurability, memoryMarks, memoryVault } from '../../test/memory-vault.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { CHEAP_SEAL } from '../../test/story.ts';
import { type Bytes, concat, toHex, utf8 } from '../bytes.ts';
import { signerOf } from '../crypto/identity.ts';
import { noble } from '../crypto/suite/noble.ts';
import { encodeBackup } from './backup.ts';
import type { Holding } from './holding.ts';
import { type Held, OwnKeys } from './own-keys.ts';

const PASSWORD = 'correct horse 1';
const HOLDINGS: readonly Holding[] = ['handle', 'wrapped', 'password'];

/** A browser whose every raw seed a test can look at. */
function browser(holding: Holding, seed = 1) {
  const given: Bytes[] = [];
  const random = seededRandom(seed);
  const world = {
    vault: memoryVault(),
    marks: memoryMarks(),
    durability: memoryDurability(),
    primitives: noble,
    random: {
      ...random,
      bytes: (length: number) => {
        const bytes = random.bytes(length);
        given.push(bytes);
        return bytes;
      },
    },
    sealCost: CHEAP_SEAL,
    holding,
  };
  return { ...world, given, keys: new OwnKeys(world) };
}

async function signs(held: Held, publicKey: Bytes): Promise<boolean> {
  if (held.is !== 'here') return false;
  const signature = await signerOf(noble, held.identity).sign(utf8('hello'));
  return noble.ed25519.verify(publicKey, utf8('hello'), signature);
}

/** Every byte that storage would have, handles aside. */
function readable(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(new Uint8Array(value));
  if (typeof value !== 'object' || value === null) return `${value}`;
  return Object.values(value).map(readable).join();
}

/** Alice's key kept in a browser, and the file of it. */
async function saved(holding: Holding = 'handle') {
  const at = browser(holding);
  const fresh = await at.keys.make();
  const { publicKey } = fresh;
  await at.keys.keep(ALICE, fresh, PASSWORD);
  const exported = await at.keys.exportFile(ALICE, PASSWORD);
  if (exported.is !== 'file') throw new Error(exported.why);
  return { at, publicKey, file: exported.file };
}

describe.each(HOLDINGS)('a key held as: %s', (holding) => {
  it('[ID1] is made of chance once; nothing kept shows it, and the raw bytes are overwritten', async () => {
    const { keys, given, vault } = browser(holding);
    const fresh = await keys.make();
    const seed = toHex(fresh.seed);
    expect(given[0]).toBe(fresh.seed);
    expect(fresh.publicKey).toEqual(await noble.ed25519.publicKeyOf(fresh.seed));
    const held = await keys.keep(ALICE, fresh, PASSWORD);
    expect(toHex(fresh.seed)).toBe('00'.repeat(32));
    const kept = await vault.load(ALICE);
    expect(kept).not.toBeNull();
    expect(readable(kept)).not.toContain(seed);
    expect(await signs(held, fresh.publicKey)).toBe(true);
  });

  it('[ID9] is the same key in another browser, out of the file', async () => {
    const { publicKey, file } = await saved();
    const other = browser(holding, 2);
    const imported = await other.keys.importFile(ALICE, publicKey, { file, password: PASSWORD });
    if (imported.is !== 'held') throw new Error(imported.why);
    expect(await signs(imported.held, publicKey)).toBe(true);
    expect(await signs(await other.keys.find(ALICE, PASSWORD), publicKey)).toBe(true);
    expect(await other.keys.exportFile(ALICE, PASSWORD)).toEqual({ is: 'file', file });
  });
});

describe('the own key', () => {
  it('[ID2] is a handle that signs as its seed would, and cannot be exported', async () => {
    const { keys } = browser('handle');
    const fresh = await keys.make();
    const bySeed = { is: 'seed', seed: fresh.seed.slice() } as const;
    const expected = await noble.ed25519.sign(bySeed, utf8('hello'));
    const held = await keys.keep(ALICE, fresh, PASSWORD);
    if (held.is !== 'here' || held.identity.signingKey.is !== 'handle') throw new Error('a handle');
    expect(await signerOf(noble, held.identity).sign(utf8('hello'))).toEqual(expected);
    const { key } = held.identity.signingKey;
    expect(key.extractable).toBe(false);
    for (const format of ['pkcs8', 'jwk', 'raw'] as const) {
      await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow();
    }
  });

  it('[ID3] is there again by itself where only its wrapping is a handle', async () => {
    const { keys, vault } = browser('wrapped');
    const fresh = await keys.make();
    await keys.keep(ALICE, fresh, PASSWORD);
    const kept = await vault.load(ALICE);
    if (kept?.key.is !== 'wrapped') throw new Error('wrapped');
    expect(kept.key.wrapping.extractable).toBe(false);
    const found = await keys.find(ALICE, null);
    expect(await signs(found, fresh.publicKey)).toBe(true);
    if (found.is !== 'here') throw new Error('it is here');
    const signer = signerOf(noble, found.identity);
    expect(await signer.sign(utf8('hello'))).toEqual(
      await noble.ed25519.sign(found.identity.signingKey, utf8('hello')),
    );
  });

  it('[ID4] is locked on each load where there are no handles, until the right password', async () => {
    const { keys } = browser('password');
    const fresh = await keys.make();
    expect(await signs(await keys.keep(ALICE, fresh, PASSWORD), fresh.publicKey)).toBe(true);
    const locked = { is: 'locked', publicKey: fresh.publicKey };
    expect(await keys.find(ALICE, null)).toEqual(locked);
    expect(await keys.find(ALICE, 'correct horse 2')).toEqual(locked);
    expect(await signs(await keys.find(ALICE, PASSWORD), fresh.publicKey)).toBe(true);
    expect(await keys.find(ALICE, null)).toEqual(locked);
  });

  it('[ID7] that was here and is gone is lost; one that never was is elsewhere', async () => {
    const { keys, marks, ...world } = browser('handle');
    await keys.keep(ALICE, await keys.make(), PASSWORD);
    const cleared = new OwnKeys({ ...world, marks, vault: memoryVault() });
    expect(await cleared.find(ALICE, PASSWORD)).toEqual({ is: 'lost' });
    expect(await cleared.find(BOB, PASSWORD)).toEqual({ is: 'never' });
  });

  it('[ID7] of a database older than its marks is marked when it is found', async () => {
    const { keys, vault, ...world } = browser('handle');
    await keys.keep(ALICE, await keys.make(), PASSWORD);
    const marks = memoryMarks();
    await new OwnKeys({ ...world, vault, marks }).find(ALICE, null);
    const cleared = new OwnKeys({ ...world, marks, vault: memoryVault() });
    expect(await cleared.find(ALICE, null)).toEqual({ is: 'lost' });
  });

  it('[ID8] is kept as well as the browser can: it is asked not to clear its storage', async () => {
    const { keys, durability } = browser('handle');
    const fresh = await keys.make();
    expect(durability.asked).toBe(0);
    await keys.keep(ALICE, fresh, PASSWORD);
    expect(durability.asked).toBe(1);
  });

  it('[ID12] that never was a seed here has no copy', async () => {
    const { keys, vault } = browser('handle');
    const { publicKey } = await keys.make();
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign']);
    const key = { is: 'handle', key: pair.privateKey } as const;
    await vault.replace(ALICE, { publicKey, key, sealedSeed: null });
    expect(await keys.find(ALICE, PASSWORD)).toMatchObject({ is: 'here', exportable: false });
    const none = { is: 'refused', why: 'noCopy' };
    expect(await keys.exportFile(ALICE, PASSWORD)).toEqual(none);
    expect(await keys.exportFile(BOB, PASSWORD)).toEqual(none);
  });
});

describe('a file with a key', () => {
  it('[ID9] is given to nobody who does not know the password', async () => {
    const { at } = await saved();
    const refused = { is: 'refused', why: 'wrongPassword' };
    expect(await at.keys.exportFile(ALICE, 'correct horse 2')).toEqual(refused);
  });

  it('[ID10] is refused, and changes nothing, if anything about it is wrong', async () => {
    const { publicKey, file } = await saved();
    const { at: strange, publicKey: otherKey } = { at: browser('handle', 3), publicKey: BOB_KEY };
    const cases: readonly [why: string, file: Bytes, password?: string, published?: Bytes][] = [
      ['wrongPassword', file, 'correct horse 2'],
      ['otherKey', file, PASSWORD, otherKey],
      ['malformed', flipped(file, 0)],
      ['malformed', flipped(file, 15)],
      ['malformed', file.slice(0, 40)],
      ['malformed', concat(file, new Uint8Array(1_024))],
      ['malformed', new Uint8Array()],
      ['otherAccount', flipped(file, 17)],
      ['otherKey', flipped(file, 40)],
      ['wrongPassword', flipped(file, -1)],
    ];
    for (const [why, bytes, password = PASSWORD, published = publicKey] of cases) {
      const imported = await strange.keys.importFile(ALICE, published, { file: bytes, password });
      expect(imported).toEqual({ is: 'refused', why });
    }
    expect(await strange.vault.load(ALICE)).toBeNull();
    expect(await strange.keys.find(ALICE, PASSWORD)).toEqual({ is: 'never' });
  });

  it('[ID10] is refused if its account was changed for the one that takes it', async () => {
    const { publicKey, file } = await saved();
    const at = concat(utf8('dhchat identity'), Uint8Array.of(1)).length;
    const bobs = encodeBackup({ account: BOB, publicKey, sealedSeed: file.slice(at + 48) });
    const other = browser('handle', 2);
    const imported = await other.keys.importFile(BOB, publicKey, {
      file: bobs,
      password: PASSWORD,
    });
    expect(imported).toEqual({ is: 'refused', why: 'wrongPassword' });
  });

  it('[ID10] is refused if its seed is not of the key that it names', async () => {
    const other = browser('handle', 4);
    const fresh = await other.keys.make();
    const forged = { seed: other.random.bytes(32), publicKey: fresh.publicKey };
    await other.keys.keep(ALICE, forged, PASSWORD);
    const kept = await other.vault.load(ALICE);
    if (kept === null || kept.sealedSeed === null) throw new Error('it was kept');
    const file = encodeBackup({ account: ALICE, ...kept, sealedSeed: kept.sealedSeed });
    const imported = await browser('handle', 5).keys.importFile(ALICE, fresh.publicKey, {
      file,
      password: PASSWORD,
    });
    expect(imported).toEqual({ is: 'refused', why: 'malformed' });
  });
});

const BOB_KEY = new Uint8Array(32).fill(7);
