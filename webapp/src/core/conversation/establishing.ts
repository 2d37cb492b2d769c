/** From a name to a channel: ringing, answering, and the handshake between. */
import { type Bytes, equal } from '../bytes.ts';
import { readMessage } from '../crypto/messages.ts';
import type { PeerFrame } from '../wire/frames.ts';
import type { Code } from '../wire/generated.ts';
import { type FrameId, frameIdFrom } from '../wire/ids.ts';
import {
  ANSWER_KEPT_MS,
  type Call,
  type Effect,
  type Ending,
  type Establishing,
  type Event,
  ended,
  HANDSHAKE_WAIT_MS,
  HELD_MAX,
  type Next,
  NOTICED,
  type PeerKey,
  RING_AGAIN_MS,
  RING_WAIT_MS,
  type Ringing,
  type State,
  type Surroundings,
} from './machine.ts';
import type { OpenChannel } from './open-channel.ts';
import { raised, sending, sentAgain } from './sending.ts';
import { secured, talk } from './talking.ts';

/** The peer's client speaks another protocol. */
const DIFFERS: Code = 'PEER_CLIENT_DIFFERS';

export function seek(call: Call): Next {
  return [{ at: 'seeking', call }, [{ do: 'lookUp' }]];
}

/** Whether somebody rings with this frame. */
export function isOffer({ label, body }: PeerFrame): boolean {
  return label === 'ephemeral_key' && readMessage(body)?.step === 'offer';
}

export function establish(state: Establishing, event: Event, world: Surroundings): Next {
  const { now } = world;
  switch (event.type) {
    case 'leave':
      return [ended(null), tellLeaving(state)];
    case 'superseded':
      return end('cutOff');
    case 'failed':
      return failed(state);
    case 'keyMissing':
      return end('keyMissing');
    case 'refused':
      // Other refusals pass: the message is said again.
      return event.code === DIFFERS ? end('differs') : [state, []];
    case 'peerGone':
      return absent(state, now);
    case 'linkLost':
      return unlinked(state);
    case 'linkOnline':
      return state.at === 'ringing' ? ringAgain(state, now) : [state, []];
    case 'tick':
      return ticked(state, now);
    case 'frame':
      return framed(state, event.frame, now);
    default:
      return resulted(state, event, world);
  }
}

/** What an awaited step has led to. A result that meets another state is of an abandoned try. */
function resulted(state: Establishing, event: Event, world: Surroundings): Next {
  const { now } = world;
  switch (event.type) {
    case 'keyFound':
      return state.at === 'seeking' ? call(state.call, event.key, now) : [state, []];
    case 'keyChanged': {
      if (state.at !== 'seeking') return [state, []];
      const { pinned, offered } = event;
      return [{ at: 'blocked', call: state.call, pinned, offered }, []];
    }
    case 'offered': {
      if (state.at !== 'offering') return [state, []];
      const { offer, frame } = event;
      const out = sending(frame, now);
      const until = now + RING_WAIT_MS;
      const ringing = { at: 'ringing', key: state.key, offer, out, rang: false, until } as const;
      return [ringing, [{ do: 'send', frame }]];
    }
    case 'weighed':
      // Ours counts: the peer will answer it. Equal ones are our own, reflected.
      if (event.lower === 'same') return [state, NOTICED];
      if (state.at !== 'ringing' || event.lower !== 'theirs') return [state, []];
      return answer(state.key, event.m1, now);
    case 'answered': {
      if (state.at !== 'answering') return [state, []];
      const { answer: ours, frame } = event;
      const answered = {
        ...state,
        at: 'answered',
        answer: ours,
        out: sending(frame, now),
      } as const;
      return [answered, [{ do: 'send', frame }]];
    }
    case 'confirmed': {
      if (state.at !== 'confirming') return [state, []];
      const { confirmation, frame } = event;
      const out = sending(frame, now);
      return [{ ...state, at: 'confirmed', confirmation, out, held: [] }, [{ do: 'send', frame }]];
    }
    case 'checked':
      return state.at === 'checking' ? answererSecured(state, event, world) : [state, []];
    case 'finished':
      return state.at === 'finishing' ? callerSecured(state, event.channel, world) : [state, []];
    default:
      return [state, []];
  }
}

function answererSecured(
  { key, m1, m3 }: Establishing & { at: 'checking' },
  { channel, frame: m4 }: Event & { type: 'checked' },
  world: Surroundings,
): Next {
  const answered = { m3, m4, until: world.now + ANSWER_KEPT_MS };
  const [secure, effects] = secured(channel, key, { m1, answered }, world);
  return [secure, [{ do: 'send', frame: m4 }, ...effects]];
}

/** What overtook M4 is heard after it, in the order it came. */
function callerSecured(
  { key, held }: Establishing & { at: 'finishing' },
  channel: OpenChannel,
  world: Surroundings,
): Next {
  const [secure, effects] = secured(channel, key, { m1: null, answered: null }, world);
  return held.reduce<Next>(
    ([state, before], frame) => {
      if (state.at !== 'secure') return [state, before];
      const [next, more] = talk(state, { type: 'frame', frame }, world.now);
      return [next, [...before, ...more]];
    },
    [secure, effects],
  );
}

function framed(state: Establishing, frame: PeerFrame, now: number): Next {
  switch (frame.label) {
    case 'ephemeral_key':
    case 'session_established':
      return handshaken(state, frame, now);
    case 'ack': {
      if (state.at === 'ringing' && names(frame.body, state.out.frame.id)) {
        return [{ ...state, rang: true }, []];
      }
      return hold(state, frame);
    }
    case 'declined':
      return givenUp(state, frame);
    default:
      return hold(state, frame);
  }
}

function handshaken(state: Establishing, frame: PeerFrame, now: number): Next {
  const message = readMessage(frame.body);
  switch (message?.step) {
    case 'offer':
      return offeredTo(state, frame, now);
    case 'answer': {
      if (state.at !== 'ringing' || !equal(message.tag, state.offer.tag)) return [state, NOTICED];
      const { key, offer, out } = state;
      const until = now + HANDSHAKE_WAIT_MS;
      return [
        { at: 'confirming', key, offerId: out.frame.id, until },
        [{ do: 'accept', offer, m2: frame.body }],
      ];
    }
    case 'confirmation': {
      if (state.at !== 'answered' || !equal(message.tag, state.answer.tag)) return [state, NOTICED];
      const { key, m1, answer: ours, until } = state;
      return [
        { at: 'checking', key, m1, m3: frame.body, until },
        [{ do: 'check', answer: ours, m3: frame.body }],
      ];
    }
    case 'finish': {
      if (state.at !== 'confirmed') return [state, NOTICED];
      const { key, offerId, confirmation, held, until } = state;
      if (!equal(message.tag, confirmation.tag)) return [state, NOTICED];
      return [
        { at: 'finishing', key, offerId, confirmation, held, until },
        [{ do: 'finish', confirmation, m4: frame.body }],
      ];
    }
    default:
      return [state, NOTICED];
  }
}

/** An offer of the peer while we are busy with the same person. */
function offeredTo(state: Establishing, m1: PeerFrame, now: number): Next {
  switch (state.at) {
    case 'seeking':
      return [{ ...state, call: { is: 'answer', m1 } }, []];
    case 'offering':
      return answer(state.key, m1, now);
    case 'ringing':
      return [state, [{ do: 'weigh', offer: state.offer, m1 }]];
    case 'answering':
    case 'answered': {
      if (!equal(m1.body, state.m1.body)) return answer(state.key, m1, now);
      if (state.at === 'answering') return [state, []];
      const frame = raised(state.out.frame);
      return [{ ...state, out: { ...state.out, frame } }, [{ do: 'send', frame }]];
    }
    case 'checking':
    case 'confirming':
    case 'confirmed':
    case 'finishing':
      // The peer says it again if it means it after this handshake has ended.
      return [state, NOTICED];
  }
}

function ticked(state: Establishing, now: number): Next {
  if (!('until' in state)) return [state, []];
  if (now >= state.until) {
    return state.at === 'ringing' ? [ended('timeout'), tellLeaving(state)] : failed(state);
  }
  if (!('out' in state)) return [state, []];
  const out = sentAgain(state.out, now);
  return out === null ? [state, []] : [{ ...state, out }, [{ do: 'send', frame: out.frame }]];
}

function call(how: Call, key: PeerKey, now: number): Next {
  if (how.is === 'answer') return answer(key, how.m1, now);
  return [{ at: 'offering', key }, [{ do: 'makeOffer', key }]];
}

function answer(key: PeerKey, m1: PeerFrame, now: number): Next {
  const until = now + HANDSHAKE_WAIT_MS;
  return [{ at: 'answering', key, m1, until }, [{ do: 'answer', key, m1 }]];
}

function ringAgain(state: Ringing, now: number): Next {
  const frame = raised(state.out.frame);
  return [{ ...state, out: sending(frame, now) }, [{ do: 'send', frame }]];
}

function absent(state: Establishing, now: number): Next {
  const nothingSaid = state.at === 'seeking' && state.call.is === 'ring';
  if (nothingSaid) return [state, []];
  return [{ at: 'offline', againAt: now + RING_AGAIN_MS }, []];
}

/** Nothing is lost before somebody answered: ringing goes on when the link is back. */
function unlinked(state: Establishing): Next {
  switch (state.at) {
    case 'seeking':
    case 'offering':
    case 'ringing':
      return [state, []];
    default:
      return end('cutOff');
  }
}

/** Records that overtook M4 wait for it. */
function hold(state: Establishing, frame: PeerFrame): Next {
  const waits = state.at === 'confirmed' || state.at === 'finishing';
  if (!waits || state.held.length >= HELD_MAX) return [state, NOTICED];
  return [{ ...state, held: [...state.held, frame] }, []];
}

/** The peer gave up the offer that this handshake is about: as its answerer, or as its caller. */
function givenUp(state: Establishing, { body }: PeerFrame): Next {
  switch (state.at) {
    case 'ringing':
      return names(body, state.out.frame.id) ? end('declined') : [state, NOTICED];
    case 'confirming':
    case 'confirmed':
    case 'finishing':
      return names(body, state.offerId) ? end('declined') : [state, NOTICED];
    case 'answering':
    case 'answered':
    case 'checking':
      return names(body, state.m1.id) ? end('cutOff') : [state, NOTICED];
    case 'seeking': {
      const gone = state.call.is === 'answer' && names(body, state.call.m1.id);
      return gone ? end('cutOff') : [state, []];
    }
    case 'offering':
      return [state, []];
  }
}

function names(body: Bytes, offer: FrameId): boolean {
  return frameIdFrom(body) === offer;
}

/** An answerer may believe in a channel by now; a caller that has none takes its offer back. */
function failed(state: Establishing): Next {
  return [ended('failed'), 'offerId' in state ? tellLeaving(state) : []];
}

/** The peer need not wait for somebody who has gone. */
function tellLeaving(state: Establishing): readonly Effect[] {
  const offer = offerOf(state);
  return offer === null ? [] : [{ do: 'tell', label: 'declined', offer }];
}

/** What the peer knows this handshake by; `null` while it knows of none. */
function offerOf(state: Establishing): FrameId | null {
  switch (state.at) {
    case 'ringing':
      return state.out.frame.id;
    case 'confirming':
    case 'confirmed':
    case 'finishing':
      return state.offerId;
    case 'answering':
    case 'answered':
    case 'checking':
      return state.m1.id;
    case 'seeking':
      return state.call.is === 'answer' ? state.call.m1.id : null;
    case 'offering':
      return null;
  }
}

function end(why: Ending): readonly [State, readonly Effect[]] {
  return [ended(why), []];
}
