/**
 * One person with the web app's own core: registers, talks with one partner, and begins anew when
 * a conversation ended. Whoever calls decides when there is talk.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { AppView, Phase } from '../../../webapp/src/app/model.ts';
import { Services } from '../../../webapp/src/app/services.ts';
import type { PrimitiveName } from '../../../webapp/src/core/crypto/suite/suite.ts';
import type { Random } from '../../../webapp/src/core/ports.ts';
import type { Deed } from '../checker/history.ts';
import { SentFrames } from './sent-frames.ts';
import { Witness } from './witness.ts';
import { type Address, nodePlatform } from './world.ts';

const PASSWORD = 'correct horse 1';
/** Between looks at whether there is something to be done about the conversation. */
const TEND_EVERY_MS = 500;
/** How long somebody reads before what was read counts as seen. */
const READS_WITHIN_MS = 400;

const AS_FILE = { accessMode: 'both', kind: 'file', durationMs: null } as const;

export type Person = { readonly id: string; readonly name: string };

export type Plan = {
  readonly name: string;
  readonly address: Address;
  /** Whether this one begins the conversation, or waits to be rung. */
  readonly opens: boolean;
  /** Between two words of this one, on average. */
  readonly sayEveryMs: number;
  readonly byLibrary: readonly PrimitiveName[];
};

export class Client {
  readonly name: string;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #model: Services;
  readonly #witness: Witness;
  readonly #frames: SentFrames;
  readonly #write: (deed: Deed) => void;
  #partner: Person | null = null;
  /** The file that is on its way, and what had been sent before it. */
  #file: { readonly hash: string; readonly before: number } | null = null;
  /** The last line of the partner that was read. */
  #seen = '';
  #wasIn = false;
  #isOut = false;
  #words = 0;
  #talking = false;
  #timers = new Set<NodeJS.Timeout>();

  constructor(plan: Plan, random: Random, write: (deed: Deed) => void) {
    this.name = plan.name;
    this.#plan = plan;
    this.#random = random;
    this.#write = write;
    this.#witness = new Witness(write);
    this.#frames = new SentFrames((frame) => write({ did: 'resent', frame }));
    const told = {
      sent: (bytes: Uint8Array) => this.#frames.note(bytes),
      took: (file: { hash: string; bytes: number }) => write({ did: 'tookFile', ...file }),
    };
    this.#model = new Services(nodePlatform(plan.address, plan.byLibrary, told));
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
    if (this.#secure()?.connection !== 'up') return null;
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

  /** How much of the own file has come to the other side; `null` if none is on its way. */
  get movedBytes(): number | null {
    return this.#file && (this.#ownFile()?.bytes ?? 0);
  }

  /** Sends a file of chance; ignored while one is on its way. */
  sendFile(size: number): void {
    if (this.#file !== null) return;
    const bytes = randomBytes(size);
    const hash = createHash('sha256').update(bytes).digest('hex');
    this.#file = { hash, before: this.#frames.fileBytes };
    this.#write({ did: 'sentFile', hash, bytes: size });
    this.#model.sendFile(new Blob([bytes]), nameOf(hash), AS_FILE);
  }

  /** Heard of no more; nothing is said to the server. */
  stop(): void {
    this.#talking = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #changed(): void {
    this.#witness.look(this.view);
    this.#seeAccount();
    this.#read();
    this.#tendFiles();
  }

  #seeAccount(): void {
    const { at } = this.view;
    if (at === 'signedOut' && this.#wasIn && !this.#isOut) this.#write({ did: 'signedOut' });
    this.#isOut = at === 'signedOut';
    this.#wasIn ||= at === 'signedIn';
  }

  /** The conversation as it is seen while it has a channel. */
  #secure(): (Phase & { is: 'secure' }) | null {
    const { view } = this;
    const phase = view.at === 'signedIn' ? view.conversation?.phase : null;
    return phase?.is === 'secure' ? phase : null;
  }

  #transfers() {
    return this.#secure()?.transfers ?? [];
  }

  #ownFile() {
    const name = this.#file && nameOf(this.#file.hash);
    return this.#transfers().find((transfer) => transfer.by === 'me' && transfer.name === name);
  }

  /** Takes what is offered, and sees what became of the own one. */
  #tendFiles(): void {
    for (const { id, by, stage } of this.#transfers()) {
      if (by === 'peer' && stage.is === 'offered') this.#model.acceptFile(id);
    }
    if (this.#file === null || this.#ownFile()?.stage.is !== 'delivered') return;
    const { hash, before } = this.#file;
    this.#file = null;
    this.#write({ did: 'fileDelivered', hash, bytes: this.#frames.fileBytes - before });
  }

  /** Does what a patient person would do: signs up, picks up, and rings again. */
  #tend(): void {
    const { view } = this;
    if (view.at === 'unreachable') this.#model.restart();
    if (view.at === 'signedOut' && !view.busy) this.#signIn();
    const partner = this.#partner;
    if (view.at !== 'signedIn' || view.link.is !== 'online' || partner === null) return;
    if (view.incoming.some(({ id }) => id === partner.id)) this.#model.accept(partner.id);
    const phase = view.conversation?.phase.is;
    if (!this.#plan.opens) return;
    if (phase === undefined) this.#model.open(partner);
    else if (phase === 'ended' || phase === 'peerOffline') this.#model.retry();
  }

  /** Whoever was signed in before has an account, and was signed out against all expectation. */
  #signIn(): void {
    if (!this.#wasIn) this.#model.register(this.name, PASSWORD);
    else this.#model.signIn(this.name, PASSWORD);
  }

  #read(): void {
    const last = this.#secure()?.lines.findLast(({ by }) => by === 'peer');
    if (last === undefined || last.id === this.#seen) return;
    this.#seen = last.id;
    this.#after(this.#random.fraction() * READS_WITHIN_MS, () => this.#model.seen(last.id));
  }

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
    const { talk } = this.#witness;
    if (talk === null || this.#secure()?.outbox !== 'open') return;
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

function nameOf(hash: string): string {
  return `file-${hash.slice(0, 16)}`;
}
