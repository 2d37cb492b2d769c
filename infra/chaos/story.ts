/**
 * What every run shares: a deployment, people who register and pair off, and an end after which
 * everything that was written down is judged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type Verdict } from './checker/check.ts';
import type { ClientEvent, Count, Fault } from './checker/history.ts';
import type { Plan } from './clients/client.ts';
import { Crowds, type Pair } from './clients/crowds.ts';
import { entries, Journal } from './journal.ts';
import { type Deployment, deploy, type EdgeHouse, stop } from './nemesis/deployment.ts';
import { lookAt } from './servers/counts.ts';
import { FrontDoor } from './servers/front-door.ts';
import { untilTrue } from './servers/service.ts';
import type { Settings } from './settings.ts';

/** What the server tells its clients; a fault of this length may end a conversation. */
const RESUME_WINDOW_MS = 30_000;
const PAIRED_WITHIN_MS = 180_000;
/** After the last fault, what is on its way must have arrived. */
const SETTLED_WITHIN_MS = 60_000;
/** How often every edge is asked what it has counted. */
const LOOK_EVERY_MS = 2_000;

export class Story {
  readonly settings: Settings;
  readonly deployment: Deployment;
  readonly door: FrontDoor;
  readonly crowds: Crowds;
  readonly pairs: readonly Pair[];
  readonly #faults: Journal<Fault>;
  readonly #counts: Journal<Count>;
  readonly #looking: NodeJS.Timeout;
  #look = 0;

  private constructor(
    settings: Settings,
    { deployment, door, pairs }: { deployment: Deployment; door: FrontDoor; pairs: Pair[] },
  ) {
    this.settings = settings;
    this.deployment = deployment;
    this.door = door;
    this.pairs = pairs;
    this.#faults = new Journal(settings.folder, 'faults');
    this.#counts = new Journal(settings.folder, 'counts');
    const plans = pairs.flatMap((pair) => plansOf(pair, settings, deployment, door));
    this.crowds = new Crowds(plans, settings);
    this.#looking = setInterval(() => {
      for (const edge of deployment.edges) void this.lookAt(edge);
    }, LOOK_EVERY_MS);
  }

  /** Servers are up, and every pair is in a conversation. */
  static async begin(settings: Settings): Promise<Story> {
    mkdirSync(settings.folder, { recursive: true });
    writeFileSync(join(settings.folder, 'seed'), `${settings.seed}\n`);
    const pairs = Array.from({ length: settings.pairs }, (_, n): Pair => [`a-${n}`, `b-${n}`]);
    const deployment = await deploy(settings, settings.folder, settings);
    const doors = deployment.edges.map(({ door }) => door);
    const door = await FrontDoor.open(doors, pairs.flat());
    const story = new Story(settings, { deployment, door, pairs });
    const everybody = 2 * settings.pairs;
    const { crowds } = story;
    await untilTrue(() => crowds.people.length === everybody, PAIRED_WITHIN_MS, 'all are online');
    crowds.meet(pairs);
    await untilTrue(() => crowds.up === everybody, PAIRED_WITHIN_MS, 'all are in conversations');
    return story;
  }

  happened(fault: Fault): void {
    this.#faults.write(fault);
  }

  /** What an edge has counted so far, for the judge. */
  async lookAt({ service, metricsUrl }: EdgeHouse): Promise<void> {
    this.#look += 1;
    const counted = { edge: service.name, start: service.starts, look: this.#look };
    const counts = await lookAt(metricsUrl, counted);
    // One that was started anew meanwhile has begun to count from 0.
    if (service.starts !== counted.start) return;
    for (const count of counts) this.#counts.write(count);
  }

  /** Nobody says anything new; done when what was said has arrived, or would never. */
  async settle(): Promise<void> {
    this.crowds.talk(false);
    const everybody = 2 * this.pairs.length;
    const { crowds } = this;
    const settled = () => crowds.areUpToDate && crowds.up === everybody && crowds.waiting === 0;
    // The judge names what is missing; waiting for it longer would not bring it.
    await untilTrue(settled, SETTLED_WITHIN_MS, 'all has arrived').catch(() => {});
  }

  async end(): Promise<Verdict> {
    clearInterval(this.#looking);
    for (const edge of this.deployment.edges) await this.lookAt(edge);
    await this.crowds.stop();
    this.door.close();
    await stop(this.deployment);
    await Promise.all([this.#faults.close(), this.#counts.close()]);
    return judged(this.settings.folder);
  }
}

/** The verdict on what lies in a folder. */
export function judged(folder: string): Verdict {
  return check({
    events: entries<ClientEvent>(folder, 'client-'),
    faults: entries<Fault>(folder, 'faults'),
    counts: entries<Count>(folder, 'counts'),
    resumeWindowMs: RESUME_WINDOW_MS,
  });
}

function plansOf(
  [opens, waits]: Pair,
  { sayEveryMs, byLibrary }: Settings,
  { origin }: Deployment,
  door: FrontDoor,
): Plan[] {
  return [opens, waits].map((name) => ({
    name,
    address: { host: door.hostOf(name), origin },
    opens: name === opens,
    sayEveryMs,
    byLibrary,
  }));
}
