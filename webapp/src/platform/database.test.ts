/** What is kept, in IndexedDB and in a test's memory alike: one contract, both implementations. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import { hold } from '../core/auth/holding.ts';
import { utf8 } from '../core/bytes.ts';
import { signerOf } from '../core/crypto/identity.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type {
  KeptIdentity,
  KeyVault,
  OwedLogout,
  PeopleStore,
  Pin,
  PinStore,
} from '../core/ports.ts';
import { ALICE, BOB, CAROL, makeIdentity } from '../test/builders.ts';
import { memoryOwedLogout, memoryPeople, memoryPins, memoryVault } from '../test/memory-vault.ts';
import { keyVault, openDatabase, owedLogout, peopleStore, pinStore } from './database.ts';

const database = openDatabase();
type Stores = { vault: KeyVault; pins: PinStore; people: PeopleStore; owed: OwedLogout };
const implementations: [string, Stores][] = [
  [
    'IndexedDB',
    {
      vault: keyVault(database),
      pins: pinStore(database),
      people: peopleStore(database),
      owed: owedLogout(database),
    },
  ],
  [
    'memory',
    {
      vault: memoryVault(),
      pins: memoryPins(),
      people: memoryPeople(),
      owed: memoryOwedLogout(),
    },
  ],
];

/** As it is kept where handles can be. */
async function kept(): Promise<KeptIdentity> {
  const { publicKey, signingKey } = await makeIdentity();
  if (signingKey.is !== 'handle') throw new Error('made as a handle');
  return { publicKey, key: signingKey, sealedSeed: Uint8Array.of(1, 2, 3) };
}

async function signs({ publicKey, key }: KeptIdentity): Promise<boolean> {
  if (key.is !== 'handle') return false;
  const signature = await signerOf(noble, { publicKey, signingKey: key }).sign(utf8('hello'));
  return noble.ed25519.verify(publicKey, utf8('hello'), signature);
}

function pinned(fingerprint: string): Pin {
  const history = [{ is: 'pinned', fingerprint, at: 7 }] as const;
  return { fingerprint, standing: 'notVerified', history };
}

describe.each(implementations)('kept in %s', (_, { vault, pins, people, owed }) => {
  it('[STORE1] an identity is found by its account, and its key still signs', async () => {
    expect(await vault.load(ALICE)).toBeNull();
    const identity = await kept();
    await vault.replace(ALICE, identity);
    const found = await vault.load(ALICE);
    if (found === null) throw new Error('it was kept');
    expect(found.publicKey).toEqual(identity.publicKey);
    expect(found.sealedSeed).toEqual(identity.sealedSeed);
    expect(await signs(found)).toBe(true);
    expect(await vault.load(BOB)).toBeNull();
  });

  it('[STORE1] a key in every form comes back as it was kept', async () => {
    const seed = new Uint8Array(32).fill(9);
    for (const holding of ['handle', 'wrapped', 'password'] as const) {
      const key = await hold(seed, holding);
      await vault.replace(CAROL, { publicKey: seed, key, sealedSeed: null });
      const found = await vault.load(CAROL);
      expect(found?.key.is).toBe(holding);
      expect(found?.sealedSeed).toBeNull();
    }
  });

  it('[STORE2] a key that was kept cannot be exported', async () => {
    await vault.replace(BOB, await kept());
    const found = await vault.load(BOB);
    if (found?.key.is !== 'handle') throw new Error('it was kept');
    expect(found.key.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', found.key.key)).rejects.toThrow();
  });

  it('[STORE4] of identities that are added at once the first is kept, and all hear which', async () => {
    const made = await Promise.all([kept(), kept(), kept()]);
    const added = await Promise.all(made.map((identity) => vault.add(CAROL_TWO, identity)));
    for (const { publicKey } of added) expect(publicKey).toEqual(made[0]?.publicKey);
    expect((await vault.load(CAROL_TWO))?.publicKey).toEqual(made[0]?.publicKey);
    const next = await kept();
    await vault.replace(CAROL_TWO, next);
    expect((await vault.load(CAROL_TWO))?.publicKey).toEqual(next.publicKey);
  });

  it('[STORE3] a pin is found by account and peer, and the newest counts', async () => {
    await pins.change(ALICE, BOB, () => pinned('first'));
    await pins.change(CAROL, BOB, () => pinned('other'));
    expect(await pins.load(ALICE, CAROL)).toBeNull();
    expect(await pins.load(ALICE, BOB)).toEqual(pinned('first'));
    expect(await pins.change(ALICE, BOB, () => pinned('second'))).toEqual(pinned('second'));
    expect(await pins.load(ALICE, BOB)).toEqual(pinned('second'));
    expect(await pins.load(CAROL, BOB)).toEqual(pinned('other'));
  });

  it('[STORE3] all pins of an account are found, and none of another', async () => {
    await pins.change(BOB, CAROL, () => pinned('c'));
    await pins.change(BOB, ALICE, () => pinned('a'));
    const found = new Map(await pins.all(BOB));
    expect(found).toEqual(
      new Map([
        [CAROL, pinned('c')],
        [ALICE, pinned('a')],
      ]),
    );
  });

  it('[STORE5] a pin is judged by what is kept, also by two at once; nothing judged is nothing kept', async () => {
    const seen: (string | null)[] = [];
    const judge = (next: string) => (pin: Pin | null) => {
      seen.push(pin?.fingerprint ?? null);
      return pinned(next);
    };
    await Promise.all([
      pins.change(CAROL, ALICE, judge('x')),
      pins.change(CAROL, ALICE, judge('y')),
    ]);
    expect(seen).toEqual([null, 'x']);
    expect(await pins.change(CAROL, ALICE, () => null)).toEqual(pinned('y'));
    const failing = pins.change(CAROL, ALICE, () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await pins.load(CAROL, ALICE)).toEqual(pinned('y'));
  });

  it('[STORE7] people are listed by account, and judged by what is kept, also by two at once', async () => {
    const [bob, carol] = [
      { id: BOB, name: 'bob' },
      { id: CAROL, name: 'carol' },
    ];
    expect(await people.load('recent', ALICE)).toEqual([]);
    const changed = [bob, carol].map((person) =>
      people.change('recent', ALICE, (before) => [person, ...before]),
    );
    expect(await Promise.all(changed)).toEqual([[bob], [carol, bob]]);
    await people.change('blocked', ALICE, () => [bob]);
    await people.change('recent', BOB, () => [carol]);
    expect(await people.load('recent', ALICE)).toEqual([carol, bob]);
    expect(await people.load('blocked', ALICE)).toEqual([bob]);
    expect(await people.change('blocked', ALICE, () => [])).toEqual([]);
    expect(await people.load('blocked', ALICE)).toEqual([]);
  });

  it('[STORE7] one list of all accounts is cleared, and every other stays', async () => {
    const somebody = [{ id: CAROL, name: 'carol' }];
    for (const account of [ALICE, BOB]) {
      await people.change('recent', account, () => somebody);
      await people.change('blocked', account, () => somebody);
    }
    await people.clear('recent');
    const left = [ALICE, BOB].map((account) => people.load('recent', account));
    expect(await Promise.all(left)).toEqual([[], []]);
    expect(await people.load('blocked', BOB)).toEqual(somebody);
  });

  it('[STORE7] that the server has to hear of a sign-out is kept until it is not', async () => {
    expect(await owed.isOwed()).toBe(false);
    await owed.set(true);
    await owed.set(true);
    expect(await owed.isOwed()).toBe(true);
    await owed.set(false);
    expect(await owed.isOwed()).toBe(false);
  });

  it('[STORE8] what is kept of one account is forgotten, and nothing of another', async () => {
    const somebody = [{ id: CAROL, name: 'carol' }];
    for (const account of [ALICE, BOB]) {
      await vault.replace(account, await kept());
      await pins.change(account, CAROL, () => pinned('c'));
      await people.change('recent', account, () => somebody);
      await people.change('blocked', account, () => somebody);
    }
    await Promise.all([vault, pins, people].map((store) => store.forget(ALICE)));
    expect(await vault.load(ALICE)).toBeNull();
    expect(await pins.all(ALICE)).toEqual([]);
    expect(await people.load('recent', ALICE)).toEqual([]);
    expect(await people.load('blocked', ALICE)).toEqual([]);

    expect(await vault.load(BOB)).not.toBeNull();
    expect(await pins.load(BOB, CAROL)).toEqual(pinned('c'));
    expect(await people.load('recent', BOB)).toEqual(somebody);
    expect(await people.load('blocked', BOB)).toEqual(somebody);
    await vault.forget(ALICE);
  });
});

const CAROL_TWO = BOB.replace('b0b', 'ca2') as typeof BOB;

/** A database as version 1 left it. */
async function versionOne(identity: object): Promise<void> {
  globalThis.indexedDB = new IDBFactory();
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.open('dh-secure-chat', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('identities').put(identity, ALICE);
      const store = request.result.createObjectStore('pins');
      store.put('old print', [ALICE, BOB]);
      store.put('other print', [CAROL, BOB]);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}

describe('a database of version 1', () => {
  it('[STORE6] keeps its identities, which still sign, and its pins, not verified', async () => {
    const { publicKey, signingKey } = await makeIdentity();
    if (signingKey.is !== 'handle') throw new Error('made as a handle');
    await versionOne({ privateKey: signingKey.key, publicKey });
    const opened = openDatabase();
    const found = await keyVault(opened).load(ALICE);
    if (found === null) throw new Error('it was kept');
    expect(await signs(found)).toBe(true);
    expect(found.sealedSeed).toBeNull();
    const pins = pinStore(opened);
    const migrated = { standing: 'notVerified', history: [] };
    expect(await pins.load(ALICE, BOB)).toEqual({ fingerprint: 'old print', ...migrated });
    expect(await pins.load(CAROL, BOB)).toEqual({ fingerprint: 'other print', ...migrated });
    const people = peopleStore(opened);
    expect(await people.load('recent', ALICE)).toEqual([]);
    (await opened).close();
    const again = keyVault(openDatabase());
    expect(await signs((await again.load(ALICE)) ?? found)).toBe(true);
  });
});

describe('a database of version 2', () => {
  it('[STORE6] keeps what it has, and can list people', async () => {
    globalThis.indexedDB = new IDBFactory();
    const identity = await kept();
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open('dh-secure-chat', 2);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('identities').put(identity, ALICE);
        request.result.createObjectStore('pins').put(pinned('b'), [ALICE, BOB]);
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    const opened = openDatabase();
    const found = await keyVault(opened).load(ALICE);
    expect(found !== null && (await signs(found))).toBe(true);
    expect(await pinStore(opened).load(ALICE, BOB)).toEqual(pinned('b'));
    const people = peopleStore(opened);
    await people.change('blocked', ALICE, () => [{ id: BOB, name: 'bob' }]);
    expect(await people.load('blocked', ALICE)).toHaveLength(1);
  });
});
