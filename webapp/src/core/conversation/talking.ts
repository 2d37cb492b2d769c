/** What happens while a channel is open: lines, acknowledgements, and how it ends. */
import { equal } from '../bytes.ts';
import type { Channel } from '../crypto/channel.ts';
import type { PeerFrame } from '../wire/frames.ts';
import { type FrameId, frameIdFrom } from '../wire/ids.ts';
import { isOffer } from './establishing.ts';
import { markDelivered, markRead, withLine } from './lines.ts';
import {
  ACK_WAIT_MS,
  type Effect,
  type Ending,
  type Event,
  type Next,
  type PeerKey,
  type Secure,
  UNACKNOWLEDGED_MAX,
} from './machine.ts';
import { isSayable, type Record } from './records.ts';
import { raised } from './sending.ts';

/** A channel both sides have confirmed. A key seen for the first time is pinned from here on. */
export function secured(
  channel: Channel,
  { fingerprint, pin }: PeerKey,
  { m1, answered }: Pick<Secure, 'm1' | 'answered'>,
): readonly [Secure, readonly Effect[]] {
  const secure: Secure = {
    at: 'secure',
    channel,
    peerFingerprint: fingerprint,
    pin,
    lines: [],
    unacknowledged: [],
    readUpTo: null,
    answered,
    m1,
  };
  return [secure, pin === 'firstUse' ? [{ do: 'trust', fingerprint }] : []];
}

export function talk(state: Secure, event: Event, now: number): Next {
  switch (event.type) {
    case 'say':
      return say(state, event, now);
    case 'seen':
      return seen(state, event.lineId);
    case 'leave': {
      const { channel } = state;
      return [{ at: 'leaving', channel }, [{ do: 'seal', channel, record: { is: 'bye' } }]];
    }
    case 'sealed':
      return event.channel === state.channel ? sealed(state, event) : [state, []];
    case 'frame':
      return framed(state, event.frame);
    case 'opened':
      return event.channel === state.channel ? opened(state, event) : [state, []];
    case 'tick': {
      const late = state.unacknowledged.some(({ ackBy }) => now >= ackBy);
      return late ? end('cutOff') : [state, []];
    }
    // A refused record is a lost one, and the peer would never take the next.
    case 'refused':
    case 'peerGone':
    case 'linkLost':
      return end('cutOff');
    case 'failed':
      return end('failed');
    default:
      return [state, []];
  }
}

function say(state: Secure, { id, text, wall }: Event & { type: 'say' }, now: number): Next {
  const { channel, lines, unacknowledged } = state;
  if (!isSayable(text) || unacknowledged.length >= UNACKNOWLEDGED_MAX) return [state, []];
  const line = { id, by: 'me', text, at: wall, state: 'sending' } as const;
  const waiting = { id, counter: null, ackBy: now + ACK_WAIT_MS };
  return [
    {
      ...state,
      lines: withLine(lines, line),
      unacknowledged: [...unacknowledged, waiting],
    },
    [{ do: 'seal', channel, record: { is: 'text', text }, id }],
  ];
}

function seen(state: Secure, lineId: FrameId): Next {
  const { channel, lines, readUpTo } = state;
  const at = lines.findLastIndex(({ id, by }) => id === lineId && by === 'peer');
  const before = lines.findLastIndex(({ id }) => id === readUpTo);
  if (at <= before) return [state, []];
  return [
    { ...state, readUpTo: lineId },
    [{ do: 'seal', channel, record: { is: 'read', upTo: lineId } }],
  ];
}

function sealed(state: Secure, { counter, frame }: Event & { type: 'sealed' }): Next {
  const unacknowledged = state.unacknowledged.map((line) =>
    line.id === frame.id ? { ...line, counter } : line,
  );
  return [{ ...state, unacknowledged }, [{ do: 'send', frame }]];
}

function framed(state: Secure, frame: PeerFrame): Next {
  const { channel } = state;
  switch (frame.label) {
    case 'ephemeral_key':
      return handshaken(state, frame);
    case 'session_established':
      return [state, []];
    case 'declined': {
      // The caller gave up before it had a channel: believed only while nothing shows otherwise.
      const gone = state.answered !== null && frameIdFrom(frame.body) === state.m1?.id;
      return gone ? end('cutOff') : [state, []];
    }
    default: {
      // The word in the clear that an offer rang: late, and no record.
      const rang = frame.label === 'ack' && frameIdFrom(frame.body) !== null;
      return rang ? [state, []] : [state, [{ do: 'open', channel, frame }]];
    }
  }
}

/** A repeat of M3 gets the same M4; another offer is for the person, and leaves this untouched. */
function handshaken(state: Secure, frame: PeerFrame): Next {
  const { answered, m1 } = state;
  if (answered !== null && equal(frame.body, answered.m3)) {
    const m4 = raised(answered.m4);
    return [{ ...state, answered: { ...answered, m4 } }, [{ do: 'send', frame: m4 }]];
  }
  const known = m1 !== null && equal(frame.body, m1.body);
  return [state, isOffer(frame) && !known ? [{ do: 'ring', m1: frame }] : []];
}

function opened(state: Secure, event: Event & { type: 'opened' }): Next {
  const { opened: result, record, frame, wall } = event;
  switch (result.is) {
    case 'repeat':
    case 'forged':
      return [state, []];
    case 'turned':
      return [state, []];
    case 'early':
      return end('cutOff');
    case 'opened':
      return record === null
        ? [state, []]
        : recorded({ ...state, answered: null }, record, { counter: result.counter, frame, wall });
  }
}

function recorded(
  state: Secure,
  record: Record,
  { counter, frame, wall }: { counter: number; frame: PeerFrame; wall: number },
): Next {
  const { channel, lines } = state;
  switch (record.is) {
    case 'bye':
      return end('left');
    case 'text': {
      const { text } = record;
      const line = { id: frame.id, by: 'peer', text, at: wall, state: 'received' } as const;
      const delivered = { is: 'delivered', next: counter + 1 } as const;
      return [
        { ...state, lines: withLine(lines, line) },
        [{ do: 'seal', channel, record: delivered }],
      ];
    }
    case 'delivered':
      return [acknowledged(state, record.next), []];
    case 'read':
      return [{ ...state, lines: markRead(lines, record.upTo) }, []];
  }
}

function acknowledged(state: Secure, next: number): Secure {
  const arrived = state.unacknowledged.filter(({ counter }) => counter !== null && counter < next);
  if (arrived.length === 0) return state;
  const ids = new Set(arrived.map(({ id }) => id));
  return {
    ...state,
    lines: markDelivered(state.lines, ids),
    unacknowledged: state.unacknowledged.filter(({ id }) => !ids.has(id)),
  };
}

function end(why: Ending): Next {
  return [{ at: 'ended', why }, []];
}
