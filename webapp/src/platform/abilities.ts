/** What this browser offers to this page, by looking for it: nothing is asked for or opened. */

/** In the order of what hangs on them. */
export const ABILITIES = [
  'secureContext',
  'webCrypto',
  'storage',
  'camera',
  'recording',
  'largeFiles',
  'notices',
] as const;

export type Ability = (typeof ABILITIES)[number];

/** What there is and what is missing, each in the order of `ABILITIES`. */
export type Abilities = { readonly has: readonly Ability[]; readonly lacks: readonly Ability[] };

/** The names that stand for each; they are looked up in `world`, so that a test can have its own. */
const TRIALS: Readonly<Record<Ability, (world: typeof globalThis) => unknown>> = {
  secureContext: ({ isSecureContext }) => isSecureContext,
  webCrypto: ({ crypto }) => crypto?.subtle,
  storage: (world) => world.indexedDB,
  camera: ({ navigator }) => navigator.mediaDevices?.getUserMedia,
  recording: (world) => world.MediaRecorder,
  largeFiles: ({ navigator }) => navigator.storage?.getDirectory,
  notices: (world) => world.Notification,
};

export function abilitiesHere(world: typeof globalThis = globalThis): Abilities {
  const isThere = (ability: Ability) => Boolean(TRIALS[ability](world));
  return {
    has: ABILITIES.filter(isThere),
    lacks: ABILITIES.filter((ability) => !isThere(ability)),
  };
}
