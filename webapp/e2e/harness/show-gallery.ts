/** Serves the living page for whoever works on the pieces, until it is stopped. */
import { serveHarness } from './serve.ts';

const { url } = await serveHarness();
process.stdout.write(`${new URL('gallery.html', url).href}\n`);
