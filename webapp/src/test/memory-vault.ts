/** A browser's storage that lives as long as a test: keys and pins. */
import type { KeyVault, PinStore, StoredIdentity } from '../core/ports.ts';

export function memoryVault(): KeyVault {
  const identities = new Map<string, StoredIdentity>();
  return {
    load: async (account) => identities.get(account) ?? null,
    save: async (account, identity) => void identities.set(account, identity),
  };
}

export function memoryPins(): PinStore {
  const pins = new Map<string, string>();
  return {
    load: async (account, peer) => pins.get(`${account} ${peer}`) ?? null,
    save: async (account, peer, fingerprint) => void pins.set(`${account} ${peer}`, fingerprint),
  };
}
