/**
 * Several whole browsers and one server in one process: what the tests of whole conversations are
 * told with. Time is a test's to move; the network moves while a test waits for something.
 */
import type { AppModel, AppView, Ending, Phase } from '../app/model.ts';
import type { Platform } from '../app/platform.ts';
import { Services } from '../app/services.ts';
import type { Ownership } from '../core/ports.ts';
import { parseUserId, type UserId } from '../core/wire/ids.ts';
import { fileSinks } from '../platform/files.ts';
import { ManualClock } from './manual-clock.ts';
import { memoryLocks } from './memory-ownership.ts';
import { memoryTurnstile } from './memory-turnstile.ts';
import {
  memoryDurability,
  memoryMarks,
  memoryOwedLogout,
  memoryPeople,
  memoryPins,
  memoryVault,
} from './memory-vault.ts';
import { Network } from './network.ts';
import { pendingCrypto } from './pending-crypto.ts';
import { testSuite } from './primitives.ts';
import { seededRandom } from './seeded-random.ts';
import { TestServer } from './test-server.ts';

export const PASSWORD = 'correct horse 1';
/** The least that Argon2id knows: nobody guesses passwords here. */
export const CHEAP_SEAL = { memoryKib: 8, passes: 1, lanes: 1 } as const;
/** Real time that a condition may take: cryptography runs on other threads. */
const PATIENCE_MS = 15_000;
/** Time that passes while a story waits: as long as browsers gather what they acknowledge. */
const BATCH_MS = 100;
const BATCH_STEP_MS = 25;

type SignedInView = AppView & { at: 'signedIn' };

/** The phase of a conversation that ended. */
export function over(why: Ending, unconfirmed = 0): Phase {
  return { is: 'ended', why, unconfirmed };
}

/** How a browser has its model: the core beside the screens, unless a test stands it elsewhere. */
type MakeModel = (platform: Platform) => AppModel;

export class Story {
  readonly makeModel: MakeModel;
  readonly clock = new ManualClock();
  readonly server = new TestServer();
  readonly network = new Network();
  #browsers = 0;

  constructor(makeModel: MakeModel = (platform) => new Services(platform)) {
    this.makeModel = makeModel;
  }

  /**
   * A browser with nobody signed in; `like` shares that one's storage and cookies, as its page
   * would after a reload. What is given takes the place of what it would have.
   */
  browser(like?: Browser, given: Partial<Platform> = {}): Browser {
    return this.#page(memoryLocks(), like, given);
  }

  /** Another page of the same browser, beside the first. */
  tab(beside: Browser, given: Partial<Platform> = {}): Browser {
    return this.#page(beside.locks, beside, given);
  }

  #page(locks: () => Ownership, like?: Browser, given: Partial<Platform> = {}): Browser {
    this.#browsers += 1;
    const visibility = { visible: true, changed: () => {} };
    const sockets = this.network.sockets(this.server.listener());
    const platform: Platform = {
      sockets,
      http: like?.platform.http ?? this.server.browser(),
      vault: like?.platform.vault ?? memoryVault(),
      pins: like?.platform.pins ?? memoryPins(),
      people: like?.platform.people ?? memoryPeople(),
      owedLogout: like?.platform.owedLogout ?? memoryOwedLogout(),
      turnstile: like?.platform.turnstile ?? memoryTurnstile(),
      marks: like?.platform.marks ?? memoryMarks(),
      durability: like?.platform.durability ?? memoryDurability(),
      ownership: locks(),
      suite: testSuite,
      emptyFiles: async () => {},
      sealCost: CHEAP_SEAL,
      holding: like?.platform.holding ?? (async () => 'handle'),
      clock: this.clock,
      random: seededRandom(this.#browsers),
      visibility: {
        visible: () => visibility.visible,
        watch: (changed) => {
          visibility.changed = changed;
          return () => {};
        },
      },
      sinks: like?.platform.sinks ?? fileSinks(),
      unsupported: async () => null,
      ...given,
    };
    return new Browser(this, platform, { visibility, goAway: sockets.hangUp, locks });
  }

  /** Somebody new, signed in and online. */
  async person(name: string): Promise<Browser> {
    const browser = this.browser();
    await this.until(() => browser.view.at === 'signedOut');
    browser.model.register(name, PASSWORD);
    await this.until(() => browser.isOnline);
    return browser;
  }

  /** Alice and Bob in a secure conversation that Alice began. */
  async secured(): Promise<{ alice: Browser; bob: Browser }> {
    const [alice, bob] = [await this.person('alice'), await this.person('bob')];
    alice.model.open(bob.me);
    await this.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await this.until(() => alice.phase?.is === 'secure' && bob.phase?.is === 'secure');
    return { alice, bob };
  }

  /** Moves the network until this holds; fails when it cannot come about. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    let batchMs = BATCH_MS;
    for (let still = 0; !condition(); still += 1) {
      if (performance.now() > deadline) throw new Error(`never: ${condition}`);
      while (this.network.step()) still = 0;
      if (pendingCrypto() > 0) still = 0;
      if (still > 3 && batchMs > 0) {
        this.clock.advance(BATCH_STEP_MS);
        batchMs -= BATCH_STEP_MS;
        still = 0;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Moves the network until nothing moves by itself any more. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 3; still += 1) {
      while (this.network.step()) still = 0;
      if (pendingCrypto() > 0) still = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets time pass in small steps while the network moves. */
  async pass(ms: number, stepMs = 250): Promise<void> {
    await this.quiet();
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(Math.min(stepMs, ms - passed));
      await this.quiet();
    }
  }
}

type PageOfTest = {
  readonly visibility: { visible: boolean; changed: () => void };
  readonly goAway: () => void;
  /** Makes further pages of this browser owners. */
  readonly locks: () => Ownership;
};

/** One browser and whoever sits before it. */
export class Browser {
  readonly story: Story;
  readonly platform: Platform;
  readonly model: AppModel;
  readonly #page: PageOfTest;

  constructor(story: Story, platform: Platform, page: PageOfTest) {
    this.story = story;
    this.platform = platform;
    this.#page = page;
    this.model = story.makeModel(platform);
  }

  get locks(): () => Ownership {
    return this.#page.locks;
  }

  get view(): AppView {
    return this.model.snapshot();
  }

  /** What is seen when signed in. */
  get home(): SignedInView {
    const { view } = this;
    if (view.at !== 'signedIn') throw new Error(`nobody is signed in: ${view.at}`);
    return view;
  }

  get isOnline(): boolean {
    return this.view.at === 'signedIn' && this.view.link.is === 'online';
  }

  get me(): { readonly id: UserId; readonly name: string } {
    const { me } = this.home;
    const id = parseUserId(me.id);
    if (id === null) throw new Error('ids in the view are user ids');
    return { id, name: me.name };
  }

  get phase(): Phase | null {
    return this.view.at === 'signedIn' ? (this.view.conversation?.phase ?? null) : null;
  }

  get connection(): 'up' | 'reconnecting' | null {
    return this.phase?.is === 'secure' ? this.phase.connection : null;
  }

  /** The lines as `who: text (state)`; none unless secure. */
  get lines(): readonly string[] {
    const { phase } = this;
    if (phase?.is !== 'secure') return [];
    return phase.lines.map(({ by, text, state }) => `${by}: ${text} (${state})`);
  }

  /** Has everything that the peer said in sight. */
  look(): void {
    const { phase } = this;
    const last = phase?.is === 'secure' ? phase.lines.findLast(({ by }) => by === 'peer') : null;
    if (last) this.model.seen(last.id);
  }

  show(visible: boolean): void {
    this.#page.visibility.visible = visible;
    this.#page.visibility.changed();
  }

  /** The page is closed: what was not said yet never is, but for the last words. */
  closePage(): void {
    this.#page.goAway();
  }

  /** Signs the same person in on another browser. */
  signIn(name: string): void {
    this.model.signIn(name, PASSWORD);
  }
}
