/**
 * Builds the harness like the product and serves it under a policy as strict as the product's,
 * so that a style or script which the real server would refuse is refused here too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types dhchat-worker',
].join('; ');

/** The interface over a fake model, and the living page of its pieces. */
const PAGES = ['index.html', 'gallery.html'];

export type Harness = { readonly url: string; stop(): Promise<void> };

export async function serveHarness(): Promise<Harness> {
  const outDir = await mkdtemp(join(tmpdir(), 'dhchat-harness-'));
  const root = import.meta.dirname;
  const configFile = join(root, '../../vite.config.ts');
  const common = { root, configFile, publicDir: join(root, '../../public') };
  await build({
    ...common,
    mode: 'harness',
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: true,
      rollupOptions: { input: PAGES.map((page) => join(root, page)) },
    },
  });
  const server = await preview({
    ...common,
    build: { outDir },
    preview: {
      host: '127.0.0.1',
      port: 0,
      proxy: {},
      headers: { 'Content-Security-Policy': POLICY },
    },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('the harness has no address');
  return {
    url,
    async stop() {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}
