/**
 * Secrets are overwritten when they have served. JavaScript promises nothing about copies that an
 * engine makes; what the channel itself holds, it wipes.
 */
import type { Bytes } from '../bytes.ts';

export function wipe(...secrets: readonly Bytes[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Runs the work and wipes everything it called its own, also when it failed. */
export async function scoped<T>(work: (own: (secret: Bytes) => Bytes) => Promise<T>): Promise<T> {
  const secrets: Bytes[] = [];
  try {
    return await work((secret) => {
      secrets.push(secret);
      return secret;
    });
  } finally {
    wipe(...secrets);
  }
}

/** In a time that does not tell where the first difference is. */
export function sameSecret(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] ?? 0);
  return difference === 0;
}

/** Wipes every byte array in a structure of arrays and plain objects. */
export function wipeAll(structure: unknown): void {
  if (structure instanceof Uint8Array) structure.fill(0);
  else if (typeof structure === 'object' && structure !== null) {
    for (const part of Object.values(structure)) wipeAll(part);
  }
}
