// @vitest-environment jsdom
/** What this browser can hold of a key, whether it remembers one, and whether it keeps what it has. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ALICE, BOB } from '../test/builders.ts';
import { browserDurability } from './durability.ts';
import { holdingHere } from './holding.ts';
import { browserKeyMarks } from './key-marks.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

/** Web Crypto without some of its algorithms. */
function lacking(missing: readonly string[]): void {
  const { subtle } = crypto;
  const unless = (algorithm: unknown) => {
    const name = typeof algorithm === 'string' ? algorithm : Object(algorithm).name;
    if (missing.includes(name)) throw new DOMException('no', 'NotSupportedError');
  };
  const importKey = async (...[format, data, algorithm, ...rest]: unknown[]) => {
    unless(algorithm);
    return Reflect.apply(subtle.importKey, subtle, [format, data, algorithm, ...rest]);
  };
  const generateKey = async (algorithm: unknown, ...rest: unknown[]) => {
    unless(algorithm);
    return Reflect.apply(subtle.generateKey, subtle, [algorithm, ...rest]);
  };
  const encrypt = subtle.encrypt.bind(subtle);
  vi.stubGlobal('crypto', { subtle: { importKey, generateKey, encrypt } });
}

describe('what can be held of a key', () => {
  it('[ID2] is a handle where the browser makes them, if the library does not sign', async () => {
    expect(await holdingHere(['handle', 'wrapped'])).toBe('handle');
    expect(await holdingHere(['wrapped'])).toBe('wrapped');
  });

  it('[ID3] is a wrapped seed where there is no Ed25519', async () => {
    lacking(['Ed25519']);
    expect(await holdingHere(['handle', 'wrapped'])).toBe('wrapped');
  });

  it('[ID4] is nothing where there is no Web Crypto, or none of use', async () => {
    lacking(['Ed25519', 'AES-GCM']);
    expect(await holdingHere(['handle', 'wrapped'])).toBe('password');
    vi.stubGlobal('crypto', {});
    expect(await holdingHere(['handle', 'wrapped'])).toBe('password');
  });
});

describe('the marks of keys that were here', () => {
  it('[ID7] are kept by account, apart from the database', async () => {
    expect(await browserKeyMarks.has(ALICE)).toBe(false);
    await browserKeyMarks.set(ALICE);
    expect([await browserKeyMarks.has(ALICE), await browserKeyMarks.has(BOB)]).toEqual([
      true,
      false,
    ]);
    expect(Object.entries(localStorage)).toEqual([[`dhchat.hadKey.${ALICE}`, '1']]);
    await browserKeyMarks.forget(BOB);
    expect(await browserKeyMarks.has(ALICE)).toBe(true);
    await browserKeyMarks.forget(ALICE);
    expect(localStorage).toHaveLength(0);
  });

  it('[ID7] are none where storage is forbidden', async () => {
    vi.stubGlobal('localStorage', undefined);
    await browserKeyMarks.set(ALICE);
    await browserKeyMarks.forget(ALICE);
    expect(await browserKeyMarks.has(ALICE)).toBe(false);
  });
});

describe('the wish to be kept', () => {
  it('[ID8] is told to the browser, and its answer, or silence, is taken', async () => {
    let asked = 0;
    const persist = async () => {
      asked += 1;
      return true;
    };
    vi.stubGlobal('navigator', { storage: { persist } });
    expect([await browserDurability.ask(), asked]).toEqual([true, 1]);
    vi.stubGlobal('navigator', {});
    expect(await browserDurability.ask()).toBe(false);
  });
});
