/**
 * How much Web Crypto is still at work: the one thing in a test that takes real time, on threads
 * of its own. Counted by wrapping it, so that a test can tell quiet from slow.
 */

const METHODS = [
  'generateKey',
  'importKey',
  'exportKey',
  'deriveKey',
  'deriveBits',
  'sign',
  'verify',
  'encrypt',
  'decrypt',
  'digest',
  'getPublicKey',
  'encapsulateBits',
  'decapsulateBits',
] as const;

type AnyMethod = (...given: unknown[]) => Promise<unknown>;

let pending = 0;

/** Operations that were begun and have not ended. */
export function pendingCrypto(): number {
  return pending;
}

const subtle: { [Method in (typeof METHODS)[number]]: AnyMethod } = Object.getPrototypeOf(
  crypto.subtle,
);
for (const method of METHODS) {
  const original = subtle[method];
  subtle[method] = async function counted(this: SubtleCrypto, ...given: unknown[]) {
    pending += 1;
    try {
      return await original.apply(this, given);
    } finally {
      pending -= 1;
    }
  };
}
