/** Free ports on loopback, below those that outgoing connections take. */
import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;

let next = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));

/** Each call counts on, so that two of one run never meet. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    next = next >= HIGHEST ? LOWEST : next + 1;
    if (await isFree(next)) return next;
  }
  throw new Error('no free port was found in 50 tries');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
