/** What a browser offers, as far as this page looks. */
import { describe, expect, it } from 'vitest';
import { ABILITIES, abilitiesHere } from './abilities.ts';

const whole = {
  isSecureContext: true,
  crypto: { subtle: {} },
  indexedDB: {},
  MediaRecorder: class {},
  Notification: class {},
  navigator: { mediaDevices: { getUserMedia() {} }, storage: { getDirectory() {} } },
};
const world = (changes: object) => ({ ...whole, ...changes }) as unknown as typeof globalThis;

describe('what a browser can do', () => {
  it('[UI117] is all of it where nothing is missing', () => {
    expect(abilitiesHere(world({}))).toEqual({ has: ABILITIES, lacks: [] });
  });

  it.each([
    [{ isSecureContext: false, crypto: {} }, ['secureContext', 'webCrypto']],
    [{ indexedDB: undefined }, ['storage']],
    [{ MediaRecorder: undefined }, ['recording']],
    [{ Notification: undefined }, ['notices']],
    [{ navigator: {} }, ['camera', 'largeFiles']],
    [{ navigator: { mediaDevices: {}, storage: {} } }, ['camera', 'largeFiles']],
  ])('[UI117] is named piece by piece where it is missing: %o', (changes, lacks) => {
    const found = abilitiesHere(world(changes));
    expect(found.lacks).toEqual(lacks);
    expect(found.has.length + lacks.length).toBe(ABILITIES.length);
  });
});
