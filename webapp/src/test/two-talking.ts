/**
 * Two conversations from the moment that both have the channel, and the path between them, in a
 * world whose time and chance one seed decides: no browser, no cryptography, nothing that waits.
 */
import {
  deadline,
  type Effect,
  type Event,
  type State,
  transition,
} from '../core/conversation/machine.ts';
import { decodeRecord } from '../core/conversation/records.ts';
import { secured } from '../core/conversation/talking.ts';
import { Channel } from '../core/crypto/channel.ts';
import type { Random } from '../core/ports.ts';
import { decodeTransferRecord, type TransferRecord } from '../core/transfer/records.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { type FrameId, frameIdFrom, type UserId } from '../core/wire/ids.ts';
import { ALICE, BOB } from './builders.ts';
import { FakeChannel } from './fake-channel.ts';
import { seededRandom } from './seeded-random.ts';

/** What the path does to a frame: each is a chance between 0 and 1. */
export type Path = {
  readonly dropped: number;
  readonly doubled: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
};

export const QUIET_PATH: Path = { dropped: 0, doubled: 0, delayMsMin: 5, delayMsMax: 5 };

type Side = {
  readonly me: UserId;
  readonly peer: UserId;
  readonly channel: FakeChannel;
  state: State;
  isLinked: boolean;
  /** What it said when it ended, for whoever asks late. */
  farewell: PeerFrame['body'] | null;
  readonly said: string[];
  /** What the peer's lines said, in the order they came. */
  readonly heard: string[];
  /** What the peer said about files. */
  readonly delivered: TransferRecord[];
};

type Moment = { readonly at: number; readonly order: number; readonly run: () => void };

export class TwoTalking {
  readonly alice: Side;
  readonly bob: Side;
  readonly random: Random;
  path: Path = QUIET_PATH;
  /** Every frame that was sent, by its sender. */
  readonly frames: { readonly from: UserId; readonly at: number; readonly frame: PeerFrame }[] = [];
  now = 0;
  readonly #windowMs: number;
  readonly #moments: Moment[] = [];
  #made = 0;

  constructor(seed = 1, windowMs = 30_000) {
    this.random = seededRandom(seed);
    this.#windowMs = windowMs;
    this.alice = this.#side('A', ALICE, BOB);
    this.bob = this.#side('B', BOB, ALICE);
  }

  say(side: Side, text: string): boolean {
    const id = this.#id();
    const before = linesOf(side).length;
    this.tell(side, { type: 'say', id, text, replyTo: null, wall: this.now });
    const isTaken = linesOf(side).length > before;
    if (isTaken) side.said.push(text);
    return isTaken;
  }

  /** Something happens to a side, and everything that it asks for is done. */
  tell(side: Side, event: Event): void {
    const world = { now: this.now, resumeWindowMs: this.#windowMs };
    const [state, effects] = transition(side.state, event, world);
    side.state = state;
    for (const effect of effects) this.#perform(side, effect);
    const lines = linesOf(side).filter(({ by }) => by === 'peer');
    for (const { text } of lines.slice(side.heard.length)) side.heard.push(text);
  }

  /** The link of a side breaks; the other is told. */
  cut(side: Side): void {
    side.isLinked = false;
    this.tell(side, { type: 'linkLost' });
    this.#later(10, () => this.tell(this.#other(side), { type: 'peerGone' }));
  }

  join(side: Side): void {
    side.isLinked = true;
    this.tell(side, { type: 'linkOnline' });
    this.#later(10, () => this.tell(this.#other(side), { type: 'peerOnline' }));
  }

  /** Lets so much time pass, with whatever happens in it. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (let next = this.#next(); next !== null && next.at <= until; next = this.#next()) {
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
  }

  at(delayMs: number, run: () => void): void {
    this.#later(delayMs, run);
  }

  #next(): Moment | null {
    const [first] = this.#moments.sort((a, b) => a.at - b.at || a.order - b.order);
    const due = this.#due();
    if (due !== null && (first === undefined || due.at <= first.at)) return due;
    if (first === undefined) return null;
    return { ...first, run: () => void this.#moments.shift()?.run() };
  }

  /** The side whose time comes first. */
  #due(): Moment | null {
    const due = [this.alice, this.bob].flatMap((side) => {
      const at = deadline(side.state);
      const run = () => this.tell(side, { type: 'tick' });
      return at === null ? [] : [{ at: Math.max(at, this.now), order: 0, run }];
    });
    return due.sort((a, b) => a.at - b.at)[0] ?? null;
  }

  #perform(side: Side, effect: Effect): void {
    const { channel } = side;
    switch (effect.do) {
      case 'seal': {
        const { lane, label, content, id } = effect;
        const { counter, body } = channel.sealNow(lane, content);
        const frame = this.#frame(side, { label, body, id: id ?? this.#id() });
        this.tell(side, { type: 'sealed', channel, lane, counter, frame });
        return;
      }
      case 'turn': {
        const { counter, body } = channel.sealTurnNow();
        const frame = this.#frame(side, { label: 'message', body, id: this.#id() });
        this.tell(side, { type: 'turnSealed', channel, counter, frame });
        return;
      }
      case 'open': {
        const { frame } = effect;
        const opened = channel.openNow(frame.body);
        const record = opened.is === 'opened' ? decodeRecord(opened.lane, opened.content) : null;
        const inside = opened.is === 'opened' ? opened : null;
        const transfer = inside && decodeTransferRecord(inside.lane, inside.content);
        const heard = { channel, frame, opened, record, transfer, wall: this.now };
        this.tell(side, { type: 'opened', ...heard });
        return;
      }
      case 'send':
        this.#send(side, effect.frame);
        return;
      case 'part':
        side.farewell = effect.farewell;
        this.#part(side);
        return;
      case 'deliver':
        side.delivered.push(effect.record);
        return;
      case 'erase':
        channel.erase();
        return;
      default:
        return;
    }
  }

  #part(side: Side): void {
    if (side.farewell === null) return;
    const body = side.farewell;
    this.#send(side, this.#frame(side, { label: 'message', body, id: this.#id() }));
  }

  #send(side: Side, frame: PeerFrame): void {
    if (!side.isLinked) return;
    this.frames.push({ from: side.me, at: this.now, frame });
    const other = this.#other(side);
    if (!other.isLinked) {
      this.#later(10, () => this.tell(side, { type: 'peerGone' }));
      return;
    }
    if (this.random.fraction() < this.path.dropped) return;
    const copies = this.random.fraction() < this.path.doubled ? 2 : 1;
    const heard = { ...frame, peer: side.me };
    for (let copy = 0; copy < copies; copy += 1) {
      this.#later(this.#delayMs(), () => this.#arrive(other, heard));
    }
  }

  #arrive(side: Side, frame: PeerFrame): void {
    if (!side.isLinked) return;
    if (side.state.at === 'ended') {
      if (Channel.peek(frame.body) !== null) this.#part(side);
    } else this.tell(side, { type: 'frame', frame });
  }

  #delayMs(): number {
    const { delayMsMin, delayMsMax } = this.path;
    return delayMsMin + this.random.fraction() * (delayMsMax - delayMsMin);
  }

  #later(delayMs: number, run: () => void): void {
    this.#moments.push({ at: this.now + delayMs, order: this.#made++, run });
  }

  #other(side: Side): Side {
    return side === this.alice ? this.bob : this.alice;
  }

  #frame({ peer }: Side, { label, body, id }: Pick<PeerFrame, 'label' | 'body' | 'id'>): PeerFrame {
    return { type: 'peer', label, attempt: 0, peer, id, body };
  }

  #id(): FrameId {
    const id = frameIdFrom(this.random.bytes(16));
    if (id === null) throw new Error('16 bytes are a frame id');
    return id;
  }

  #side(role: 'A' | 'B', me: UserId, peer: UserId): Side {
    const channel = new FakeChannel(role);
    const key = { publicKey: new Uint8Array(32), fingerprint: 'f', pin: 'known' } as const;
    const world = { now: 0, resumeWindowMs: this.#windowMs };
    const [state] = secured(channel, key, { m1: null, answered: null }, world);
    const nothing = { farewell: null, said: [], heard: [], delivered: [] };
    return { me, peer, channel, state, isLinked: true, ...nothing };
  }
}

export function linesOf({ state }: Side) {
  return state.at === 'secure' ? state.lines : [];
}
