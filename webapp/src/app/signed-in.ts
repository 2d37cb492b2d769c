/**
 * All that lives while somebody is signed in: the link, the search, who rang, and the one
 * conversation that is open. Made when a login begins, stopped when it ends.
 */

import type { Account } from '../core/auth/driver.ts';
import type { Me } from '../core/auth/machine.ts';
import type { ServerConfig } from '../core/config.ts';
import { Doorbell } from '../core/conversation/doorbell.ts';
import { Conversation } from '../core/conversation/driver.ts';
import type { Call } from '../core/conversation/machine.ts';
import { signerOf } from '../core/crypto/identity.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import { Directory, type Person } from '../core/directory/directory.ts';
import { Search } from '../core/directory/search.ts';
import { Link } from '../core/link/driver.ts';
import type { Cancel } from '../core/ports.ts';
import { Pins } from '../core/trust/pins.ts';
import type { PeerFrame, ServerFrame } from '../core/wire/frames.ts';
import { parseUserId, type UserId } from '../core/wire/ids.ts';
import type { Platform } from './platform.ts';

export class SignedIn {
  readonly me: Me;
  readonly link: Link;
  readonly search: Search;
  readonly doorbell: Doorbell;
  readonly #platform: Platform;
  readonly #account: Account;
  readonly #config: ServerConfig;
  readonly #directory: Directory;
  readonly #pins: Pins;
  readonly #changed: () => void;
  #conversation: Conversation | null = null;
  #unsubscribe: Cancel = () => {};

  constructor(
    platform: Platform,
    account: Account,
    { me, config, changed }: { me: Me; config: ServerConfig; changed: () => void },
  ) {
    this.me = me;
    this.#platform = platform;
    this.#account = account;
    this.#config = config;
    this.#changed = changed;
    this.#directory = new Directory((request, parse) => account.ask(request, parse));
    this.#pins = new Pins(platform.pins, me.id);
    this.search = new Search(this.#directory, me.id, config.limits.searchCharsMin);
    this.link = new Link({ ...platform, tokens: account });
    this.doorbell = new Doorbell({
      ...platform,
      link: this.link,
      directory: this.#directory,
      answers: () => this.#self() !== null,
    });
    this.search.subscribe(changed);
    this.doorbell.subscribe(changed);
    this.link.subscribe(() => {
      if (this.link.state.at !== 'online') this.doorbell.clear();
      changed();
    });
    this.link.hear((frame) => this.#hear(frame));
  }

  get conversation(): Conversation | null {
    return this.#conversation;
  }

  /** Opens a conversation; the one before is left. An offer of the same person is answered. */
  open(person: Person): void {
    if (person.id === this.me.id) return;
    const ring = this.doorbell.take(person.id);
    this.#converse(person, ring === null ? { is: 'ring' } : { is: 'answer', m1: ring.m1 });
  }

  accept(person: UserId): void {
    const ring = this.doorbell.take(person);
    if (ring !== null) this.#converse(ring.person, { is: 'answer', m1: ring.m1 });
  }

  /** Rings the same peer anew. */
  retry(): void {
    const conversation = this.#conversation;
    const over = conversation?.phase?.is === 'ended' || conversation?.phase?.is === 'peerOffline';
    if (conversation !== null && over) this.open(conversation.peer);
  }

  /** Says goodbye; done when it is on its way. */
  async leave(): Promise<void> {
    const conversation = this.#conversation;
    this.#unsubscribe();
    this.#conversation = null;
    this.#changed();
    await conversation?.leave();
  }

  async stop(): Promise<void> {
    this.doorbell.clear();
    await this.leave();
    this.link.stop();
  }

  #converse(peer: Person, call: Call): void {
    const self = this.#self();
    if (self === null) return;
    void this.leave();
    const conversation = new Conversation(
      {
        ...this.#platform,
        link: this.link,
        directory: this.#directory,
        pins: this.#pins,
        deployment: this.#config.deployment,
        primitives: noble,
        self,
        ring: (m1: PeerFrame) => void this.doorbell.ring(m1),
      },
      peer,
      call,
    );
    this.#conversation = conversation;
    this.#unsubscribe = conversation.subscribe(this.#changed);
    this.#changed();
  }

  /** Every frame goes to whom it is for: the open conversation, or the doorbell. */
  #hear(frame: ServerFrame): void {
    const conversation = this.#conversation;
    if (frame.type === 'peer') {
      const open = conversation?.peer.id === frame.peer ? conversation : null;
      if (open === null || frame.label === 'declined') this.doorbell.hear(frame);
      open?.hear(frame);
      return;
    }
    this.doorbell.hear(frame);
    const about = 'peer' in frame ? frame.peer : conversation?.peer.id;
    if (about === conversation?.peer.id) conversation?.hear(frame);
  }

  /** Who one is in a handshake; `null` without the key. */
  #self() {
    const { state } = this.#account;
    if (state.at !== 'signedIn' || state.key.is !== 'ready') return null;
    return { id: this.me.id, signer: signerOf(noble, state.key.identity) };
  }
}

/** A person as the screens name them. */
export function personOf({ id, name }: { id: string; name: string }): Person | null {
  const userId = parseUserId(id);
  return userId === null ? null : { id: userId, name };
}
