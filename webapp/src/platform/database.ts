/** What this browser keeps: identity keys and pins, by account, in one IndexedDB database. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { KeyVault, PinStore, StoredIdentity } from '../core/ports.ts';
import type { UserId } from '../core/wire/ids.ts';

const NAME = 'dh-secure-chat';
const VERSION = 1;

interface Schema extends DBSchema {
  identities: { key: UserId; value: StoredIdentity };
  pins: { key: [account: UserId, peer: UserId]; value: string };
}

type Database = IDBPDatabase<Schema>;

/** Opened once; a page that wants a newer layout is not held up by this one. */
export function openDatabase(): Promise<Database> {
  return openDB<Schema>(NAME, VERSION, {
    upgrade(database) {
      database.createObjectStore('identities');
      database.createObjectStore('pins');
    },
    blocking(_, __, event) {
      (event.target as IDBDatabase).close();
    },
  });
}

/** Private keys lie here as `CryptoKey`s that cannot be exported. */
export function keyVault(database: Promise<Database>): KeyVault {
  return {
    async load(account) {
      return (await (await database).get('identities', account)) ?? null;
    },
    async save(account, identity) {
      await (await database).put('identities', identity, account);
    },
  };
}

export function pinStore(database: Promise<Database>): PinStore {
  return {
    async load(account, peer) {
      return (await (await database).get('pins', [account, peer])) ?? null;
    },
    async save(account, peer, fingerprint) {
      await (await database).put('pins', fingerprint, [account, peer]);
    },
  };
}
