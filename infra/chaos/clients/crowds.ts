/** The processes of clients, as a run sees them. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Person, Plan } from './client.ts';
import type { Order, Report } from './orders.ts';

/** Everybody of one side is in one process, so that the two of a pair share nothing. */
export type Pair = readonly [opens: string, waits: string];

export class Crowds {
  readonly #processes: readonly ChildProcess[];
  readonly #reports: Report[] = [];
  #orders = 0;
  #mayEnd = false;

  constructor(
    plans: readonly Plan[],
    { crowds, folder, seed }: { crowds: number; folder: string; seed: number },
  ) {
    this.#processes = Array.from({ length: crowds }, (_, crowd) => {
      const child = fork(join(import.meta.dirname, 'crowd.ts'), [], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      child.on('message', (report: Report) => {
        this.#reports[crowd] = report;
      });
      child.once('exit', (code) => {
        if (!this.#mayEnd) throw new Error(`a process of clients ended by itself: ${code}`);
      });
      const own = plans.filter((_plan, nth) => nth % crowds === crowd);
      const name = `${crowd + 1}`;
      child.send({ do: 'begin', plans: own, seed: seed + crowd, folder, crowd: name } as Order);
      return child;
    });
    this.#orders = 1;
  }

  get people(): readonly Person[] {
    return this.#reports.flatMap(({ people }) => people);
  }

  /** Whether what is told comes after the last order in every process. */
  get areUpToDate(): boolean {
    const told = this.#reports.filter(({ orders }) => orders === this.#orders);
    return told.length === this.#processes.length;
  }

  /** How many are in a conversation that is up. */
  get up(): number {
    return this.#reports.reduce((sum, { up }) => sum + up, 0);
  }

  /** Words whose arrival is not known yet. */
  get waiting(): number {
    return this.#reports.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** How much has come of the file that somebody sends; `null` if none is on its way. */
  movedBytes(who: string): number | null {
    return (
      this.#reports.map(({ moving }) => moving[who]).find((bytes) => bytes !== undefined) ?? null
    );
  }

  get cost(): { readonly cpuMs: number; readonly residentBytes: number } {
    return {
      cpuMs: this.#reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      residentBytes: this.#reports.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    };
  }

  /** Each hears who its partner is; who opens rings. */
  meet(pairs: readonly Pair[]): void {
    const people = new Map(this.people.map((person) => [person.name, person]));
    const partners: Record<string, Person> = {};
    for (const [one, other] of pairs) {
      for (const [who, whom] of [
        [one, other],
        [other, one],
      ] as const) {
        const partner = people.get(whom);
        if (partner === undefined) throw new Error(`nobody is called ${whom}`);
        partners[who] = partner;
      }
    }
    this.#order({ do: 'meet', partners });
  }

  talk(on: boolean): void {
    this.#order({ do: 'talk', on });
  }

  sendFile(who: string, bytes: number): void {
    this.#order({ do: 'sendFile', who, bytes });
  }

  /** Done when everything is written down. */
  async stop(): Promise<void> {
    this.#mayEnd = true;
    const ended = this.#processes.map(
      (child) => new Promise((resolve) => child.once('exit', resolve)),
    );
    this.#order({ do: 'stop' });
    await Promise.all(ended);
  }

  #order(order: Order): void {
    this.#orders += 1;
    for (const child of this.#processes) child.send(order);
  }
}
