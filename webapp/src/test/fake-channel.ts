/**
 * Channels without cryptography: the same places, lanes and turns as real ones, in the clear, and
 * at once. For worlds in which thousands of conversations are simulated.
 */
import { type Bytes, concat, equal, uint, utf8 } from '../core/bytes.ts';
import type { OpenChannel, Opened } from '../core/conversation/open-channel.ts';
import { Channel } from '../core/crypto/channel.ts';

const WORD = 0;
const TURN = 1;
/** As long as the tag of a seal. */
const TAG = new Uint8Array(16);

export class FakeChannel implements OpenChannel {
  readonly role: 'A' | 'B';
  readonly id = new Uint8Array(32);
  readonly shortCode = [1, 2, 3, 4, 5, 6, 7];
  readonly farewells: { readonly left: Bytes; readonly cutOff: Bytes };
  readonly #peerFarewells: { readonly left: Bytes; readonly cutOff: Bytes };
  epoch = 0;
  erased = false;
  #sent = 0;
  #sentControl = 0;
  #next = 0;
  #nextControl = { epoch: 0, counter: 0 };

  constructor(role: 'A' | 'B') {
    this.role = role;
    this.farewells = farewellsOf(role);
    this.#peerFarewells = farewellsOf(role === 'A' ? 'B' : 'A');
  }

  farewellOf(body: Bytes): 'left' | 'cutOff' | null {
    if (equal(body, this.#peerFarewells.left)) return 'left';
    return equal(body, this.#peerFarewells.cutOff) ? 'cutOff' : null;
  }

  async seal(lane: 0 | 1, _: unknown, content: Bytes) {
    return this.sealNow(lane, content);
  }

  async sealTurn() {
    return this.sealTurnNow();
  }

  async open(_: unknown, body: Bytes): Promise<Opened> {
    return this.openNow(body);
  }

  erase(): void {
    this.erased = true;
  }

  sealNow(lane: 0 | 1, content: Bytes, inside = WORD) {
    const counter = lane === 1 ? this.#sent++ : this.#sentControl++;
    const place = concat(Uint8Array.of(1, lane), uint(this.epoch, 4), uint(counter, 4));
    return { counter, body: concat(place, Uint8Array.of(inside), TAG, content) };
  }

  sealTurnNow() {
    if (!this.#mayTurn()) throw new Error('the other side ends this epoch');
    const record = this.sealNow(1, new Uint8Array(2_404), TURN);
    this.#turn();
    return record;
  }

  openNow(body: Bytes): Opened {
    const place = Channel.peek(body);
    if (place === null || this.erased) return { is: 'forged' };
    const { lane, epoch, counter } = place;
    const [inside, content] = [body[10], body.slice(11 + TAG.length)];
    if (lane === 0) return this.#openControl(epoch, counter, content);
    if (counter < this.#next) return { is: 'repeat', lane };
    if (counter > this.#next || epoch > this.epoch) return { is: 'early', lane, counter };
    if (inside === TURN && (epoch !== this.epoch || this.#mayTurn())) return { is: 'forged' };
    this.#next += 1;
    if (inside !== TURN) return { is: 'opened', lane, counter, content };
    this.#turn();
    return { is: 'turned', counter };
  }

  #openControl(epoch: number, counter: number, content: Bytes): Opened {
    const next = this.#nextControl;
    if (epoch > this.epoch) return { is: 'early', lane: 0, counter };
    if (epoch < next.epoch || (epoch === next.epoch && counter < next.counter)) {
      return { is: 'repeat', lane: 0 };
    }
    this.#nextControl = { epoch, counter: counter + 1 };
    return { is: 'opened', lane: 0, counter, content };
  }

  #mayTurn(): boolean {
    return (this.epoch % 2 === 0) === (this.role === 'A');
  }

  #turn(): void {
    this.epoch += 1;
    this.#sentControl = 0;
  }
}

function farewellsOf(role: 'A' | 'B') {
  return {
    left: concat(Uint8Array.of(2), utf8(role.repeat(32))),
    cutOff: concat(Uint8Array.of(3), utf8(role.repeat(32))),
  };
}
