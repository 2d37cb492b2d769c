/**
 * How the web app is built, served while developing, and unit-tested.
 *
 * The build is plain files for the binary to embed: no inline script, so that the page's policy
 * can forbid them, and no address but its own.
 */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { buildHashes } from './build-hashes.ts';
import { sizeBudget } from './size-budget.ts';

const backend = process.env['DHCHAT_BACKEND'] ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), tailwindcss(), sizeBudget(), buildHashes()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  server: { proxy: { '/api': backend, '/ws/': { target: backend, ws: true } } },
  test: {
    include: ['src/**/*.test.{ts,tsx}', '*.test.ts'],
    exclude: ['src/**/*.browser.test.ts'],
    environment: 'node',
    restoreMocks: true,
    testTimeout: 20_000,
    // Node has ML-KEM as an experiment, and says so for every file.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    provide: { without: process.env['DHCHAT_WITHOUT'] ?? '' },
  },
});
