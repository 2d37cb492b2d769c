/**
 * Chooses, primitive by primitive, who computes it in this browser: Web Crypto if it is there and
 * gives the published answers, the libraries if not. Done once at the start; the choice is shown.
 */
import { noble } from './noble.ts';
import type { Primitives } from './primitives.ts';
import { trials } from './trials.ts';
import { webCrypto } from './web-crypto.ts';

export type PrimitiveName = keyof Primitives;

export const PRIMITIVE_NAMES = [
  'sha256',
  'hmac',
  'aead',
  'x25519',
  'mlKem',
  'ed25519',
] as const satisfies readonly PrimitiveName[];

export type Provider = 'webCrypto' | 'library';

/** Who computes what, for the panel about security. */
export type SuiteReport = Readonly<Record<PrimitiveName, Provider>>;

export type Suite = { readonly primitives: Primitives; readonly report: SuiteReport };

/** `null` for a page without Web Crypto; what is in `except` is left to the libraries untried. */
export async function detectPrimitives(
  subtle: SubtleCrypto | null = globalThis.crypto?.subtle ?? null,
  except: ReadonlySet<PrimitiveName> = new Set(),
): Promise<Suite> {
  const native = subtle === null ? null : webCrypto(subtle);
  const choose = async (name: PrimitiveName): Promise<readonly [PrimitiveName, Provider]> => {
    const takes = native !== null && !except.has(name) && (await passes(name, native));
    return [name, takes ? 'webCrypto' : 'library'];
  };
  const chosen = await Promise.all(PRIMITIVE_NAMES.map(choose));
  const report = Object.fromEntries(chosen) as Record<PrimitiveName, Provider>;
  const from = (name: PrimitiveName): Primitives =>
    report[name] === 'webCrypto' && native !== null ? native : noble;
  const primitives: Primitives = {
    sha256: from('sha256').sha256,
    hmac: from('hmac').hmac,
    aead: from('aead').aead,
    x25519: from('x25519').x25519,
    mlKem: from('mlKem').mlKem,
    ed25519: from('ed25519').ed25519,
  };
  return { primitives, report };
}

/** A primitive that is missing throws; that is as good as a wrong answer. */
async function passes(name: PrimitiveName, candidate: Primitives): Promise<boolean> {
  try {
    return await trials[name](candidate);
  } catch {
    return false;
  }
}
