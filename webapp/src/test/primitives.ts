/**
 * The primitives that a test computes with: what a browser would choose, less what the run was
 * told to leave to the libraries (`DHCHAT_WITHOUT=mlKem,x25519`, or `all`). So each test holds for
 * every mixture, in Node and in Chromium.
 */
import { inject } from 'vitest';
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import {
  detectPrimitives,
  PRIMITIVE_NAMES,
  type PrimitiveName,
  type Suite,
} from '../core/crypto/suite/suite.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Names of primitives, apart by commas, or `all`. */
    without: string;
  }
}

let found: Promise<Suite> | undefined;

export async function testPrimitives(): Promise<Primitives> {
  return (await testSuite()).primitives;
}

/** The same choice for all tests of a file, with the report of it. */
export function testSuite(): Promise<Suite> {
  found ??= detectPrimitives(undefined, withoutOf(inject('without') ?? ''));
  return found;
}

/** A misspelt name would switch nothing off and prove nothing, so it throws. */
export function withoutOf(list: string): ReadonlySet<PrimitiveName> {
  if (list === 'all') return new Set(PRIMITIVE_NAMES);
  const names = list.split(',').filter((name) => name !== '');
  return new Set(names.map(asName));
}

function asName(text: string): PrimitiveName {
  const name = PRIMITIVE_NAMES.find((known) => known === text);
  if (name === undefined) throw new Error(`DHCHAT_WITHOUT names no primitive: ${text}`);
  return name;
}
