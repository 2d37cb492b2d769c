/**
 * One person with the web app's own core: registers, talks with one partner, and begins anew when
 * a conversation ended. Whoever calls decides when there is talk.
 */
import type { AppView } from '../../../webapp/src/app/model.ts';
import { Services } from '../../../webapp/src/app/services.ts';
import type { Random } from '../../../webapp/src/core/ports.ts';
import type { Deed } from '../checker/history.ts';
import { Resends } from './resends.ts';
import { Witness } from './witness.ts';
import { type Address, nodePlatform } from './world.ts';

const PASSWORD = 'correct horse 1';
/** Between looks at whether there is something to be done about the conversation. */
const TEND_EVERY_MS = 500;
/** How long somebody reads before what was read counts as seen. */
const READS_WITHIN_MS = 400;

export type Person = { readonly id: string; readonly name: string };

export type Plan = {
  readonly name: string;
  readonly address: Address;
  /** Whether this one begins the conversation, or waits to be rung. */
  readonly opens: boolean;
  /** Between two words of this one, on average. */
  readonly sayEveryMs: number;
};

export class Client {
  readonly name: string;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #model: Services;
  readonly #witness: Witness;
  readonly #write: (deed: Deed) => void;
  #partner: Person | null = null;
  #words = 0;
  #talking = false;
  #timers = new Set<NodeJS.Timeout>();

  constructor(plan: Plan, random: Random, write: (deed: Deed) => void) {
    this.name = plan.name;
    this.#plan = plan;
    this.#random = random;
    this.#write = write;
    this.#witness = new Witness(write);
    const resends = new Resends((frame) => write({ did: 'resent', frame }));
    this.#model = new Services(nodePlatform(plan.address, (bytes) => resends.note(bytes)));
    this.#model.subscribe(() => this.#changed());
    this.#every(TEND_EVERY_MS, () => this.#tend());
  }

  get view(): AppView {
    return this.#model.snapshot();
  }

  /** Who this is, once the server knows. */
  get me(): Person | null {
    const { view } = this;
    return view.at === 'signedIn' && view.link.is === 'online' ? view.me : null;
  }

  /** Words whose arrival is not known yet; `null` without a conversation that is up. */
  get waiting(): number | null {
    const { view } = this;
    const phase = view.at === 'signedIn' ? view.conversation?.phase : null;
    if (phase?.is !== 'secure' || phase.connection !== 'up') return null;
    return this.#witness.talk?.pending ?? null;
  }

  meet(partner: Person): void {
    this.#partner = partner;
    this.#tend();
  }

  talk(on: boolean): void {
    if (on && !this.#talking) this.#sayLater();
    this.#talking = on;
  }

  /** Heard of no more; nothing is said to the server. */
  stop(): void {
    this.#talking = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #changed(): void {
    this.#witness.look(this.view);
    this.#read();
  }

  /** Does what a patient person would do: signs up, picks up, and rings again. */
  #tend(): void {
    const { view } = this;
    if (view.at === 'unreachable') this.#model.restart();
    if (view.at === 'signedOut' && !view.busy) this.#model.register(this.name, PASSWORD);
    const partner = this.#partner;
    if (view.at !== 'signedIn' || view.link.is !== 'online' || partner === null) return;
    if (view.incoming.some(({ id }) => id === partner.id)) this.#model.accept(partner.id);
    const phase = view.conversation?.phase.is;
    if (!this.#plan.opens) return;
    if (phase === undefined) this.#model.open(partner);
    else if (phase === 'ended' || phase === 'peerOffline') this.#model.retry();
  }

  #read(): void {
    const { view } = this;
    const phase = view.at === 'signedIn' ? view.conversation?.phase : null;
    if (phase?.is !== 'secure') return;
    const last = phase.lines.findLast(({ by }) => by === 'peer');
    if (last === undefined || last.id === this.#seen) return;
    this.#seen = last.id;
    this.#after(this.#random.fraction() * READS_WITHIN_MS, () => this.#model.seen(last.id));
  }

  #seen = '';

  /** From half to one and a half of the average, so that no two clients keep step. */
  #sayLater(): void {
    const delayMs = this.#plan.sayEveryMs * (0.5 + this.#random.fraction());
    this.#after(delayMs, () => {
      if (!this.#talking) return;
      this.#say();
      this.#sayLater();
    });
  }

  /** Written before it is asked for: what does not even appear is lost as well. */
  #say(): void {
    const { view } = this;
    const phase = view.at === 'signedIn' ? view.conversation?.phase : null;
    const { talk } = this.#witness;
    if (talk === null || phase?.is !== 'secure' || phase.outbox !== 'open') return;
    const word = `${this.name}:${this.#words}`;
    this.#words += 1;
    this.#write({ did: 'said', word, channel: talk.channel, peer: talk.peer });
    this.#model.say(word);
  }

  #after(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }

  #every(delayMs: number, run: () => void): void {
    this.#after(delayMs, () => {
      run();
      this.#every(delayMs, run);
    });
  }
}
