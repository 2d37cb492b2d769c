/**
 * Every implementation of the primitives that can be had here: the libraries, Web Crypto, what
 * the run chose, and Web Crypto with each primitive left to the libraries, one by one and all.
 */
import { noble } from '../core/crypto/suite/noble.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import { detectPrimitives, PRIMITIVE_NAMES } from '../core/crypto/suite/suite.ts';
import { webCrypto } from '../core/crypto/suite/web-crypto.ts';
import { testPrimitives } from './primitives.ts';

export type Implementation = readonly [name: string, primitives: Primitives];

/** The two that share no code, and what this run chose of them. */
export async function mainImplementations(): Promise<readonly Implementation[]> {
  return [
    ['the libraries', noble],
    ['Web Crypto', webCrypto(crypto.subtle)],
    ['what this run chose', await testPrimitives()],
  ];
}

export async function allImplementations(): Promise<readonly Implementation[]> {
  const mixtures = PRIMITIVE_NAMES.map(async (name): Promise<Implementation> => {
    const { primitives } = await detectPrimitives(crypto.subtle, new Set([name]));
    return [`Web Crypto without ${name}`, primitives];
  });
  const without = await detectPrimitives(null);
  return [
    ...(await mainImplementations()),
    ...(await Promise.all(mixtures)),
    ['Web Crypto without any', without.primitives],
  ];
}
