/**
 * The tests of the core once more for every primitive that a browser may lack: left to the
 * libraries one by one, and all together.
 */
import { defineConfig } from 'vitest/config';
import { PRIMITIVE_NAMES } from './src/core/crypto/suite/suite.ts';

/** What `DHCHAT_WITHOUT` may say: see `src/test/primitives.ts`. */
export const MIXTURES = [...PRIMITIVE_NAMES, 'all'] as const;

/** Where primitives are used. */
const INCLUDE = ['src/core/{crypto,conversation,transfer,trust}/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: MIXTURES.map((without) => ({
      test: {
        name: `without ${without}`,
        include: INCLUDE,
        exclude: [
          // The vectors bring all mixtures along, the simulation has primitives of its own.
          'src/core/crypto/suite/vectors.test.ts',
          'src/core/conversation/simulation.test.ts',
        ],
        restoreMocks: true,
        testTimeout: 60_000,
        execArgv: ['--disable-warning=ExperimentalWarning'],
        provide: { without },
      },
    })),
  },
});
