/** Decisions of a conversation that two whole browsers hide, because both decide alike. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPair, BOB, frameId, type Pair, shakeHands } from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import type { Channel } from '../crypto/channel.ts';
import { Offer } from '../crypto/handshake.ts';
import type { PeerFrame } from '../wire/frames.ts';
import { begin, deadline, type Event, type PeerKey, type State, transition } from './machine.ts';
import { sending } from './sending.ts';
import { secured } from './talking.ts';

const random = seededRandom(5);
let pair: Pair;
let offer: Offer;
let theirs: PeerFrame;
let key: PeerKey;
let channel: Channel;

beforeAll(async () => {
  pair = await aPair();
  offer = await Offer.make(pair.alices, random);
  theirs = framed(2, (await Offer.make(pair.bobs, random)).message);
  key = { publicKey: pair.bob.publicKey, fingerprint: 'f', pin: 'known' };
  channel = (await shakeHands(pair)).alice;
});

function framed(n: number, body: PeerFrame['body']): PeerFrame {
  return { type: 'peer', label: 'ephemeral_key', attempt: 0, peer: BOB, id: frameId(n), body };
}

function ringing(): State {
  const out = sending(framed(1, offer.message), 0);
  return { at: 'ringing', key, offer, out, rang: false, until: 60_000 };
}

describe('a conversation', () => {
  it('[CONV2] an acknowledgement is for the records before it, and for no other', () => {
    let state: State = secured(channel, key, { m1: null, answered: null })[0];
    for (const n of [0, 1, 2]) {
      const id = frameId(n);
      [state] = transition(state, { type: 'say', id, text: `${n}`, wall: 0 }, 0);
      const frame: PeerFrame = { ...framed(n, new Uint8Array(1)), label: 'message' };
      [state] = transition(state, { type: 'sealed', channel, is: 'text', counter: n, frame }, 0);
    }
    const acknowledged = (next: number, counter: number): Event => ({
      type: 'opened',
      channel,
      frame: theirs,
      opened: { is: 'opened', lane: 1, counter, content: new Uint8Array() },
      record: { is: 'delivered', next },
      wall: 0,
    });
    const states = () => (state.at === 'secure' ? state.lines.map((line) => line.state) : []);
    [state] = transition(state, acknowledged(2, 0), 0);
    expect(states()).toEqual(['delivered', 'delivered', 'sending']);
    [state] = transition(state, acknowledged(0, 1), 0);
    expect(states()).toEqual(['delivered', 'delivered', 'sending']);
    [state] = transition(state, acknowledged(3, 2), 0);
    expect([states(), deadline(state)]).toEqual([Array(3).fill('delivered'), null]);
  });

  it('[CONV8] the lower offer counts: ours is kept, theirs is answered, a reflection is nothing', () => {
    const [weighing, effects] = transition(ringing(), { type: 'frame', frame: theirs }, 0);
    expect([weighing.at, effects]).toEqual(['ringing', [{ do: 'weigh', offer, m1: theirs }]]);
    for (const lower of ['ours', 'same'] as const) {
      const [kept] = transition(weighing, { type: 'weighed', m1: theirs, lower }, 0);
      expect(kept).toBe(weighing);
    }
    const [answering] = transition(weighing, { type: 'weighed', m1: theirs, lower: 'theirs' }, 0);
    expect(answering).toMatchObject({ at: 'answering', m1: theirs });
  });

  it('[CONV9] an offer of a peer thought absent is answered, not met with another', () => {
    const offline: State = { at: 'offline', againAt: 1 };
    const [seeking] = transition(offline, { type: 'frame', frame: theirs }, 0);
    expect(seeking).toEqual({ at: 'seeking', call: { is: 'answer', m1: theirs } });
    for (const type of ['peerOnline', 'linkOnline', 'tick'] as const) {
      const [ringing] = transition(offline, { type }, 1);
      expect(ringing).toEqual({ at: 'seeking', call: { is: 'ring' } });
    }
    const stray = framed(3, new Uint8Array(8));
    expect(transition(offline, { type: 'frame', frame: stray }, 0)[0]).toBe(offline);
  });

  it('[CONV23] a result that meets another state than asked for it changes nothing', () => {
    const results: Event[] = [
      { type: 'keyFound', key },
      { type: 'keyChanged', pinned: 'a', offered: 'b' },
      { type: 'offered', offer, frame: theirs },
      { type: 'finished', channel },
      { type: 'checked', channel, frame: theirs },
      { type: 'trusted' },
      { type: 'sealed', channel, is: 'text', counter: 0, frame: theirs },
    ];
    const ended: State = { at: 'ended', why: 'cutOff' };
    for (const event of results) expect(transition(ended, event, 0)).toEqual([ended, []]);
    for (const event of results) expect(transition(ringing(), event, 0)[0].at).toBe('ringing');
  });

  it('[CONV23] whatever happens in whatever order, it ends when its person leaves', () => {
    const events = fc.constantFrom<Event['type']>(
      'acceptKey',
      'peerGone',
      'peerOnline',
      'linkOnline',
      'linkLost',
      'tick',
      'keyMissing',
      'trusted',
      'failed',
    );
    const full = events.map((type) => ({ type }) as Event);
    const others = fc.constantFrom(0, 1, 2, 3, 4, 5).map((n): Event => {
      const given: Event[] = [
        { type: 'keyFound', key },
        { type: 'offered', offer, frame: framed(1, offer.message) },
        { type: 'frame', frame: theirs },
        { type: 'weighed', m1: theirs, lower: 'theirs' },
        { type: 'refused', code: 'BUS_AWAY' },
        { type: 'keyChanged', pinned: 'a', offered: 'b' },
      ];
      return given[n] ?? { type: 'tick' };
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(full, others)), (given) => {
        let [state] = begin({ is: 'ring' });
        let now = 0;
        for (const event of given) {
          now += 700;
          [state] = transition(state, event, now);
          const due = deadline(state);
          // A deadline that stays in the past would make the driver spin.
          if (due !== null) {
            const [later] = transition(state, { type: 'tick' }, due);
            expect(deadline(later) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(due);
          }
        }
        const [left] = transition(state, { type: 'leave' }, now);
        expect(left.at).toBe('ended');
      }),
    );
  });
});
