/**
 * All that lives while somebody is signed in: the link, the search, who rang, and the one
 * conversation that is open. Made when a login begins, stopped when it ends.
 */

import { AccountDesk } from '../core/auth/account-desk.ts';
import type { Account } from '../core/auth/driver.ts';
import { KeyDesk } from '../core/auth/key-desk.ts';
import type { Me } from '../core/auth/machine.ts';
import type { ServerConfig } from '../core/config.ts';
import { Doorbell, type Ring } from '../core/conversation/doorbell.ts';
import { Conversation } from '../core/conversation/driver.ts';
import { isOffer } from '../core/conversation/establishing.ts';
import { Farewells } from '../core/conversation/farewells.ts';
import type { Call } from '../core/conversation/machine.ts';
import { OfferLimit } from '../core/conversation/offer-limit.ts';
import { signerOf } from '../core/crypto/identity.ts';
import { PRIMITIVE_NAMES, type PrimitiveName, type Suite } from '../core/crypto/suite/suite.ts';
import { Directory, type Person } from '../core/directory/directory.ts';
import { People } from '../core/directory/people.ts';
import { Presences } from '../core/directory/presence.ts';
import { Search } from '../core/directory/search.ts';
import { Link } from '../core/link/driver.ts';
import type { Cancel } from '../core/ports.ts';
import { LIMITS } from '../core/transfer/header.ts';
import { PeersFile } from '../core/trust/peers-file.ts';
import { Pins } from '../core/trust/pins.ts';
import type { PeerFrame, ServerFrame } from '../core/wire/frames.ts';
import { parseUserId, type UserId } from '../core/wire/ids.ts';
import type { Platform } from './platform.ts';

/** What belongs to a handshake and not to a channel. */
const HANDSHAKE_LABELS: readonly string[] = ['ephemeral_key', 'session_established', 'declined'];

/** What is the person's to choose. */
export type Settings = {
  /** Every word travels under the one label `message`, so that the server cannot count kinds. */
  readonly plainLabels: boolean;
};

/** The platform, and who computes what on it. */
type World = Platform & Suite;

export class SignedIn {
  readonly me: Me;
  readonly link: Link;
  readonly search: Search;
  readonly doorbell: Doorbell;
  readonly pins: Pins;
  readonly desk: KeyDesk;
  readonly accountDesk: AccountDesk;
  readonly people: People;
  readonly presences = new Presences();
  readonly #platform: World;
  readonly #account: Account;
  readonly #config: ServerConfig;
  readonly #directory: Directory;
  readonly #settings: Settings;
  readonly #changed: () => void;
  readonly #farewells: Farewells;
  readonly #offers = new OfferLimit();
  #conversation: Conversation | null = null;
  #stopped = false;
  /** A handshake with the same peer that runs beside its open channel. */
  #beside: Conversation | null = null;
  readonly #unsubscribe = new Map<Conversation, Cancel>();
  readonly #unwatch: Cancel;

  constructor(
    platform: World,
    account: Account,
    {
      me,
      config,
      settings,
      changed,
    }: { me: Me; config: ServerConfig; settings: Settings; changed: () => void },
  ) {
    this.me = me;
    this.#platform = platform;
    this.#account = account;
    this.#config = config;
    this.#settings = settings;
    this.#changed = changed;
    this.#directory = new Directory((request, parse) => account.ask(request, parse));
    this.pins = new Pins(platform.pins, me.id, platform.clock);
    const sealer = { ...platform, cost: platform.sealCost };
    this.desk = new KeyDesk(account, me.id, new PeersFile(sealer, me.id, this.pins));
    this.accountDesk = new AccountDesk(account, me.id);
    this.people = new People(platform.people, me.id);
    this.search = new Search(this.#directory, me.id, config.limits.searchCharsMin);
    this.link = new Link({ ...platform, tokens: account });
    this.doorbell = new Doorbell({
      ...platform,
      link: this.link,
      directory: this.#directory,
      answers: () => this.#self() !== null,
      isBlocked: (person) => this.people.isBlocked(person),
    });
    const { resumeWindowMs } = config;
    this.#farewells = new Farewells({ ...platform, link: this.link, resumeWindowMs });
    this.link.hurryWhile(() => this.#conversation?.phase?.is === 'secure');
    this.search.subscribe(changed);
    this.doorbell.subscribe(changed);
    this.pins.subscribe(changed);
    this.desk.subscribe(changed);
    this.accountDesk.subscribe(changed);
    this.people.subscribe(changed);
    this.presences.subscribe(changed);
    this.link.subscribe(() => {
      if (this.link.state.at !== 'online') {
        this.doorbell.clear();
        this.presences.clear();
      }
      changed();
    });
    this.link.hear((frame) => this.#hear(frame));
    this.#unwatch = platform.ownership.onLost(() => this.link.yield());
  }

  /** Connects, unless another page of this browser has: then only the person leads here. */
  async start(): Promise<void> {
    await this.#recallPeople();
    const owns = await this.#platform.ownership.claim(this.me.id, 'ifFree');
    // Another page may be receiving one; whoever owns the account is alone with them.
    if (owns) await this.#platform.emptyFiles();
    if (this.#stopped || this.link.state.at !== 'idle') return;
    if (owns) this.link.start();
    else this.link.yield();
  }

  /** Takes the connection from whichever page has it. */
  async useHere(): Promise<void> {
    await this.#recallPeople();
    const owns = await this.#platform.ownership.claim(this.me.id, 'steal');
    // biome-ignore lint/correctness/useHookAtTopLevel: it asks the link; it is no hook.
    if (owns && !this.#stopped) this.link.useHere();
  }

  get byLibrary(): readonly PrimitiveName[] {
    const { report } = this.#platform;
    return PRIMITIVE_NAMES.filter((name) => report[name] === 'library');
  }

  /** The one that is seen: a key that blocks the one beside must be judged. */
  get conversation(): Conversation | null {
    return this.#beside?.phase?.is === 'blocked' ? this.#beside : this.#conversation;
  }

  /** Opens a conversation; the one before is left. An offer of the same person is answered. */
  open(person: Person): void {
    if (person.id === this.me.id || this.people.isBlocked(person.id)) return;
    const ring = this.doorbell.take(person.id);
    if (ring === null) this.#converse(person, { is: 'ring' });
    else this.#answer(ring);
  }

  /** Whoever is blocked hears a goodbye if they are talked to, and nothing else. */
  block(person: Person): void {
    if (person.id === this.me.id) return;
    keptOrNot(this.people.block(person));
    this.doorbell.take(person.id);
    this.presences.forget(person.id);
    if (this.#conversation?.peer.id === person.id) void this.leave();
  }

  unblock(person: UserId): void {
    keptOrNot(this.people.unblock(person));
  }

  clearRecent(): void {
    keptOrNot(this.people.clearRecent());
  }

  accept(person: UserId): void {
    const ring = this.doorbell.take(person);
    if (ring !== null) this.#answer(ring);
  }

  /** Rings the same peer anew. */
  retry(): void {
    const conversation = this.#conversation;
    const over = conversation?.phase?.is === 'ended' || conversation?.phase?.is === 'peerOffline';
    if (conversation !== null && over) this.open(conversation.peer);
  }

  /** Says goodbye; done when it is on its way. */
  async leave(): Promise<void> {
    const beside = this.#beside;
    const blocked = beside?.phase?.is === 'blocked';
    const conversation = blocked ? null : this.#conversation;
    this.#forget(beside);
    this.#forget(conversation);
    this.#beside = null;
    if (!blocked) this.#conversation = null;
    this.#changed();
    await Promise.all([beside?.leave(), conversation?.leave()]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.people.stop();
    this.#unwatch();
    // At once: the next login of this page may claim it before the goodbye is out.
    this.#platform.ownership.release();
    this.doorbell.clear();
    await this.leave();
    this.#farewells.clear();
    this.link.stop();
  }

  /** The peer of an open channel is answered beside it: only a new channel takes its place. */
  #answer(ring: Ring): void {
    const call: Call = { is: 'answer', m1: ring.m1 };
    const open = this.#conversation;
    const hasChannel = open?.peer.id === ring.person.id && open.phase?.is === 'secure';
    if (!hasChannel) {
      this.#converse(ring.person, call);
      return;
    }
    void this.#beside?.leave();
    this.#forget(this.#beside);
    this.#beside = this.#begin(ring.person, call);
    this.#changed();
  }

  /** Before the first frame is heard: whoever is blocked never rings. */
  async #recallPeople(): Promise<void> {
    await Promise.all([this.people.load(), this.pins.recall()]).catch(() => {});
  }

  #converse(peer: Person, call: Call): void {
    if (this.#self() === null) return;
    keptOrNot(this.people.met(peer));
    void this.leave();
    this.#conversation = this.#begin(peer, call);
    this.#changed();
  }

  #begin(peer: Person, call: Call): Conversation | null {
    const self = this.#self();
    if (self === null) return null;
    const conversation = new Conversation(
      {
        ...this.#platform,
        link: this.link,
        directory: this.#directory,
        pins: this.pins,
        deployment: this.#config.deployment,
        self,
        resumeWindowMs: this.#config.resumeWindowMs,
        labels: this.#settings.plainLabels ? 'plain' : 'own',
        files: {
          sinks: this.#platform.sinks,
          limits: { ...LIMITS, fileBytesMax: this.#config.fileBytesMax },
          // What is played is part of the talk; everything else is asked for.
          accepts: ({ kind }) => kind !== 'file',
        },
        part: (farewell) => this.#farewells.say(peer.id, farewell),
        ring: (m1: PeerFrame) => void this.doorbell.ring(m1),
      },
      peer,
      call,
    );
    this.#unsubscribe.set(
      conversation,
      conversation.subscribe(() => this.#moved(conversation)),
    );
    return conversation;
  }

  #forget(conversation: Conversation | null): void {
    if (conversation === null) return;
    this.#unsubscribe.get(conversation)?.();
    this.#unsubscribe.delete(conversation);
  }

  #moved(conversation: Conversation): void {
    if (conversation.phase?.is === 'secure') this.#farewells.forget(conversation.peer.id);
    this.#settle();
    this.#changed();
  }

  /** The one beside takes the place as soon as it has a channel, or the other has none. */
  #settle(): void {
    const [open, beside] = [this.#conversation, this.#beside];
    if (beside === null) return;
    const replaces = beside.phase?.is === 'secure' || open?.phase?.is !== 'secure';
    if (!replaces && beside.phase?.is !== 'ended') return;
    this.#beside = null;
    if (!replaces) {
      this.#forget(beside);
      open?.notice();
      return;
    }
    this.#forget(open);
    open?.giveWay();
    this.#conversation = beside;
  }

  /** Every frame goes to whom it is for: the open conversation, or the doorbell. */
  #hear(frame: ServerFrame): void {
    if ('peer' in frame && this.people.isBlocked(frame.peer)) return;
    this.presences.hear(frame);
    if (frame.type === 'peer') {
      const isHeard = !isOffer(frame) || this.#offers.admits(frame, this.#platform.clock.now());
      if (isHeard) this.#hearPeer(frame);
      return;
    }
    this.doorbell.hear(frame);
    for (const conversation of [this.#conversation, this.#beside]) {
      const about = 'peer' in frame ? frame.peer : conversation?.peer.id;
      if (about === conversation?.peer.id) conversation?.hear(frame);
    }
  }

  #hearPeer(frame: PeerFrame): void {
    const open = this.#conversation?.peer.id === frame.peer ? this.#conversation : null;
    const isHandshake = HANDSHAKE_LABELS.includes(frame.label);
    const hearer = isHandshake ? (this.#beside ?? open) : open;
    if (!isHandshake && open?.phase?.is !== 'secure') this.#farewells.hear(frame);
    if (open === null || frame.label === 'declined') this.doorbell.hear(frame);
    if (open !== null) hearer?.hear(frame);
  }

  /** Who one is in a handshake; `null` without the key. */
  #self() {
    const { state } = this.#account;
    if (state.at !== 'signedIn' || state.key.is !== 'ready') return null;
    return { id: this.me.id, signer: signerOf(this.#platform.primitives, state.key.identity) };
  }
}

/** A browser whose storage fails keeps nothing of it: what was asked for lasts as long as the page. */
function keptOrNot(work: Promise<void>): void {
  work.catch(() => {});
}

/** A person as the screens name them. */
export function personOf({ id, name }: { id: string; name: string }): Person | null {
  const userId = parseUserId(id);
  return userId === null ? null : { id: userId, name };
}
