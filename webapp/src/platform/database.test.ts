/** What is kept, in IndexedDB and in a test's memory alike: one contract, both implementations. */
import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../core/bytes.ts';
import { makeIdentity, signerOf } from '../core/crypto/identity.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type { KeyVault, PinStore } from '../core/ports.ts';
import { ALICE, BOB, CAROL } from '../test/builders.ts';
import { memoryPins, memoryVault } from '../test/memory-vault.ts';
import { keyVault, openDatabase, pinStore } from './database.ts';

const database = openDatabase();
const implementations: [string, { vault: KeyVault; pins: PinStore }][] = [
  ['IndexedDB', { vault: keyVault(database), pins: pinStore(database) }],
  ['memory', { vault: memoryVault(), pins: memoryPins() }],
];

describe.each(implementations)('kept in %s', (_, { vault, pins }) => {
  it('[STORE1] an identity is found by its account, and its key still signs', async () => {
    expect(await vault.load(ALICE)).toBeNull();
    const identity = await makeIdentity();
    await vault.save(ALICE, identity);
    const found = await vault.load(ALICE);
    if (found === null) throw new Error('it was kept');
    const signature = await signerOf(noble, found).sign(utf8('hello'));
    expect(await noble.ed25519.verify(identity.publicKey, utf8('hello'), signature)).toBe(true);
    expect(await vault.load(BOB)).toBeNull();
  });

  it('[STORE2] a private key cannot be exported', async () => {
    await vault.save(BOB, await makeIdentity());
    const found = await vault.load(BOB);
    if (found === null) throw new Error('it was kept');
    if (found.signingKey.is !== 'handle') throw new Error('the browser keeps it as a handle');
    expect(found.signingKey.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', found.signingKey.key)).rejects.toThrow();
  });

  it('[STORE3] a pin is found by account and peer, and the newest counts', async () => {
    await pins.save(ALICE, BOB, 'first');
    await pins.save(CAROL, BOB, 'other');
    expect(await pins.load(ALICE, CAROL)).toBeNull();
    expect(await pins.load(ALICE, BOB)).toBe('first');
    await pins.save(ALICE, BOB, 'second');
    expect([await pins.load(ALICE, BOB), await pins.load(CAROL, BOB)]).toEqual(['second', 'other']);
  });
});
