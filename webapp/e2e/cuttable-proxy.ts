/**
 * A proxy between a browser and the servers that can be cut: what goes through it is broken off,
 * and nothing comes through until it is mended. Browsers that stand behind it keep their origin.
 * It may also be long: what goes through a socket comes out so much later, as fast as it came.
 */
import { request as ask, createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Duplex, Transform } from 'node:stream';
import type { Contexts } from './browser.ts';

export class CuttableProxy {
  readonly #server: Server;
  readonly #open = new Set<Duplex>();
  #isCut = false;

  private constructor(server: Server, oneWayMs: number) {
    this.#server = server;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('request', (incoming, answer) => {
      // Pages and calls: the whole address stands in the request (RFC 9112, 3.2.2).
      const url = new URL(incoming.url ?? '');
      const { method, headers } = incoming;
      const onward = ask(url, { method, headers }, (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
    });
    server.on('connect', ({ url = '' }, near, head) => {
      // Sockets: a tunnel (RFC 9110, 9.3.6).
      const [host = '', port = ''] = url.split(':');
      const far = connect(Number(port), host, () => {
        near.write('HTTP/1.1 200 OK\r\n\r\n');
        far.write(head);
        if (oneWayMs === 0) near.pipe(far).pipe(near);
        else near.pipe(later(oneWayMs)).pipe(far).pipe(later(oneWayMs)).pipe(near);
      });
      this.#admit(far);
      far.on('error', () => near.destroy());
      near.on('error', () => far.destroy());
    });
  }

  static async start(oneWayMs = 0): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server, oneWayMs);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#server.close(closed));
  }

  #admit(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    socket.on('error', () => socket.destroy());
  }
}

/** Browsers that reach the servers through this proxy. */
export function behind(browser: Contexts, proxy: CuttableProxy): Contexts {
  return {
    newContext: (options) => browser.newContext({ ...options, proxy: { server: proxy.url } }),
  };
}

/** Gives what it takes so much later, in its order. */
function later(ms: number): Transform {
  return new Transform({
    transform(piece, _encoding, taken) {
      // pause: this is the way that it takes
      setTimeout(() => this.push(piece), ms);
      taken();
    },
    // pause: what is still on its way comes first
    flush: (ended) => void setTimeout(ended, ms),
  });
}
