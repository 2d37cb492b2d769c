/** Which implementation is chosen for which primitive, by browsers that have, lack or lie. */
import { describe, expect, inject, it } from 'vitest';
import { testSuite, withoutOf } from '../../../test/primitives.ts';
import { noble } from './noble.ts';
import { detectPrimitives, PRIMITIVE_NAMES, type PrimitiveName, type Provider } from './suite.ts';

type Call = (...args: unknown[]) => Promise<unknown>;

/** Web Crypto with some of its methods replaced; `undefined` takes one away. */
function subtleWith(changed: Record<string, Call | undefined>): SubtleCrypto {
  return new Proxy(crypto.subtle, {
    has: (whole, name) => (name in changed ? changed[String(name)] !== undefined : name in whole),
    get: (whole, name) => {
      if (name in changed) return changed[String(name)];
      const member: unknown = Reflect.get(whole, name);
      return typeof member === 'function' ? member.bind(whole) : member;
    },
  });
}

/** A browser that knows this algorithm not: importing a key of it fails. */
function subtleWithout(algorithm: string): SubtleCrypto {
  return subtleWith({
    importKey: (...args) => {
      const named = args[2] as string | { name: string };
      if ((typeof named === 'string' ? named : named.name) === algorithm) {
        return Promise.reject(new DOMException('unknown', 'NotSupportedError'));
      }
      return (crypto.subtle.importKey as Call).apply(crypto.subtle, args);
    },
  });
}

/** A browser whose answer has its first bit wrong. */
function lying(method: keyof SubtleCrypto, algorithm: string): SubtleCrypto {
  return subtleWith({
    [method]: async (...args) => {
      const honest = await (crypto.subtle[method] as Call).apply(crypto.subtle, args);
      const named = args[0] as string | { name: string };
      if ((typeof named === 'string' ? named : named.name) !== algorithm) return honest;
      if (typeof honest === 'boolean') return !honest;
      const wrong = new Uint8Array(honest as ArrayBuffer);
      wrong[0] = (wrong[0] ?? 0) ^ 1;
      return wrong.buffer;
    },
  });
}

async function choice(subtle: SubtleCrypto | null, except: PrimitiveName[] = []) {
  return (await detectPrimitives(subtle, new Set(except))).report;
}

const ALL_NATIVE = Object.fromEntries(PRIMITIVE_NAMES.map((name) => [name, 'webCrypto']));
const ALL_LIBRARY = Object.fromEntries(PRIMITIVE_NAMES.map((name) => [name, 'library']));
const LIBRARY: Provider = 'library';

describe('the choice of primitives', () => {
  it('[SUITE2] takes Web Crypto for all that it does right', async () => {
    expect(await choice(crypto.subtle)).toEqual(ALL_NATIVE);
  });

  it('[SUITE3] takes the libraries for all in a page without Web Crypto', async () => {
    const { primitives, report } = await detectPrimitives(null);
    expect(report).toEqual(ALL_LIBRARY);
    expect(primitives).toEqual(noble);
  });

  it.each([
    ['hmac', 'HMAC'],
    ['aead', 'AES-GCM'],
    ['x25519', 'X25519'],
    ['mlKem', 'ML-KEM-768'],
    ['ed25519', 'Ed25519'],
  ] as const)(
    '[SUITE2] takes the library for %s alone where %s is unknown',
    async (name, algorithm) => {
      expect(await choice(subtleWithout(algorithm))).toEqual({ ...ALL_NATIVE, [name]: LIBRARY });
    },
  );

  it.each([
    ['sha256', 'digest', 'SHA-256'],
    ['hmac', 'sign', 'HMAC'],
    ['aead', 'encrypt', 'AES-GCM'],
    ['aead', 'decrypt', 'AES-GCM'],
    ['x25519', 'deriveBits', 'X25519'],
    ['mlKem', 'decapsulateBits', 'ML-KEM-768'],
    ['ed25519', 'sign', 'Ed25519'],
    ['ed25519', 'verify', 'Ed25519'],
  ] as const)(
    '[SUITE2] takes the library for %s alone where %s lies',
    async (name, method, algorithm) => {
      const subtle = lying(method as keyof SubtleCrypto, algorithm);
      expect(await choice(subtle)).toEqual({ ...ALL_NATIVE, [name]: LIBRARY });
    },
  );

  it.each([
    ['aead', 'decrypt', new ArrayBuffer(60)],
    ['x25519', 'deriveBits', new Uint8Array(32).fill(1).buffer],
    ['ed25519', 'verify', true],
  ] as const)(
    '[SUITE2] takes the library for %s where %s refuses nothing',
    async (name, method, answer) => {
      const subtle = subtleWith({
        [method]: async (...args) => {
          const honest = (crypto.subtle[method] as Call).apply(crypto.subtle, args);
          return (await honest.catch(() => answer)) || answer;
        },
      });
      expect(await choice(subtle)).toEqual({ ...ALL_NATIVE, [name]: LIBRARY });
    },
  );

  it('[SUITE2] takes the library for ML-KEM where a malformed key is taken', async () => {
    const subtle = subtleWith({
      importKey: (...args) => {
        const [format, bytes, ...rest] = args as [string, Uint8Array, ...unknown[]];
        const malformed = format === 'raw-public' && bytes.every((byte) => byte === 0xff);
        const taken = malformed ? new Uint8Array(bytes.length) : bytes;
        return (crypto.subtle.importKey as Call).call(crypto.subtle, format, taken, ...rest);
      },
    });
    expect(await choice(subtle)).toEqual({ ...ALL_NATIVE, mlKem: LIBRARY });
  });

  it.each(PRIMITIVE_NAMES)('[SUITE2] leaves %s to the library when told to', async (name) => {
    expect(await choice(crypto.subtle, [name])).toEqual({ ...ALL_NATIVE, [name]: LIBRARY });
  });

  it('[SUITE2] is what this run was told', async () => {
    const without = withoutOf(inject('without') ?? '');
    const { report } = await testSuite();
    for (const name of PRIMITIVE_NAMES) {
      expect(report[name]).toBe(without.has(name) ? 'library' : 'webCrypto');
    }
    expect(() => withoutOf('mlkem')).toThrow('mlkem');
  });
});
