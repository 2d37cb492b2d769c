/** The browser's chance: the cryptographic generator, for delays too. */
import type { Random } from '../core/ports.ts';

export const browserRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
};
