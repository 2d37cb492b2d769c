/**
 * The load balancer of a run: an address of its own for each client, edges that are ready behind
 * it. So it knows who is at which edge, and can cut one client and no other.
 */
import { get } from 'node:http';
import { type Cut, Line, type Target } from './line.ts';

/** How often an edge is asked whether it is ready, and how long it may take. */
const ASK_EVERY_MS = 250;
const ANSWER_WAIT_MS = 500;

export type Edge = Target & { readonly health: string };

export class FrontDoor {
  readonly #edges: readonly Edge[];
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #ready: Set<string>;
  readonly #asking: NodeJS.Timeout;

  private constructor(
    edges: readonly Edge[],
    lines: ReadonlyMap<string, Line>,
    ready: Set<string>,
  ) {
    this.#edges = edges;
    this.#lines = lines;
    this.#ready = ready;
    this.#asking = setInterval(() => this.#ask(), ASK_EVERY_MS);
  }

  static async open(edges: readonly Edge[], clients: readonly string[]): Promise<FrontDoor> {
    const ready = new Set(edges.map(({ name }) => name));
    const choose = () => shuffled(edges).sort((one, other) => rank(one) - rank(other));
    const rank = ({ name }: Edge) => (ready.has(name) ? 0 : 1);
    const opened = clients.map(async (name) => [name, await Line.open(choose)] as const);
    return new FrontDoor(edges, new Map(await Promise.all(opened)), ready);
  }

  hostOf(client: string): string {
    return `127.0.0.1:${this.#lineOf(client).port}`;
  }

  /** Whose WebSocket is at this edge; of all edges if none is named. */
  clientsAt(edge?: string): string[] {
    const isThere = ({ through }: Line) =>
      through.some(({ isSocket, target }) => isSocket && (edge ?? target) === target);
    return [...this.#lines].filter(([, line]) => isThere(line)).map(([name]) => name);
  }

  cut(client: string, how: Cut): void {
    this.#lineOf(client).cut(how);
  }

  stall(client: string, on: boolean): void {
    this.#lineOf(client).stall(on);
  }

  close(): void {
    clearInterval(this.#asking);
    for (const line of this.#lines.values()) line.close();
  }

  #lineOf(client: string): Line {
    const line = this.#lines.get(client);
    if (line === undefined) throw new Error(`no client is called ${client}`);
    return line;
  }

  #ask(): void {
    for (const { name, health } of this.#edges) {
      void answers(health).then((yes) => (yes ? this.#ready.add(name) : this.#ready.delete(name)));
    }
  }
}

/** Whether a page answers with 200 in time. */
export function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: ANSWER_WAIT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function shuffled<T>(things: readonly T[]): T[] {
  return things
    .map((thing) => ({ thing, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ thing }) => thing);
}
