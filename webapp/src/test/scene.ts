/**
 * Two people who talk over a relay that plays one trick at one moment, and somebody who watches
 * both screens: what is shown must be what the other said, and the trick must show.
 */
import type { Phase } from '../app/model.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import type { UserId } from '../core/wire/ids.ts';
import { Ledger, Violation } from './ledger.ts';
import { seededRandom } from './seeded-random.ts';
import { type Browser, Story } from './story.ts';
import type { Relayed } from './test-server.ts';

/** How a trick shows on a screen. */
export type Notice =
  /** The number of refused frames is above zero. */
  | 'counted'
  | 'reconnecting'
  | 'blocked'
  | 'offline'
  /** Everything that was said has arrived in spite of it. */
  | 'recovered'
  | Extract<Phase, { is: 'ended' }>['why'];

export type Meddle = (relayed: Relayed) => readonly PeerFrame[];

const STEPS = 14;
const STEP_MS = 500;
/** Longer than a ring, and than any window. */
const PATIENCE_MS = 75_000;
const REST_MS = 45_000;
/** For what recovers to have done so. */
const CALM_MS = 6_000;

type Setting = {
  readonly isKnown: boolean;
  /** What the server says that it is called: to Alice, to Bob. */
  readonly deployments?: readonly string[];
};

export class Scene {
  readonly story = new Story();
  readonly notices = new Set<Notice>();
  readonly random;
  /** What was relayed in this conversation, as it came from its sender. */
  readonly relayed: Relayed[] = [];
  /** What was relayed in an earlier conversation of the two. */
  earlier: readonly Relayed[] = [];
  /** Whom Alice rings; Bob unless said otherwise. */
  callee: Browser['me'] | null = null;
  /** Somebody was shown a channel. */
  wasSecure = false;
  /** Stands between the two from here on. */
  meddle: Meddle = ({ frame }) => [frame];
  readonly #people: [Browser, Browser];
  readonly #ledger = new Ledger();
  #violation: unknown = null;
  #said = 0;

  private constructor(story: Story, people: [Browser, Browser], seed: number) {
    this.story = story;
    this.#people = people;
    this.random = seededRandom(seed);
  }

  /** Alice and Bob, who have talked before if they know each other. */
  static async of(seed: number, { isKnown, deployments }: Setting): Promise<Scene> {
    const story = new Story();
    if (deployments !== undefined) tellApart(story, deployments);
    const people: [Browser, Browser] = [await story.person('alice'), await story.person('bob')];
    const scene = new Scene(story, people, seed);
    if (isKnown) await scene.#talkBefore();
    scene.earlier = [...story.server.relayed];
    story.server.meddle = (relayed) => {
      scene.relayed.push(relayed);
      return scene.meddle(relayed);
    };
    for (const [who, browser] of people.entries()) {
      browser.model.subscribe(() => scene.#watched(who as 0 | 1, browser));
    }
    return scene;
  }

  get alice(): Browser {
    return this.#people[0];
  }

  get bob(): Browser {
    return this.#people[1];
  }

  /** The other of the two. */
  other(id: UserId): Browser {
    return this.alice.me.id === id ? this.bob : this.alice;
  }

  /** Says a frame to one of them in the name of the other. */
  inject(to: UserId, frame: PeerFrame): void {
    this.story.server.inject(to, { ...frame, peer: this.other(to).me.id });
  }

  pick<T>(all: readonly T[]): T {
    const one = all[Math.floor(this.random.fraction() * all.length)];
    if (one === undefined) throw new Error('there is nothing to pick from');
    return one;
  }

  /**
   * Alice rings, both say this and that, and then wait for whatever may still come: until one of
   * these was seen and all is well, or as long as anything could take.
   */
  async converse(awaited: readonly Notice[] = ['recovered']): Promise<void> {
    this.alice.model.open(this.callee ?? this.bob.me);
    await this.#passUntil(PATIENCE_MS, () => this.#areSecure() || this.#isOver());
    for (let step = 0; step < STEPS; step += 1) {
      this.#act(step);
      await this.story.quiet();
      if (step % 3 !== 0) await this.#pass(250);
    }
    await this.#passUntil(CALM_MS, () => this.#isOver());
    await this.#passUntil(REST_MS, () => this.#isOver() || this.#isCalm(awaited));
    if (this.#isOver()) await this.#endAlike();
    this.#judge();
  }

  /** Whoever had nothing to wait for learns with the next word that it is over. */
  async #endAlike(): Promise<void> {
    await this.#passUntil(REST_MS, () => !this.#isSecureForOne());
    for (const { model } of this.#people) model.say('hello?');
    await this.#passUntil(REST_MS, () => !this.#isSecureForOne());
  }

  #isCalm(awaited: readonly Notice[]): boolean {
    const isSeen = awaited.some((notice) => notice === 'recovered' || this.notices.has(notice));
    const all = this.#people.flatMap(({ phase }) => (phase?.is === 'secure' ? phase.lines : []));
    return isSeen && this.#areSecure() && all.every(({ state }) => state !== 'sending');
  }

  #isSecureForOne(): boolean {
    return this.#isOver() && this.#people.some(({ phase }) => phase?.is === 'secure');
  }

  #judge(): void {
    if (this.#violation !== null) throw this.#violation;
    const phases = this.#people.map(({ phase }) => phase);
    const secure = phases.filter((phase) => phase?.is === 'secure');
    if (secure.length === 1) throw new Violation('one believes in a channel, alone');
    if (secure.length === 0) {
      for (const [who, phase] of phases.entries()) {
        if (phase?.is === 'ended') this.#ledger.ended(who as 0 | 1, phase.unconfirmed);
      }
      return;
    }
    if (new Set(secure.map(({ shortCode }) => shortCode.join())).size > 1) {
      throw new Violation('their short codes differ');
    }
    for (const [who, { lines }] of secure.entries()) this.#ledger.rests(who as 0 | 1, lines);
    if (secure.every(({ connection }) => connection === 'up')) this.notices.add('recovered');
  }

  #watched(who: 0 | 1, browser: Browser): void {
    const { phase } = browser;
    try {
      switch (phase?.is) {
        case 'secure':
          this.#watchedTalk(who, phase);
          return;
        case 'ended':
          if (phase.why === 'left') throw new Violation('nobody left');
          this.notices.add(phase.why);
          return;
        case 'blocked':
          this.notices.add('blocked');
          return;
        case 'peerOffline':
          this.notices.add('offline');
          return;
        default:
          return;
      }
    } catch (error) {
      this.#violation ??= error;
    }
  }

  #watchedTalk(who: 0 | 1, phase: Phase & { is: 'secure' }): void {
    this.wasSecure = true;
    const { key } = this.#people[who === 0 ? 1 : 0].home;
    if (key.is !== 'ready' || key.fingerprint !== phase.peerFingerprint) {
      throw new Violation('secure with somebody else');
    }
    if (phase.noticed > 0) this.notices.add('counted');
    if (phase.connection === 'reconnecting') this.notices.add('reconnecting');
    this.#ledger.acted(who, phase.lines);
    this.#ledger.shows(who, phase.lines);
  }

  #act(step: number): void {
    const who = step % 2 === 0 ? 0 : 1;
    const browser = this.#people[who];
    const { phase, model } = browser;
    if (phase?.is !== 'secure') return;
    const { lines } = phase;
    const own = lines.filter(({ by, deleted }) => by === 'me' && !deleted);
    const theirs = lines.filter(({ by }) => by === 'peer');
    this.#said += 1;
    const word = `${who}:${this.#said}`;
    const [first, last] = [own[0], theirs.at(-1)];
    if (step >= 4 && step % 5 === 0 && first) model.edit(first.id, word);
    else if (step === 9 && own[1]) model.deleteLine(own[1].id);
    else if (step === 7 && last) model.react(last.id, '👍');
    else model.say(word, last?.id);
    this.#ledger.looked(who);
    browser.look();
    model.typing(step % 4 === 0);
  }

  async #talkBefore(): Promise<void> {
    const { alice, bob, story } = this;
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => this.#areSecure());
    for (const word of ['once', 'upon', 'a time']) {
      alice.model.say(word);
      bob.model.say(word);
      await story.quiet();
    }
    await this.#pass(300);
    alice.model.leave();
    await story.until(() => bob.phase?.is === 'ended');
    bob.model.leave();
    // What is still said about it is said before the next.
    await this.#pass(8_000);
  }

  async #passUntil(ms: number, isEnough: () => boolean): Promise<void> {
    for (let passed = 0; passed < ms && !isEnough(); passed += STEP_MS) {
      this.#answer();
      await this.#pass(STEP_MS);
    }
    this.#answer();
    await this.story.quiet();
  }

  /** Lets time pass from one thing that is due to the next, each dealt with before the other. */
  async #pass(ms: number): Promise<void> {
    const { clock } = this.story;
    const end = clock.now() + ms;
    await this.story.quiet();
    for (let next = clock.next; next !== null && next <= end; next = clock.next) {
      clock.advance(Math.max(0, next - clock.now()));
      await this.story.quiet();
    }
    clock.advance(end - clock.now());
  }

  /** Whoever rings is let in, whatever goes on. */
  #answer(): void {
    for (const { home, model } of this.#people) {
      for (const { id } of home.incoming) model.accept(id);
    }
  }

  #areSecure(): boolean {
    return this.#people.every(({ phase }) => phase?.is === 'secure');
  }

  #isOver(): boolean {
    return this.#people.some(({ phase }) => phase?.is === 'ended' || phase?.is === 'blocked');
  }
}

/** A server that tells each who asks another name of itself. */
function tellApart({ server }: Story, deployments: readonly string[]): void {
  const browser = server.browser.bind(server);
  let made = 0;
  server.browser = () => {
    const http = browser();
    const deployment_id = deployments[made];
    made += 1;
    return {
      send: async (request) => {
        const answer = await http.send(request);
        if (request.path !== '/api/config' || answer.is !== 'answered') return answer;
        return { ...answer, body: { ...(answer.body as object), deployment_id } };
      },
    };
  };
}
