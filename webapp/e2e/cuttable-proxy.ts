/**
 * A proxy between a browser and the servers that can be cut: what goes through it is broken off,
 * and nothing comes through until it is mended. Browsers that stand behind it keep their origin.
 */
import { request as ask, createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export class CuttableProxy {
  readonly #server: Server;
  readonly #open = new Set<Duplex>();
  #isCut = false;

  private constructor(server: Server) {
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
        near.pipe(far).pipe(near);
      });
      this.#admit(far);
      far.on('error', () => near.destroy());
      near.on('error', () => far.destroy());
    });
  }

  static async start(): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server);
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
