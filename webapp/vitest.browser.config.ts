/**
 * The tests of the core in a real Chromium: the same files as in Node, less those that end in
 * `.node.test.ts`, which need Node itself. `CHROMIUM` names the browser; what `DHCHAT_WITHOUT`
 * says is in `src/test/primitives.ts`, and `each` is a run for each of its values.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { MIXTURES } from './vitest.fallbacks.config.ts';

const { CHROMIUM: executablePath = '/usr/bin/chromium', DHCHAT_WITHOUT: told = '' } = process.env;
const mixtures = told === 'each' ? MIXTURES : [told];

/** Tests ask for the sizes of long runs as they do in Node. */
const environment = Object.entries(process.env).filter(([name]) => name.startsWith('DHCHAT_'));

export default defineConfig({
  define: { 'process.env': JSON.stringify(Object.fromEntries(environment)) },
  // All packages before the first test: one that is found later reloads the page.
  optimizeDeps: {
    include: [
      '@msgpack/msgpack',
      '@noble/ciphers/aes.js',
      '@noble/curves/ed25519.js',
      '@noble/hashes/hkdf.js',
      '@noble/hashes/hmac.js',
      '@noble/hashes/sha2.js',
      '@noble/hashes/sha3.js',
      '@noble/hashes/utils.js',
      '@noble/post-quantum/hybrid.js',
      '@noble/post-quantum/ml-kem.js',
      'fast-check',
      'libsodium-wrappers',
    ],
  },
  test: {
    include: ['src/core/**/*.test.ts', 'src/platform/**/*.browser.test.ts'],
    // The vectors bring all mixtures along.
    exclude: ['src/core/**/*.node.test.ts', ...(told === 'each' ? ['**/vectors.test.ts'] : [])],
    restoreMocks: true,
    testTimeout: 30_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
        },
      }),
      instances: mixtures.map((without) => ({
        browser: 'chromium',
        name: without === '' ? 'chromium' : `chromium without ${without}`,
        provide: { without },
      })),
    },
  },
});
