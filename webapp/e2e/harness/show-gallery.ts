/** Serves the living page for whoever works on the pieces, until it is stopped. */
import { serveHarness } from './serve.ts';

const { url } = await serveHarness();
console.log(new URL('gallery.html', url).href);
