/**
 * Node as the core's world: its own WebSocket, its own `fetch`, its own cryptography, and a
 * browser's storage that lives as long as the process.
 */
import { createHash } from 'node:crypto';
import type { Platform } from '../../../webapp/src/app/platform.ts';
import {
  detectPrimitives,
  type PrimitiveName,
  type Suite,
} from '../../../webapp/src/core/crypto/suite/suite.ts';
import type {
  Clock,
  FileSinks,
  Http,
  HttpAnswer,
  HttpRequest,
  Socket,
  SocketHandlers,
  Sockets,
} from '../../../webapp/src/core/ports.ts';
import { SUBPROTOCOL } from '../../../webapp/src/core/wire/generated.ts';
import { browserRandom } from '../../../webapp/src/platform/random.ts';
import { memoryLocks } from '../../../webapp/src/test/memory-ownership.ts';
import { memoryTurnstile } from '../../../webapp/src/test/memory-turnstile.ts';
import {
  memoryDurability,
  memoryMarks,
  memoryOwedLogout,
  memoryPeople,
  memoryPins,
  memoryVault,
} from '../../../webapp/src/test/memory-vault.ts';
import { monotonicMs } from '../monotonic.ts';

/** As in the browser: longer than the slowest honest answer. */
const ANSWER_WAIT_MS = 20_000;
/** The least that Argon2id knows: nobody guesses passwords here. */
const CHEAP_SEAL = { memoryKib: 8, passes: 1, lanes: 1 } as const;

/** Where a client finds the server, and as whose page it comes. */
export type Address = { readonly host: string; readonly origin: string };

let found: Promise<Suite> | undefined;

/** What is told of what the core hands to its world. */
export type Told = {
  /** A frame that is handed to a socket. */
  readonly sent: (bytes: Uint8Array) => void;
  /** A file that came whole. */
  readonly took: (file: { readonly hash: string; readonly bytes: number }) => void;
};

/** A browser of its own at this address, which leaves these primitives to the libraries. */
export function nodePlatform(
  address: Address,
  byLibrary: readonly PrimitiveName[],
  { sent, took }: Told,
): Platform {
  return {
    sockets: nodeSockets(address, sent),
    http: nodeHttp(address),
    vault: memoryVault(),
    pins: memoryPins(),
    people: memoryPeople(),
    owedLogout: memoryOwedLogout(),
    turnstile: memoryTurnstile(),
    marks: memoryMarks(),
    durability: memoryDurability(),
    ownership: memoryLocks()(),
    clock,
    random: browserRandom,
    visibility: { visible: () => true, watch: () => () => {} },
    suite: () => {
      found ??= detectPrimitives(undefined, new Set(byLibrary));
      return found;
    },
    sealCost: CHEAP_SEAL,
    holding: async () => 'handle',
    sinks: hashingSinks(took),
    emptyFiles: async () => {},
    unsupported: async () => null,
  };
}

const clock: Clock = {
  now: monotonicMs,
  wall: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Node's WebSocket takes headers; a browser sets this one by itself. */
type WithHeaders = new (
  url: string,
  options: { protocols: string[]; headers: Record<string, string> },
) => WebSocket;

function nodeSockets({ host, origin }: Address, sent: (bytes: Uint8Array) => void): Sockets {
  return {
    connect(handlers: SocketHandlers): Socket {
      const options = { protocols: [SUBPROTOCOL], headers: { origin } };
      const socket = new (WebSocket as unknown as WithHeaders)(`ws://${host}/ws/`, options);
      socket.binaryType = 'arraybuffer';
      socket.addEventListener('open', () => handlers.opened());
      socket.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) handlers.received(new Uint8Array(data));
      });
      socket.addEventListener('close', ({ code }) => handlers.closed(code));
      return {
        send(bytes) {
          if (socket.readyState !== WebSocket.OPEN) return;
          socket.send(bytes);
          sent(bytes);
        },
        buffered: () => socket.bufferedAmount,
        // Nobody closes these pages: a run that ends is of no interest to its clients.
        lastWords: () => {},
        close: (code) => socket.close(code),
      };
    },
  };
}

/** Keeps what cookies the server sets, as a browser does for its page. */
function nodeHttp({ host, origin }: Address): Http {
  const cookies = new Map<string, string>();
  return {
    async send({ method, path, token, body }: HttpRequest): Promise<HttpAnswer> {
      const headers: Record<string, string> = { origin };
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
      if (body !== undefined) headers['content-type'] = 'application/json';
      if (path.startsWith('/api/auth')) headers['cookie'] = [...cookies.values()].join('; ');
      try {
        const response = await fetch(`http://${host}${path}`, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.timeout(ANSWER_WAIT_MS),
        });
        for (const set of response.headers.getSetCookie()) {
          const [cookie = ''] = set.split(';');
          cookies.set(cookie.split('=')[0] ?? '', cookie);
        }
        return {
          is: 'answered',
          status: response.status,
          body: parsed(await response.text()),
          traceId: response.headers.get('X-Trace-ID'),
        };
      } catch (error) {
        const late = error instanceof DOMException && error.name === 'TimeoutError';
        return { is: 'failed', code: late ? 'TIMEOUT' : 'NETWORK' };
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps nothing of a file but what tells whether it came as it was sent. */
function hashingSinks(took: Told['took']): FileSinks {
  return {
    async open({ size }) {
      const hash = createHash('sha256');
      let bytes = 0;
      return {
        async write({ plain }) {
          bytes += plain.length;
          hash.update(plain);
        },
        async finish() {
          took({ hash: hash.digest('hex'), bytes });
          const slice = () => Promise.reject(new Error('nobody reads files here'));
          return { size, sealed: false, slice, discard: async () => {} };
        },
        async discard() {},
      };
    },
  };
}
