/** Carries out a plan, one fault of a server at a time, and writes down when each began and ended. */
import type { Fault, FaultKind } from '../checker/history.ts';
import { monotonicMs } from '../monotonic.ts';
import type { FrontDoor } from '../servers/front-door.ts';
import type { Victim } from '../servers/service.ts';
import type { Deployment, EdgeHouse } from './deployment.ts';
import type { Planned, Rows } from './plan.ts';

export type Scene = {
  readonly deployment: Deployment;
  readonly door: FrontDoor;
  /** Called before an edge is killed: what it has counted is gone with it. */
  readonly beforeKill: (edge: EdgeHouse) => Promise<void>;
  readonly happened: (fault: Fault) => void;
};

export class Nemesis {
  readonly #scene: Scene;
  readonly #stopping = new AbortController();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Done when it was stopped and the last fault has ended. */
  async haunt({ servers, clients }: Rows): Promise<void> {
    await Promise.all([this.#row(servers), this.#row(clients)]);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #row(faults: readonly Planned[]): Promise<void> {
    for (const planned of faults) {
      await this.#pause(planned.afterMs);
      if (this.#stopping.signal.aborted) return;
      await this.#inflict(planned);
    }
  }

  async #inflict({ kind, lastsMs, picks }: Planned): Promise<void> {
    const [pick = 0] = picks;
    const { deployment, door } = this.#scene;
    switch (kind) {
      case 'edge-kill':
      case 'edge-freeze':
      case 'edge-restart':
        return this.#edge(kind, pickOf(deployment.edges, pick), lastsMs);
      case 'broker-kill':
      case 'broker-freeze': {
        const { service } = pickOf(deployment.brokers, pick);
        return this.#server(kind, service, this.#clientsOver(service.name), lastsMs);
      }
      case 'actors-kill':
      case 'actors-freeze':
        return this.#server(kind, deployment.actors, door.clientsAt(), lastsMs);
      case 'postgres-kill':
      case 'postgres-freeze':
        return this.#server(kind, deployment.postgres, door.clientsAt(), lastsMs);
      case 'bus-cut': {
        const edge = pickOf(deployment.edges, pick);
        const { name } = edge.service;
        return this.#during(kind, `${name}'s bus`, door.clientsAt(name), async () => {
          for (const { line } of edge.lines) line.cut('reset');
        });
      }
      case 'client-cut':
      case 'client-reset': {
        const met = picked(door.clientsAt(), picks);
        return this.#during(kind, `${met.length} clients`, met, async () => {
          for (const client of met) door.cut(client, kind === 'client-cut' ? 'end' : 'reset');
        });
      }
      case 'client-stall': {
        const [client] = picked(door.clientsAt(), [pick]);
        if (client === undefined) return;
        return this.#during(kind, client, [client], async () => {
          door.stall(client, true);
          await this.#pause(lastsMs);
          door.stall(client, false);
        });
      }
    }
  }

  async #edge(
    kind: 'edge-kill' | 'edge-freeze' | 'edge-restart',
    edge: EdgeHouse,
    lastsMs: number,
  ): Promise<void> {
    const { service } = edge;
    if (kind !== 'edge-freeze') await this.#scene.beforeKill(edge);
    const clients = this.#scene.door.clientsAt(service.name);
    if (kind !== 'edge-restart') return this.#server(kind, service, clients, lastsMs);
    await this.#during(kind, service.name, clients, async () => {
      await service.stop();
      await service.start();
    });
  }

  #server(
    kind: FaultKind,
    victim: Victim,
    touched: readonly string[],
    lastsMs: number,
  ): Promise<void> {
    return this.#during(kind, victim.name, touched, async () => {
      const isFreeze = kind.endsWith('freeze');
      await (isFreeze ? victim.freeze() : victim.kill());
      await this.#pause(lastsMs);
      await (isFreeze ? victim.thaw() : victim.start());
    });
  }

  async #during(
    kind: FaultKind,
    target: string,
    touched: readonly string[],
    act: () => Promise<void>,
  ): Promise<void> {
    const begin = monotonicMs();
    await act();
    this.#scene.happened({ kind, target, begin, end: monotonicMs(), touched });
  }

  /** Whose edge has its connection to the bus through this broker. */
  #clientsOver(broker: string): string[] {
    const { deployment, door } = this.#scene;
    const over = deployment.edges.filter(({ lines }) =>
      lines.some(({ broker: name, line }) => name === broker && line.through.length > 0),
    );
    return over.flatMap(({ service }) => door.clientsAt(service.name));
  }

  /** Time passes; less of it when the nemesis is stopped, so that what it did ends. */
  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}

function pickOf<T>(things: readonly T[], pick: number): T {
  const thing = things[Math.min(things.length - 1, Math.floor(pick * things.length))];
  if (thing === undefined) throw new Error('there is something to pick from');
  return thing;
}

/** Everybody who is picked, once; nobody where nobody is. */
function picked<T>(things: readonly T[], picks: readonly number[]): T[] {
  return things.length === 0 ? [] : [...new Set(picks.map((pick) => pickOf(things, pick)))];
}
