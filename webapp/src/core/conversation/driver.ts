/**
 * Performs what a conversation's machine asks for: one effect after another through one promise
 * chain, so that records are sealed and opened in order. The result of every await comes back as
 * an event; only the machine judges whether it still matters. What needs no await is done at once,
 * so that a goodbye leaves although the page is being closed.
 *
 * What the network says waits until all that came before has been dealt with: otherwise the news
 * that the peer is gone would overtake its goodbye, which takes time to open.
 */
import { Alarm } from '../alarm.ts';
import type { Bytes } from '../bytes.ts';
import { compare } from '../bytes.ts';
import { fingerprintOf } from '../crypto/fingerprint.ts';
import { Answer, Offer, type Parties } from '../crypto/handshake.ts';
import { glareOrder, readMessage } from '../crypto/messages.ts';
import type { Primitives } from '../crypto/suite/primitives.ts';
import type { Directory, Person } from '../directory/directory.ts';
import type { Link } from '../link/driver.ts';
import { Observable } from '../observable.ts';
import type { Cancel, Clock, Random } from '../ports.ts';
import type { RecordedKind } from '../recording/kind.ts';
import { decodeTransferRecord } from '../transfer/records.ts';
import type { Transfers } from '../transfer/transfers.ts';
import type { Pins } from '../trust/pins.ts';
import type { TalkLabel } from '../wire/codes.ts';
import type { PeerFrame, ServerFrame } from '../wire/frames.ts';
import { type FrameId, frameIdBytes } from '../wire/ids.ts';
import { Files, type FileWorld } from './files.ts';
import {
  begin,
  type Call,
  deadline,
  type Effect,
  type Event,
  type Next,
  type PeerKey,
  type State,
  transition,
} from './machine.ts';
import type { OpenChannel } from './open-channel.ts';
import { looksLike, type Phase, phaseOf } from './phase.ts';
import { newFrameId, RecentIds } from './recent-ids.ts';
import { decodeRecord } from './records.ts';

type ConversationWorld = {
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly pins: Pins;
  readonly deployment: string;
  readonly primitives: Primitives;
  readonly self: Parties['self'];
  /** How long a peer that is away is waited for; 0: not at all. */
  readonly resumeWindowMs: number;
  /** Whether labels tell the server what kind of record it carries. */
  readonly labels: 'own' | 'plain';
  readonly files: FileWorld;
  /** Says the proof of an end, to whoever still asks. */
  readonly part: (farewell: Bytes) => void;
  /** Takes an offer that this conversation does not. */
  readonly ring: (m1: PeerFrame) => void;
};

export class Conversation {
  readonly peer: Person;
  readonly #world: ConversationWorld;
  readonly #shown: Observable<Phase | null>;
  readonly #alarm: Alarm;
  readonly #unwatch: Cancel;
  readonly #sent = new RecentIds();
  #chain: Promise<void> = Promise.resolve();
  #inbox: Promise<void> = Promise.resolve();
  #state: State;
  /** The files of the open channel; `null` while there is none. */
  #files: Files | null = null;
  /** Frames that had no place, or did not open: dropped, and shown. */
  #noticed = 0;
  /** Which connection the link has; `null` while it has none. */
  #connection: number | null;

  constructor(world: ConversationWorld, peer: Person, call: Call) {
    this.peer = peer;
    this.#world = world;
    this.#alarm = new Alarm(world.clock, () => this.#dispatch({ type: 'tick' }));
    this.#connection = world.link.connection;
    this.#unwatch = world.link.subscribe(() => this.#linkChanged());
    const [state, effects] = begin(call);
    this.#state = state;
    const { fileBytesMax } = world.files.limits;
    this.#shown = new Observable(phaseOf(state, { transfers: [], forged: 0, fileBytesMax }, 0));
    this.#enqueue(effects);
  }

  /** `null` once the person here has left. The same object until something changed. */
  get phase(): Phase | null {
    return this.#shown.value;
  }

  subscribe(listener: () => void): Cancel {
    return this.#shown.subscribe(listener);
  }

  /** Something in the peer's name was refused, here or beside this conversation. */
  notice(): void {
    this.#noticed += 1;
    this.#show();
  }

  say(text: string, replyTo: FrameId | null): void {
    const { random, clock } = this.#world;
    this.#dispatch({ type: 'say', id: newFrameId(random), text, replyTo, wall: clock.wall() });
  }

  edit(lineId: FrameId, text: string): void {
    this.#dispatch({ type: 'edit', lineId, text });
  }

  deleteLine(lineId: FrameId): void {
    this.#dispatch({ type: 'delete', lineId });
  }

  /** Puts a line out of sight here; the peer keeps it and is not told. */
  hideLine(lineId: FrameId): void {
    this.#dispatch({ type: 'hide', lineId });
  }

  react(lineId: FrameId, emoji: string | null): void {
    this.#dispatch({ type: 'react', lineId, emoji });
  }

  typing(on: boolean): void {
    this.#dispatch({ type: 'typing', on });
  }

  recording(what: RecordedKind | null): void {
    this.#dispatch({ type: 'recording', what });
  }

  /** The files of this conversation; `null` while there is no channel for them. */
  get transfers(): Transfers | null {
    return this.#files?.transfers ?? null;
  }

  seen(lineId: FrameId): void {
    this.#dispatch({ type: 'seen', lineId });
  }

  acceptKey(): void {
    this.#dispatch({ type: 'acceptKey' });
  }

  /** The person has compared the key of this fingerprint with the peer. */
  confirmPeer(fingerprint: string): void {
    this.#dispatch({ type: 'confirmPeer', fingerprint });
  }

  /** Says goodbye. Done when it is on its way; nothing may be asked of it after. */
  async leave(): Promise<void> {
    // Nothing was said yet, and the server may take its time to look a key up.
    const silent = this.#state.at === 'seeking';
    this.#dispatch({ type: 'leave' });
    if (!silent) await this.settled();
    this.#unwatch();
  }

  /** Another conversation with the same peer takes its place. */
  giveWay(): void {
    this.#dispatch({ type: 'replaced' });
    this.#unwatch();
  }

  /** When everything that was heard or asked for so far, and what came of it, is done. */
  async settled(): Promise<void> {
    let inbox: Promise<void>;
    do {
      inbox = this.#inbox;
      await inbox;
      await this.#performed();
    } while (inbox !== this.#inbox);
  }

  /** A frame of this peer, or about this peer or a frame. */
  hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'peer':
        this.#receive({ type: 'frame', frame });
        return;
      case 'file':
        this.#inOrder(() => this.#files?.transfers.hearChunk(frame));
        return;
      case 'peerOffline':
      case 'peerDisconnected':
        this.#receive({ type: 'peerGone' });
        return;
      case 'peerOnline':
        this.#receive({ type: 'peerOnline' });
        return;
      case 'error':
        if (frame.id !== null) this.#refused(frame.id, frame.code);
        return;
      default:
        return;
    }
  }

  /** A chunk that was refused is its transfer's matter, anything else that of the connection. */
  #refused(id: FrameId, code: string): void {
    if (this.#files?.hearRefused(id)) return;
    if (this.#sent.has(id)) this.#receive({ type: 'refused', code });
  }

  #linkChanged(): void {
    const { state, connection } = this.#world.link;
    if (connection === this.#connection) return;
    this.#connection = connection;
    if (connection !== null) this.#receive({ type: 'linkOnline' });
    else this.#receive({ type: state.at === 'superseded' ? 'superseded' : 'linkLost' });
  }

  #receive(event: Event): void {
    this.#inOrder(() => this.#dispatch(event));
  }

  /** Once all that was heard before has been dealt with. */
  #inOrder(act: () => void): void {
    this.#inbox = this.#inbox.then(() => {
      act();
      return this.#performed();
    });
  }

  /** When every effect so far, and every one that came of those, is done. */
  async #performed(): Promise<void> {
    let chain: Promise<void>;
    do {
      chain = this.#chain;
      await chain;
    } while (chain !== this.#chain);
  }

  #dispatch(event: Event): void {
    const { clock, resumeWindowMs } = this.#world;
    const world = { now: clock.now(), resumeWindowMs };
    const before = this.#state;
    const [state, effects]: Next = transition(before, event, world);
    this.#state = state;
    this.#tellFiles(before, event);
    this.#enqueue(effects);
    this.#alarm.wind(deadline(state));
    if (state !== before) this.#show();
  }

  /** What looks the same stays the same: most events are nobody's to see. */
  #show(): void {
    const { views = [], forged = 0 } = this.#files?.transfers ?? {};
    const { fileBytesMax } = this.#world.files.limits;
    const files = { transfers: views, forged, fileBytesMax };
    const phase = phaseOf(this.#state, files, this.#noticed);
    if (!looksLike(phase, this.#shown.value)) this.#shown.set(phase);
  }

  /** Files live as long as their channel, and stand still while the peer cannot be reached. */
  #tellFiles(before: State, event: Event): void {
    const state = this.#state;
    if (state.at !== 'secure') {
      void this.#files?.end();
      this.#files = null;
      return;
    }
    this.#files ??= this.#filesOf(state.channel);
    if (before.at !== 'secure') return;
    const isUp = state.delivery.connection.is === 'up';
    const wasUp = before.delivery.connection.is === 'up';
    const hasMoved = isUp && event.type === 'linkOnline';
    if (isUp !== wasUp || hasMoved) this.#files.transfers.linkChanged(isUp);
  }

  #filesOf(channel: OpenChannel): Files {
    return new Files(
      this.#world,
      { peer: this.peer.id, channel },
      {
        say: (lane, record) =>
          this.#inOrder(() => this.#dispatch({ type: 'carry', channel, lane, record })),
        changed: () => {
          if (this.#files?.channel === channel) this.#show();
        },
      },
    );
  }

  #enqueue(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (this.#done(effect)) continue;
      this.#chain = this.#chain.then(async () => {
        const event = await this.#perform(effect).catch(() => ({ type: 'failed' }) as const);
        if (event !== null) this.#dispatch(event);
      });
    }
  }

  /** Does what needs no await; false for the rest. */
  #done(effect: Effect): boolean {
    switch (effect.do) {
      case 'send':
        this.#send(effect.frame);
        return true;
      case 'tell':
        this.#send(this.#frame(effect.label, frameIdBytes(effect.offer)));
        return true;
      case 'part':
        this.#world.part(effect.farewell);
        return true;
      case 'deliver':
        this.#files?.transfers.hearRecord(effect.record);
        return true;
      case 'lastWords':
        this.#lastWords(effect.farewell);
        return true;
      case 'erase':
        effect.channel.erase();
        return true;
      case 'ring':
        this.#world.ring(effect.m1);
        return true;
      case 'notice':
        this.notice();
        return true;
      default:
        return false;
    }
  }

  async #perform(effect: Effect): Promise<Event | null> {
    const { pins, random } = this.#world;
    switch (effect.do) {
      case 'lookUp':
        return this.#lookUp();
      case 'trust':
        await pins.accept(this.peer.id, effect.fingerprint);
        return { type: 'trusted' };
      case 'pin':
        await pins.pin(this.peer.id, effect.fingerprint);
        return null;
      case 'confirmPeer':
        await pins.confirm(this.peer.id, effect.fingerprint);
        return { type: 'peerConfirmed', fingerprint: effect.fingerprint };
      case 'makeOffer': {
        const offer = await Offer.make(this.#parties(effect.key), random);
        return { type: 'offered', offer, frame: this.#frame('ephemeral_key', offer.message) };
      }
      case 'weigh':
        return this.#weigh(effect);
      case 'answer': {
        const answer = await Answer.to(effect.m1.body, this.#parties(effect.key), random);
        return { type: 'answered', answer, frame: this.#frame('ephemeral_key', answer.message) };
      }
      case 'accept': {
        const confirmation = await effect.offer.accept(effect.m2);
        const frame = this.#frame('ephemeral_key', confirmation.message);
        return { type: 'confirmed', confirmation, frame };
      }
      case 'check': {
        const { channel, message } = await effect.answer.confirm(effect.m3);
        return { type: 'checked', channel, frame: this.#frame('session_established', message) };
      }
      case 'finish':
        return { type: 'finished', channel: await effect.confirmation.finish(effect.m4) };
      case 'seal':
        return this.#seal(effect);
      case 'turn':
        return this.#turn(effect);
      case 'open':
        return this.#open(effect);
      default:
        return null;
    }
  }

  async #lookUp(): Promise<Event> {
    const found = await this.#world.directory.keyOf(this.peer.id);
    if (!found.ok) return { type: 'failed' };
    const publicKey = found.value;
    if (publicKey === null) return { type: 'keyMissing' };
    const fingerprint = await fingerprintOf(publicKey);
    const verdict = await this.#world.pins.check(this.peer.id, fingerprint);
    return verdict.is === 'changed'
      ? { type: 'keyChanged', pinned: verdict.pinned, offered: fingerprint }
      : { type: 'keyFound', key: { publicKey, fingerprint, pin: verdict.is } };
  }

  async #weigh({ offer, m1 }: Effect & { do: 'weigh' }): Promise<Event | null> {
    const message = readMessage(m1.body);
    if (message?.step !== 'offer') return null;
    const order = compare(offer.order, await glareOrder(this.#world.primitives, message.nonce));
    const lower = order === 0 ? 'same' : order < 0 ? 'ours' : 'theirs';
    return { type: 'weighed', m1, lower };
  }

  async #seal({ channel, lane, label, content, id }: Effect & { do: 'seal' }): Promise<Event> {
    const empty = this.#frame(this.#labelFor(label), new Uint8Array(), id);
    const { counter, body } = await channel.seal(lane, empty, content);
    return { type: 'sealed', channel, lane, counter, frame: { ...empty, body } };
  }

  async #turn({ channel }: Effect & { do: 'turn' }): Promise<Event> {
    const empty = this.#frame('message', new Uint8Array());
    const { counter, body } = await channel.sealTurn(empty);
    return { type: 'turnSealed', channel, counter, frame: { ...empty, body } };
  }

  async #open({ channel, frame }: Effect & { do: 'open' }): Promise<Event> {
    const opened = await channel.open(frame, frame.body);
    const inside = opened.is === 'opened' ? opened : null;
    const record = inside && decodeRecord(inside.lane, inside.content);
    const transfer = inside && decodeTransferRecord(inside.lane, inside.content);
    const wall = this.#world.clock.wall();
    return { type: 'opened', channel, frame, opened, record, transfer, wall };
  }

  /** A frame that cannot leave needs no word of its own: the link tells that it is gone. */
  #send(frame: PeerFrame): void {
    this.#sent.add(frame.id);
    this.#world.link.send(frame);
  }

  /** What the page says if it goes away before anything else can be said. */
  #lastWords(farewell: Bytes | null): void {
    this.#world.link.lastWords(farewell && this.#frame('message', farewell));
  }

  #labelFor(label: TalkLabel): TalkLabel {
    return this.#world.labels === 'plain' ? 'message' : label;
  }

  #frame(label: TalkLabel, body: Bytes, id = newFrameId(this.#world.random)): PeerFrame {
    return { type: 'peer', label, attempt: 0, peer: this.peer.id, id, body };
  }

  #parties({ publicKey }: PeerKey): Parties {
    const { deployment, primitives, self } = this.#world;
    return { deployment, primitives, self, peer: { id: this.peer.id, publicKey } };
  }
}
