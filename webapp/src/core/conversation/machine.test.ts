/** Decisions of a conversation that two whole browsers hide, because both decide alike. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPair, BOB, frameId, type Pair } from '../../test/builders.ts';
import { FakeChannel } from '../../test/fake-channel.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { Answer, type Confirmation, Offer } from '../crypto/handshake.ts';
import type { PeerFrame } from '../wire/frames.ts';
import {
  begin,
  deadline,
  type Event,
  type Next,
  type PeerKey,
  type State,
  transition,
} from './machine.ts';
import type { Opened } from './open-channel.ts';
import type { Record } from './records.ts';
import { sending } from './sending.ts';
import { secured } from './talking.ts';

const random = seededRandom(5);
let pair: Pair;
let offer: Offer;
let theirs: PeerFrame;
let key: PeerKey;
const channel = new FakeChannel('A');
const resumeWindowMs = 30_000;

beforeAll(async () => {
  pair = await aPair();
  offer = await Offer.make(pair.alices, random);
  theirs = framed(2, (await Offer.make(pair.bobs, random)).message);
  key = { publicKey: pair.bob.publicKey, fingerprint: 'f', pin: 'known' };
});

function then(state: State, event: Event, now: number): Next {
  return transition(state, event, { now, resumeWindowMs });
}

function open(): State {
  return secured(channel, key, { m1: null, answered: null }, { now: 0, resumeWindowMs })[0];
}

function framed(n: number, body: PeerFrame['body']): PeerFrame {
  return { type: 'peer', label: 'ephemeral_key', attempt: 0, peer: BOB, id: frameId(n), body };
}

/** Alice's second step, for as long as M4 is missing. */
async function confirmed(): Promise<Confirmation> {
  const call = await Offer.make(pair.alices, random);
  return call.accept((await Answer.to(call.message, pair.bobs, random)).message);
}

function ringing(): State {
  const out = sending(framed(1, offer.message), 0);
  return { at: 'ringing', key, offer, out, rang: false, until: 60_000 };
}

describe('a conversation', () => {
  it('[CONV2] an acknowledgement is for the records before it, and for no other', () => {
    let state = open();
    for (const n of [0, 1, 2]) {
      const id = frameId(n);
      [state] = then(state, { type: 'say', id, text: `${n}`, replyTo: null, wall: 0 }, 0);
      const frame: PeerFrame = { ...framed(n, new Uint8Array(1)), label: 'message' };
      [state] = then(state, { type: 'sealed', channel, lane: 1, counter: n, frame }, 0);
    }
    const acknowledged = (next: number, counter: number): Event => ({
      type: 'opened',
      channel,
      frame: theirs,
      opened: { is: 'opened', lane: 0, counter, content: new Uint8Array() },
      record: { is: 'ack', next, ahead: null },
      transfer: null,
      wall: 0,
    });
    const states = () => (state.at === 'secure' ? state.lines.map((line) => line.state) : []);
    [state] = then(state, acknowledged(2, 0), 0);
    expect(states()).toEqual(['delivered', 'delivered', 'sending']);
    [state] = then(state, acknowledged(0, 1), 0);
    expect(states()).toEqual(['delivered', 'delivered', 'sending']);
    [state] = then(state, acknowledged(3, 2), 0);
    expect(states()).toEqual(Array(3).fill('delivered'));
    // Nothing is waited for but the next turn of the keys.
    expect(deadline(state)).toBe(5 * 60_000);
  });

  it('[CONV8] the lower offer counts: ours is kept, theirs is answered, a reflection is nothing', () => {
    const [weighing, effects] = then(ringing(), { type: 'frame', frame: theirs }, 0);
    expect([weighing.at, effects]).toEqual(['ringing', [{ do: 'weigh', offer, m1: theirs }]]);
    for (const lower of ['ours', 'same'] as const) {
      const [kept] = then(weighing, { type: 'weighed', m1: theirs, lower }, 0);
      expect(kept).toBe(weighing);
    }
    const [answering] = then(weighing, { type: 'weighed', m1: theirs, lower: 'theirs' }, 0);
    expect(answering).toMatchObject({ at: 'answering', m1: theirs });
  });

  it('[CONV9] an offer of a peer thought absent is answered, not met with another', () => {
    const offline: State = { at: 'offline', againAt: 1 };
    const [seeking] = then(offline, { type: 'frame', frame: theirs }, 0);
    expect(seeking).toEqual({ at: 'seeking', call: { is: 'answer', m1: theirs } });
    for (const type of ['peerOnline', 'linkOnline', 'tick'] as const) {
      const [ringing] = then(offline, { type }, 1);
      expect(ringing).toEqual({ at: 'seeking', call: { is: 'ring' } });
    }
    const stray = framed(3, new Uint8Array(8));
    expect(then(offline, { type: 'frame', frame: stray }, 0)[0]).toBe(offline);
  });

  it('[CONV17] holds 64 records that overtake M4, and hears them after it', async () => {
    const confirmation = await confirmed();
    const out = sending(framed(4, confirmation.message), 0);
    const waiting = { key, offerId: frameId(1), until: 15_000, confirmation, held: [] } as const;
    let state: State = { at: 'confirmed', out, ...waiting };
    const peer = new FakeChannel('B');
    for (let n = 0; n < 70; n += 1) {
      const { body } = peer.sealNow(1, Uint8Array.of(n));
      const frame: PeerFrame = { ...framed(n, body), label: 'message' };
      [state] = then(state, { type: 'frame', frame }, 0);
    }
    if (state.at !== 'confirmed') throw new Error('it waits for M4');
    const finishing: State = { at: 'finishing', ...waiting, held: state.held };
    const [secure, effects] = then(finishing, { type: 'finished', channel }, 0);
    expect(secure.at).toBe('secure');
    const opens = effects.flatMap((effect) => (effect.do === 'open' ? effect.frame.id : []));
    expect(opens).toEqual(Array.from({ length: 64 }, (_, n) => frameId(n)));
  });

  it('[CONV23] a result that meets another state than asked for it changes nothing', () => {
    const results: Event[] = [
      { type: 'keyFound', key },
      { type: 'keyChanged', pinned: 'a', offered: 'b' },
      { type: 'offered', offer, frame: theirs },
      { type: 'finished', channel },
      { type: 'checked', channel, frame: theirs },
      { type: 'trusted' },
      { type: 'sealed', channel, lane: 1, counter: 0, frame: theirs },
    ];
    const ended: State = { at: 'ended', why: 'cutOff', unconfirmed: 0 };
    for (const event of results) expect(then(ended, event, 0)).toEqual([ended, []]);
    for (const event of results) expect(then(ringing(), event, 0)[0].at).toBe('ringing');
  });

  it('[CONV23] whatever happens in whatever order, it ends when its person leaves', () => {
    const events = fc.constantFrom<Event['type']>(
      'acceptKey',
      'peerGone',
      'peerOnline',
      'linkOnline',
      'linkLost',
      'superseded',
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
          [state] = then(state, event, now);
          const due = deadline(state);
          // A deadline that stays in the past would make the driver spin.
          if (due !== null) {
            const [later] = then(state, { type: 'tick' }, due);
            expect(deadline(later) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(due);
          }
        }
        const [left] = then(state, { type: 'leave' }, now);
        expect(left.at).toBe('ended');
      }),
    );
  });

  it('[CONV23] an open channel comes to no state that time does not lead on from', () => {
    const peer = new FakeChannel('B');
    const ids = fc.integer({ min: 1, max: 9 }).map(frameId);
    const opened = fc.constantFrom<Opened>(
      { is: 'opened', lane: 1, counter: 0, content: new Uint8Array() },
      { is: 'opened', lane: 0, counter: 0, content: new Uint8Array() },
      { is: 'turned', counter: 1 },
      { is: 'repeat', lane: 1 },
      { is: 'early', lane: 1, counter: 5 },
      { is: 'early', lane: 0, counter: 2 },
      { is: 'forged' },
    );
    const records = fc.constantFrom<Record | null>(
      null,
      { is: 'ack', next: 1, ahead: 3 },
      { is: 'resume', next: 0, ahead: null, asks: true },
      { is: 'turnPlease' },
      { is: 'typing', on: true },
      { is: 'recording', what: 'voice' },
      { is: 'text', text: 'hello', replyTo: null },
      { is: 'read', upTo: frameId(1) },
    );
    const frame = framed(9, peer.sealNow(1, new Uint8Array(9)).body);
    const events = fc.oneof(
      fc
        .constantFrom('peerGone', 'peerOnline', 'linkOnline', 'linkLost', 'tick' as const)
        .map((type) => ({ type }) as Event),
      ids.map((id): Event => ({ type: 'say', id, text: 'hi', replyTo: null, wall: 0 })),
      ids.map((lineId): Event => ({ type: 'seen', lineId })),
      fc.boolean().map((on): Event => ({ type: 'typing', on })),
      fc.constantFrom('video', null).map((what): Event => ({ type: 'recording', what })),
      fc.nat(9).map((counter): Event => ({ type: 'sealed', lane: 1, channel, counter, frame })),
      fc.tuple(opened, records).map(
        ([each, record]): Event => ({
          type: 'opened',
          channel,
          frame,
          opened: each,
          record,
          transfer: null,
          wall: 0,
        }),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(events, fc.nat(4_000))), (given) => {
        let [state, now] = [open(), 0];
        for (const [event, waitMs] of given) {
          now += waitMs;
          [state] = then(state, event, now);
          const due = deadline(state);
          if (due === null) continue;
          const [later] = then(state, { type: 'tick' }, Math.max(due, now));
          const next = deadline(later) ?? Number.POSITIVE_INFINITY;
          expect(next).toBeGreaterThan(Math.max(due, now));
        }
        const [left] = then(state, { type: 'leave' }, now);
        const [gone] = then(left, { type: 'failed' }, now);
        expect(gone.at).toBe('ended');
      }),
      { numRuns: 500 },
    );
  });
});
