/**
 * A TCP proxy: connections that can be ended, reset and stalled while both ends live. It decides
 * nothing about where a connection goes, and reads nothing but whether it becomes a WebSocket; what
 * passes may be tapped.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** How a connection is cut: with an end that the other side hears in order, or with a reset. */
export type Cut = 'end' | 'reset';

/** A connection through a line. */
export type Through = {
  /** Where it leads; the name is the chooser's. */
  readonly target: string;
  /** Whether it asked to become a WebSocket. */
  isSocket: boolean;
  readonly near: Socket;
  readonly far: Socket;
};

export type Target = { readonly name: string; readonly port: number };

/** Which targets to try, the best first. */
export type Choose = () => readonly Target[];

/** Hears what passes one way; asked for anew for each connection. */
export type Tap = (way: 'there' | 'back') => (bytes: Buffer) => void;

/** How a request for a WebSocket begins. */
const UPGRADE = Buffer.from('GET /ws/');

export class Line {
  readonly port: number;
  readonly #server: Server;
  readonly #choose: Choose;
  readonly #tap: Tap | null;
  readonly #through = new Set<Through>();
  #stalled = false;

  private constructor(server: Server, choose: Choose, tap: Tap | null) {
    const address = server.address();
    if (address === null || typeof address === 'string')
      throw new Error('a line listens on a port');
    this.port = address.port;
    this.#server = server;
    this.#choose = choose;
    this.#tap = tap;
    server.on('connection', (near) => void this.#pass(near));
  }

  static open(choose: Choose, tap: Tap | null = null): Promise<Line> {
    // A side that has ended may still be told what was on its way.
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(new Line(server, choose, tap)));
    });
  }

  get through(): readonly Through[] {
    return [...this.#through];
  }

  cut(how: Cut): void {
    for (const { near, far } of this.#through) {
      for (const side of [near, far]) how === 'reset' ? side.resetAndDestroy() : side.destroy();
    }
  }

  /** Nothing passes, nothing is lost, and nobody is told. */
  stall(on: boolean): void {
    this.#stalled = on;
    for (const { near, far } of this.#through) {
      for (const side of [near, far]) on ? side.pause() : side.resume();
    }
  }

  close(): void {
    this.#server.close();
    this.cut('reset');
  }

  async #pass(near: Socket): Promise<void> {
    near.pause();
    near.on('error', () => {});
    const reached = await firstOf(this.#choose());
    if (reached === null || near.destroyed) {
      near.resetAndDestroy();
      reached?.far.destroy();
      return;
    }
    const { far, target } = reached;
    const through: Through = { target, isSocket: false, near, far };
    this.#through.add(through);
    // A connection that carried requests before may become one at any time.
    near.on('data', (bytes: Buffer) => {
      through.isSocket ||= bytes.subarray(0, UPGRADE.length).equals(UPGRADE);
    });
    for (const [from, to, way] of [
      [near, far, 'there'],
      [far, near, 'back'],
    ] as const) {
      if (this.#tap !== null) from.on('data', this.#tap(way));
      carry(from, to, () => this.#stalled);
      from.once('close', () => this.#through.delete(through));
      if (this.#stalled) from.pause();
      else from.resume();
    }
  }
}

/** What comes at one side leaves at the other, and so do its end and its reset. */
function carry(from: Socket, to: Socket, isStalled: () => boolean): void {
  let failed = false;
  from.on('error', () => {
    failed = true;
  });
  from.on('data', (bytes) => {
    if (!to.destroyed && !to.write(bytes)) {
      from.pause();
      to.once('drain', () => {
        if (!isStalled()) from.resume();
      });
    }
  });
  from.on('end', () => to.end());
  from.once('close', () => (failed ? to.resetAndDestroy() : to.destroySoon()));
}

async function firstOf(
  targets: readonly Target[],
): Promise<{ far: Socket; target: string } | null> {
  for (const { name, port } of targets) {
    const far = await reach(port);
    if (far !== null) return { far, target: name };
  }
  return null;
}

function reach(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    far.once('connect', () => {
      far.pause();
      resolve(far);
    });
    far.once('error', () => resolve(null));
  });
}
