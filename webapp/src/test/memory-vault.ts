/** A browser's storage that lives as long as a test: keys, marks, pins and people. */
import type {
  Durability,
  KeptIdentity,
  KeyMarks,
  KeyVault,
  OwedLogout,
  PeopleStore,
  Pin,
  PinStore,
  Remembered,
} from '../core/ports.ts';
import type { UserId } from '../core/wire/ids.ts';

export function memoryVault(): KeyVault {
  const identities = new Map<UserId, KeptIdentity>();
  return {
    load: async (account) => identities.get(account) ?? null,
    add: async (account, identity) => {
      const kept = identities.get(account) ?? identity;
      identities.set(account, kept);
      return kept;
    },
    replace: async (account, identity) => void identities.set(account, identity),
    forget: async (account) => void identities.delete(account),
  };
}

export function memoryMarks(): KeyMarks {
  const accounts = new Set<UserId>();
  return {
    has: async (account) => accounts.has(account),
    set: async (account) => void accounts.add(account),
    forget: async (account) => void accounts.delete(account),
  };
}

/** Counts how often it was asked. */
export function memoryDurability(): Durability & { asked: number } {
  const durability = {
    asked: 0,
    ask: async () => {
      durability.asked += 1;
      return true;
    },
  };
  return durability;
}

export function memoryPins(): PinStore {
  const accounts = new Map<UserId, Map<UserId, Pin>>();
  const of = (account: UserId) => accounts.get(account) ?? new Map<UserId, Pin>();
  return {
    load: async (account, peer) => of(account).get(peer) ?? null,
    change: async (account, peer, judge) => {
      const pins = of(account);
      const kept = pins.get(peer) ?? null;
      const judged = judge(kept);
      if (judged !== null) accounts.set(account, pins.set(peer, judged));
      return judged ?? kept;
    },
    all: async (account) => [...of(account)],
    forget: async (account) => void accounts.delete(account),
  };
}

export function memoryOwedLogout(): OwedLogout {
  let isOwed = false;
  return {
    isOwed: async () => isOwed,
    set: async (owed) => {
      isOwed = owed;
    },
  };
}

export function memoryPeople(): PeopleStore {
  const lists = new Map<string, readonly Remembered[]>();
  return {
    load: async (list, account) => lists.get(`${list} ${account}`) ?? [],
    change: async (list, account, judge) => {
      const judged = judge(lists.get(`${list} ${account}`) ?? []);
      lists.set(`${list} ${account}`, judged);
      return judged;
    },
    clear: async (list) => {
      for (const key of [...lists.keys()]) if (key.startsWith(list)) lists.delete(key);
    },
    forget: async (account) => {
      for (const key of [...lists.keys()]) if (key.endsWith(account)) lists.delete(key);
    },
  };
}
