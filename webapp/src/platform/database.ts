/**
 * What this browser keeps in one IndexedDB database: by account identity keys, pins, and lists of
 * people; and whether the server has still to hear that somebody signed out.
 */
import {
  type DBSchema,
  type IDBPDatabase,
  type IDBPTransaction,
  openDB,
  type StoreNames,
} from 'idb';
import type { Bytes } from '../core/bytes.ts';
import type {
  KeptIdentity,
  KeyVault,
  OwedLogout,
  PeopleList,
  PeopleStore,
  Pin,
  PinStore,
  Remembered,
} from '../core/ports.ts';
import type { UserId } from '../core/wire/ids.ts';

const NAME = 'dh-secure-chat';

/**
 * 1: a bare key pair, and pins as fingerprints. 2: keys as they are held, and pins that know more.
 * 3: lists of people, and debts to the server.
 */
const VERSION = 3;

interface Schema extends DBSchema {
  identities: { key: UserId; value: KeptIdentity };
  pins: { key: PinKey; value: Pin };
  people: { key: PeopleKey; value: readonly Remembered[] };
  debts: { key: 'logout'; value: true };
}

type PinKey = [account: UserId, peer: UserId];
type PeopleKey = [list: PeopleList, account: UserId];
type Database = IDBPDatabase<Schema>;
type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

/** What version 1 kept. */
type OldIdentity = { readonly privateKey: CryptoKey; readonly publicKey: Bytes };

/** Opened once; a page that wants a newer layout is not held up by this one. */
export function openDatabase(): Promise<Database> {
  return openDB<Schema>(NAME, VERSION, {
    async upgrade(database, oldVersion, _, upgrade) {
      if (oldVersion < 3) {
        database.createObjectStore('people');
        database.createObjectStore('debts');
      }
      if (oldVersion < 1) {
        database.createObjectStore('identities');
        database.createObjectStore('pins');
      } else if (oldVersion < 2) {
        await migrateIdentities(upgrade);
        await migratePins(upgrade);
      }
    },
    blocking(_, __, event) {
      (event.target as IDBDatabase).close();
    },
  });
}

/** An old key was made without a seed that anybody saw: it signs as before and has no copy. */
async function migrateIdentities(upgrade: Upgrade): Promise<void> {
  let cursor = await upgrade.objectStore('identities').openCursor();
  while (cursor !== null) {
    const { privateKey, publicKey } = cursor.value as unknown as OldIdentity;
    await cursor.update({ publicKey, key: { is: 'handle', key: privateKey }, sealedSeed: null });
    cursor = await cursor.continue();
  }
}

/** When an old pin was set is not known, so its history begins without a word. */
async function migratePins(upgrade: Upgrade): Promise<void> {
  let cursor = await upgrade.objectStore('pins').openCursor();
  while (cursor !== null) {
    const fingerprint = cursor.value as unknown as string;
    await cursor.update({ fingerprint, standing: 'notVerified', history: [] });
    cursor = await cursor.continue();
  }
}

/** Working keys lie here as `CryptoKey`s that cannot be exported, seeds only sealed. */
export function keyVault(database: Promise<Database>): KeyVault {
  return {
    async load(account) {
      return (await (await database).get('identities', account)) ?? null;
    },
    async add(account, identity) {
      const transaction = (await database).transaction('identities', 'readwrite');
      const kept = await transaction.store.get(account);
      if (kept === undefined) await transaction.store.put(identity, account);
      await transaction.done;
      return kept ?? identity;
    },
    async replace(account, identity) {
      await (await database).put('identities', identity, account);
    },
    async forget(account) {
      await (await database).delete('identities', account);
    },
  };
}

export function pinStore(database: Promise<Database>): PinStore {
  return {
    async load(account, peer) {
      return (await (await database).get('pins', [account, peer])) ?? null;
    },
    async change(account, peer, judge) {
      const transaction = (await database).transaction('pins', 'readwrite');
      const kept = (await transaction.store.get([account, peer])) ?? null;
      const judged = judge(kept);
      if (judged !== null) await transaction.store.put(judged, [account, peer]);
      await transaction.done;
      return judged ?? kept;
    },
    async all(account) {
      const store = (await database).transaction('pins').store;
      const range = pinsOf(account);
      const [keys, pins] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
      return keys.flatMap(([, peer], at) => {
        const pin = pins[at];
        return pin === undefined ? [] : [[peer, pin] as const];
      });
    },
    async forget(account) {
      await (await database).delete('pins', pinsOf(account));
    },
  };
}

/** An empty list is none. */
export function peopleStore(database: Promise<Database>): PeopleStore {
  return {
    async load(list, account) {
      return (await (await database).get('people', [list, account])) ?? [];
    },
    async change(list, account, judge) {
      const transaction = (await database).transaction('people', 'readwrite');
      const judged = judge((await transaction.store.get([list, account])) ?? []);
      if (judged.length === 0) await transaction.store.delete([list, account]);
      else await transaction.store.put(judged, [list, account]);
      await transaction.done;
      return judged;
    },
    async clear(list) {
      await (await database).delete('people', IDBKeyRange.bound([list], [list, []]));
    },
    async forget(account) {
      const transaction = (await database).transaction('people', 'readwrite');
      await Promise.all(LISTS.map((list) => transaction.store.delete([list, account])));
      await transaction.done;
    },
  };
}

export function owedLogout(database: Promise<Database>): OwedLogout {
  return {
    async isOwed() {
      return (await (await database).get('debts', 'logout')) === true;
    },
    async set(owed) {
      const opened = await database;
      if (owed) await opened.put('debts', true, 'logout');
      else await opened.delete('debts', 'logout');
    },
  };
}

const LISTS: readonly PeopleList[] = ['recent', 'blocked'];

/** An array is above every text. */
function pinsOf(account: UserId): IDBKeyRange {
  return IDBKeyRange.bound([account], [account, []]);
}
