/**
 * One simulated conversation: two browsers, what they say, and what befalls the network between
 * them, all from one seed. Runs as fast as it can and tells what came of it; throws a `Violation`
 * with its seed when anything was lost, doubled, out of order, or ended without need.
 */
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import type { Random } from '../core/ports.ts';
import { drawFault, type Fault, FOR_GOOD_MS, Weather } from './bad-weather.ts';
import { Way } from './lagging-network.ts';
import { Ledger, Violation } from './ledger.ts';
import { ManualClock } from './manual-clock.ts';
import { nextTask } from './next-task.ts';
import { pendingCrypto } from './pending-crypto.ts';
import { seededRandom } from './seeded-random.ts';
import { SimulatedBrowser } from './simulated-browser.ts';
import { TestServer } from './test-server.ts';

const RESUME_WINDOW_MS = 30_000;
/** Fair weather that is enough for two browsers to find each other and catch up. */
const ENOUGH_MS = 7_000;
/** After the last word and the last fault. */
const REST_MS = 45_000;
/** For two that cannot reach each other to give each other up. */
const END_MS = 70_000;
const FAULTS_MIN = 5;
/** Of the words, how many are said while something befalls the network. */
const WORDS_IN_TROUBLE = 0.4;
/** How many conversations are long ones: their keys turn. */
const LONG_ONES = 0.2;

type Act = { readonly at: number; readonly who: 0 | 1; readonly chance: number };

export type World = {
  readonly seed: number;
  readonly acts: readonly Act[];
  readonly faults: readonly Fault[];
  readonly lastsMs: number;
  /** Faults befall the handshake too. */
  readonly isEarly: boolean;
  /** How it ends: not at all, by a goodbye, or because nothing passes any more. */
  readonly fate: 'lasts' | 'left' | 'broken';
};

export type Outcome = World['fate'] | 'ended' | 'no channel';

export function drawWorld(seed: number): World {
  const random = seededRandom(seed);
  const isLong = random.fraction() < LONG_ONES;
  const lastsMs = 5_000 + Math.floor(random.fraction() * (isLong ? 120_000 : 30_000));
  const faults = Array.from({ length: FAULTS_MIN + Math.floor(random.fraction() * 4) }, () =>
    drawFault(random, lastsMs),
  );
  const count = 8 + Math.floor(random.fraction() * (isLong ? 40 : 20));
  const acts = Array.from({ length: count }, () => drawAct(random, lastsMs, faults));
  const fated = random.fraction();
  const fate = fated < 0.75 ? 'lasts' : fated < 0.9 ? 'left' : 'broken';
  if (fate === 'broken') faults.push(theLast(random, lastsMs));
  return {
    seed,
    acts: inTime(acts),
    faults: inTime(faults),
    lastsMs,
    isEarly: random.fraction() < 0.15,
    fate,
  };
}

function drawAct(random: Random, withinMs: number, faults: readonly Fault[]): Act {
  const fault = faults[Math.floor(random.fraction() * faults.length)];
  const inTrouble = random.fraction() < WORDS_IN_TROUBLE && fault !== undefined;
  const at = inTrouble
    ? fault.at - 50 + Math.floor(random.fraction() * 500)
    : Math.floor(random.fraction() * withinMs);
  const who = random.fraction() < 0.5 ? 0 : 1;
  return { at: Math.max(0, at), who, chance: random.fraction() };
}

function theLast(random: Random, withinMs: number): Fault {
  const at = Math.floor(random.fraction() * withinMs);
  const whose = random.fraction() < 0.5 ? 0 : 1;
  return random.fraction() < 0.5
    ? { at, is: 'cut', whose, forMs: FOR_GOOD_MS, noticedAfterMs: 0 }
    : { at, is: 'lose', chance: 1, forMs: FOR_GOOD_MS };
}

function inTime<T extends { readonly at: number }>(all: readonly T[]): readonly T[] {
  return [...all].sort((a, b) => a.at - b.at);
}

export async function simulate(world: World, primitives: Primitives): Promise<Outcome> {
  try {
    return await new Simulation(world, primitives).run();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Violation(`seed ${world.seed}: ${error.message}`);
  }
}

class Simulation {
  readonly #world: World;
  readonly #primitives: Primitives;
  readonly #clock = new ManualClock();
  readonly #random: Random;
  readonly #server = new TestServer();
  readonly #ledger = new Ledger();
  readonly #ways: readonly [Way, Way];
  #browsers: readonly SimulatedBrowser[] = [];
  #weather: Weather | null = null;
  #violation: unknown = null;
  #fairSince: number | null = 0;
  /** What began before this moment has had fair weather for long enough. */
  #contactAt = 0;
  readonly #wasSecure = [false, false];
  readonly #lines: unknown[] = [null, null];

  constructor(world: World, primitives: Primitives) {
    this.#world = world;
    this.#primitives = primitives;
    this.#random = seededRandom(world.seed ^ 0x5eed);
    this.#ways = [new Way(this.#clock, this.#random), new Way(this.#clock, this.#random)];
  }

  async run(): Promise<Outcome> {
    const { fate, isEarly, lastsMs } = this.#world;
    await this.#open(isEarly);
    if (!isEarly && !this.#areSecure()) throw new Violation('no channel in fair weather');
    const start = this.#clock.now();
    await this.#during(start);
    if (this.#wasSecure.includes(false)) {
      await this.#untilTime(this.#clock.now() + REST_MS);
      return this.#wasSecure.includes(false) ? this.#stop('no channel') : this.#rested();
    }
    if (fate === 'left') return this.#leaves();
    if (fate === 'broken') return this.#broken(start + lastsMs + END_MS);
    await this.#untilTime(start + lastsMs + REST_MS);
    return this.#rested();
  }

  async #open(isEarly: boolean): Promise<void> {
    for (const [who, name] of ['alice', 'bob'].entries()) {
      const way = this.#ways[who as 0 | 1];
      const browser = await SimulatedBrowser.named(name, {
        clock: this.#clock,
        random: this.#random,
        server: this.#server,
        primitives: this.#primitives,
        way,
        resumeWindowMs: RESUME_WINDOW_MS,
      });
      browser.changed = () => this.#changed(who as 0 | 1);
      this.#browsers = [...this.#browsers, browser];
    }
    await this.#untilTime(1_000);
    const [alice, bob] = [this.#browser(0), this.#browser(1)];
    this.#weather = new Weather(
      { clock: this.#clock, random: this.#random, server: this.#server },
      [alice.id, bob.id],
      this.#ways,
    );
    alice.ring(bob.id);
    if (!isEarly) await this.#untilTime(3_000);
  }

  /** Everything of the world, at its time. */
  async #during(start: number): Promise<void> {
    const { acts, faults } = this.#world;
    const due = inTime([
      ...acts.map((act) => ({ at: act.at, run: () => this.#act(act) })),
      ...faults.map((fault) => ({ at: fault.at, run: () => this.#weather?.befall(fault) })),
    ]);
    for (const { at, run } of due) {
      await this.#untilTime(start + at);
      run();
      await this.#flushed();
    }
  }

  #act({ who, chance }: Act): void {
    const { conversation, phase } = this.#browser(who);
    if (conversation === null || phase?.is !== 'secure') return;
    const { lines } = phase;
    const mine = lines.filter(({ by, deleted }) => by === 'me' && !deleted);
    const theirs = lines.filter(({ by }) => by === 'peer');
    const chosen = <T>(all: readonly T[]) => all[Math.floor(this.#random.fraction() * all.length)];
    const word = `${who}:${this.#ledger.count(who)}:${Math.floor(this.#random.fraction() * 1e9)}`;
    const [own, any, last] = [chosen(mine), chosen(lines), theirs.at(-1)];
    if (chance < 0.55) conversation.say(word, any?.id ?? null);
    else if (chance < 0.68) own && conversation.edit(own.id, word);
    else if (chance < 0.73) own && conversation.deleteLine(own.id);
    else if (chance < 0.83)
      any && conversation.react(any.id, chosen(['👍', '🎉', '🐢', null]) ?? null);
    else if (chance < 0.9) conversation.typing(chance < 0.87);
    else if (last) {
      this.#ledger.looked(who);
      conversation.seen(last.id);
    }
    this.#changed(who);
  }

  /** The first leaves: the other hears of it, and has the beginning of what was said. */
  async #leaves(): Promise<Outcome> {
    const [alice, bob] = [this.#browser(0), this.#browser(1)];
    if (!this.#areSecure()) {
      await this.#untilTime(this.#clock.now() + REST_MS);
      return this.#ended();
    }
    void alice.conversation?.leave();
    await this.#untilTime(this.#clock.now() + REST_MS);
    const told = bob.phase;
    if (told?.is !== 'ended' || told.why !== 'left') {
      throw new Violation(`one who left is shown as ${told?.is === 'ended' ? told.why : told?.is}`);
    }
    this.#ledger.ended(1, told.unconfirmed);
    return this.#stop('left');
  }

  /** Nothing passes for long. Whoever had nothing to wait for learns of it with the next word. */
  async #broken(until: number): Promise<Outcome> {
    await this.#untilTime(until);
    this.#weather?.clear();
    for (const who of [0, 1] as const) this.#act({ at: 0, who, chance: 0 });
    await this.#untilTime(until + REST_MS);
    return this.#areSecure() ? this.#rested() : this.#ended();
  }

  #rested(): Outcome {
    this.#hold();
    if (!this.#areSecure()) return this.#ended();
    for (const who of [0, 1] as const) {
      const { phase } = this.#browser(who);
      if (phase?.is !== 'secure') continue;
      if (phase.unopened > 0) throw new Violation('chance was taken for an attack');
      if (phase.connection !== 'up') throw new Violation('still reconnecting in fair weather');
      this.#ledger.rests(who, phase.lines);
    }
    return this.#stop('lasts');
  }

  /** It ended before its time: both know, and nothing is claimed that is not so. */
  #ended(): Outcome {
    this.#hold();
    for (const who of [0, 1] as const) {
      const { phase } = this.#browser(who);
      if (phase?.is !== 'ended') throw new Violation(`it ended for one only: ${phase?.is}`);
      this.#ledger.ended(who, phase.unconfirmed);
    }
    return this.#stop('ended');
  }

  #changed(who: 0 | 1): void {
    const { phase } = this.#browser(who);
    try {
      if (phase?.is === 'secure' && phase.lines !== this.#lines[who]) {
        this.#lines[who] = phase.lines;
        this.#ledger.acted(who, phase.lines);
        this.#ledger.shows(who, phase.lines);
      }
      if (phase?.is === 'secure') this.#wasSecure[who] = true;
      if (phase?.is === 'ended') this.#judgeEnd(phase.why);
    } catch (error) {
      this.#violation ??= error;
    }
  }

  #judgeEnd(why: string): void {
    const isHealed = this.#clock.now() < this.#contactAt + RESUME_WINDOW_MS;
    const wereSecure = !this.#wasSecure.includes(false);
    if (why !== 'left' && wereSecure && isHealed && !this.#hasEnded()) {
      throw new Violation(`ended as ${why} although it was healed in time`);
    }
  }

  /** The first end is the one to be judged: the other follows from it. */
  #hasEnded(): boolean {
    return this.#browsers.filter(({ phase }) => phase === null || phase.is === 'ended').length > 1;
  }

  #areSecure(): boolean {
    return this.#browsers.every(({ phase }) => phase?.is === 'secure');
  }

  async #untilTime(time: number): Promise<void> {
    await this.#flushed();
    for (let next = this.#clock.next; next !== null && next <= time; next = this.#clock.next) {
      this.#clock.advance(Math.max(0, next - this.#clock.now()));
      await this.#flushed();
      this.#look();
    }
    this.#clock.advance(Math.max(0, time - this.#clock.now()));
    this.#look();
  }

  #look(): void {
    const now = this.#clock.now();
    const isOnline = this.#browsers.every(({ link }) => link.state.at === 'online');
    const isFair = isOnline && this.#weather?.isFair !== false;
    if (!isFair) this.#fairSince = null;
    else this.#fairSince ??= now;
    if (this.#fairSince !== null && now >= this.#fairSince + ENOUGH_MS) {
      this.#contactAt = now - ENOUGH_MS;
    }
  }

  /** Lets every promise that can be kept be kept. */
  async #flushed(): Promise<void> {
    do await nextTask();
    while (pendingCrypto() > 0);
    this.#hold();
  }

  #hold(): void {
    if (this.#violation !== null) throw this.#violation;
  }

  #browser(who: 0 | 1): SimulatedBrowser {
    const browser = this.#browsers[who];
    if (browser === undefined) throw new Error('both are there from the start');
    return browser;
  }

  #stop(outcome: Outcome): Outcome {
    for (const browser of this.#browsers) browser.stop();
    return outcome;
  }
}
