/** What happens while a channel is open: what two people say, and how it ends. */
import { equal } from '../bytes.ts';
import { Channel } from '../crypto/channel.ts';
import type { PeerFrame } from '../wire/frames.ts';
import { type FrameId, frameIdFrom } from '../wire/ids.ts';
import * as delivery from './delivery.ts';
import { isOffer } from './establishing.ts';
import { hears } from './hearing.ts';
import { deleted, edited, hidden, lineOf, reacted, unconfirmedIn, withLine } from './lines.ts';
import {
  type Effect,
  type Ending,
  type Event,
  ended,
  type Next,
  NOTICED,
  type PeerKey,
  type Secure,
  type State,
  type Surroundings,
} from './machine.ts';
import type { OpenChannel } from './open-channel.ts';
import { type ControlRecord, isEmoji, isSayable } from './records.ts';
import { raised } from './sending.ts';
import { acting, canSay, carry, want, withBacklog } from './speaking.ts';
import { believed, NOBODY_TYPES, resting, writing } from './typing.ts';

/** A channel both sides have confirmed. A key seen for the first time is pinned from here on. */
export function secured(
  channel: OpenChannel,
  { fingerprint, pin }: PeerKey,
  { m1, answered }: Pick<Secure, 'm1' | 'answered'>,
  { now, resumeWindowMs }: Surroundings,
): readonly [Secure, readonly Effect[]] {
  const secure: Secure = {
    at: 'secure',
    channel,
    peerFingerprint: fingerprint,
    pin,
    lines: [],
    typing: NOBODY_TYPES,
    delivery: delivery.begun(channel.role, resumeWindowMs, now),
    seenUpTo: null,
    readUpTo: null,
    answered,
    m1,
    isConfirmed: false,
    unopened: 0,
    backlog: [],
  };
  const lastWords = { do: 'lastWords', farewell: channel.farewells.left } as const;
  const onFirstUse = { do: 'pin', fingerprint } as const;
  return [secure, pin === 'firstUse' ? [lastWords, onFirstUse] : [lastWords]];
}

export function talk(state: Secure, event: Event, now: number): Next {
  const [next, effects] = talked(state, event, now);
  if (next.at !== 'secure') return [next, effects];
  if (delivery.isOver(next.delivery, now)) return end(next, 'cutOff');
  const [read, reading] = withRead(next, now);
  const [after, carried] = withBacklog(read, now);
  return [after, [...effects, ...reading, ...carried]];
}

export function talkDeadline({ delivery: each, answered, typing }: Secure): number | null {
  const times = [delivery.deadline(each), answered?.until ?? null, typing.peerUntil];
  const due = times.filter((time) => time !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** The person has left: what was said before is still sealed and sent, the goodbye after it. */
export function whileLeaving(
  { secure }: State & { at: 'leaving' },
  event: Event,
  now: number,
): Next {
  switch (event.type) {
    case 'sealed':
    case 'turnSealed': {
      const [after, effects] = talked(secure, event, now);
      if (after.at !== 'secure') return [after, effects];
      const [left, more] = leave(after);
      return [left, [...effects, ...more]];
    }
    case 'linkLost':
    case 'superseded':
    case 'failed':
      return farewell(secure, null);
    default:
      return [{ at: 'leaving', secure }, []];
  }
}

function talked(state: Secure, event: Event, now: number): Next {
  switch (event.type) {
    case 'say':
    case 'edit':
    case 'delete':
    case 'hide':
    case 'react':
    case 'typing':
    case 'recording':
    case 'seen':
      return asked(state, event, now);
    case 'confirmPeer': {
      const { fingerprint } = event;
      // What was on the screen when it was pressed may be of a channel that has ended.
      if (fingerprint !== state.peerFingerprint) return [state, []];
      return [state, [{ do: 'confirmPeer', fingerprint }]];
    }
    case 'peerConfirmed': {
      const same = event.fingerprint === state.peerFingerprint;
      return [same ? { ...state, pin: 'verified' } : state, []];
    }
    case 'carry':
      return event.channel === state.channel ? carry(state, event) : [state, []];
    case 'leave':
      return leave(state);
    case 'replaced':
      // The last words are those of the conversation that took its place.
      return [ended(null), [{ do: 'erase', channel: state.channel }]];
    case 'sealed':
    case 'turnSealed':
      return event.channel === state.channel ? sealed(state, event, now) : [state, []];
    case 'frame':
      return framed(state, event.frame);
    case 'opened':
      return event.channel === state.channel ? hears(state, event, now) : [state, []];
    case 'tick':
      return ticked(state, now);
    case 'refused':
    case 'peerGone':
      return acting(state, delivery.peerGone(state.delivery, now));
    case 'peerOnline':
      return acting(state, delivery.peerOnline(state.delivery, now));
    case 'linkLost':
      return acting(state, delivery.linkLost(state.delivery, now));
    case 'linkOnline':
      return acting(state, delivery.linkOnline(state.delivery, now));
    case 'superseded':
      return end(state, 'cutOff');
    case 'failed':
      return end(state, 'failed');
    default:
      return [state, []];
  }
}

type Wish = Extract<
  Event,
  { type: 'say' | 'edit' | 'delete' | 'hide' | 'react' | 'typing' | 'recording' | 'seen' }
>;

/** What the person here asks for. */
function asked(state: Secure, wish: Wish, now: number): Next {
  const { lines } = state;
  if (wish.type === 'typing') return typed(state, wish, now);
  if (wish.type === 'recording') return recording(state, wish, now);
  if (wish.type === 'seen') return [seen(state, wish.lineId), []];
  if (wish.type === 'hide') return [{ ...state, lines: hidden(lines, wish.lineId) }, []];
  if (!canSay(state)) return [state, []];
  switch (wish.type) {
    case 'say':
      return say(state, wish, now);
    case 'edit': {
      const { lineId: line, text } = wish;
      const change = { id: line, by: 'me', text } as const;
      const same = lineOf(lines, line)?.text === text;
      const after = same || !isSayable(text) ? lines : edited(lines, change, { now, graceMs: 0 });
      return changed(state, after, { is: 'edit', line, text }, now);
    }
    case 'delete': {
      const line = wish.lineId;
      return changed(state, deleted(lines, { id: line, by: 'me' }), { is: 'delete', line }, now);
    }
    case 'react': {
      const { lineId: line, emoji } = wish;
      const after =
        emoji === null || isEmoji(emoji) ? reacted(lines, line, { by: 'me', emoji }) : lines;
      return changed(state, after, { is: 'reaction', line, emoji }, now);
    }
  }
}

function say(state: Secure, wish: Event & { type: 'say' }, now: number): Next {
  const { id, text, wall: at, replyTo } = wish;
  if (!isSayable(text)) return [state, []];
  const said = { id, by: 'me', text, at, since: now, state: 'sending', replyTo } as const;
  const lines = withLine(state.lines, said);
  const typing = resting(state.typing);
  const link = lineOf(lines, id)?.replyTo ?? null;
  return want({ ...state, lines, typing }, { is: 'text', text, replyTo: link }, now, id);
}

/** A line changed here is told to the peer; where nothing changed there is nothing to tell. */
function changed(
  state: Secure,
  lines: Secure['lines'],
  record: Parameters<typeof want>[1],
  now: number,
): Next {
  return lines === state.lines ? [state, []] : want({ ...state, lines }, record, now);
}

function typed(state: Secure, { on }: Event & { type: 'typing' }, now: number): Next {
  const typing = on ? writing(state.typing, now) : resting(state.typing);
  return busy(state, typing, { is: 'typing', on });
}

function recording(state: Secure, { what }: Event & { type: 'recording' }, now: number): Next {
  const typing = what === null ? resting(state.typing) : writing(state.typing, now, what);
  return busy(state, typing, { is: 'recording', what });
}

/** Told where it is news, and only while somebody hears: nobody waits for it. */
function busy(state: Secure, typing: Secure['typing'], record: ControlRecord): Next {
  if (typing === state.typing) return [state, []];
  const told = { ...state, typing };
  if (state.delivery.connection.is !== 'up') return [told, []];
  return acting(told, [told.delivery, [{ do: 'say', record }]]);
}

function seen(state: Secure, lineId: FrameId): Secure {
  const { lines, seenUpTo } = state;
  const at = lines.findLastIndex(({ id, by }) => id === lineId && by === 'peer');
  const before = lines.findLastIndex(({ id }) => id === seenUpTo);
  return at <= before ? state : { ...state, seenUpTo: lineId };
}

/** Says what was read as soon as there is room to say it. */
function withRead(state: Secure, now: number): readonly [Secure, readonly Effect[]] {
  const { seenUpTo, readUpTo } = state;
  if (seenUpTo === null || seenUpTo === readUpTo || !canSay(state)) return [state, []];
  return want({ ...state, readUpTo: seenUpTo }, { is: 'read', upTo: seenUpTo }, now);
}

function sealed(
  state: Secure,
  event: Extract<Event, { type: 'sealed' | 'turnSealed' }>,
  now: number,
): Next {
  if (event.type === 'turnSealed') {
    return acting(state, delivery.turnSealed(state.delivery, event, now));
  }
  if (event.lane === 1) return acting(state, delivery.sealed(state.delivery, event, now));
  return [state, delivery.canSend(state.delivery) ? [{ do: 'send', frame: event.frame }] : []];
}

function framed(state: Secure, frame: PeerFrame): Next {
  const { channel } = state;
  switch (frame.label) {
    case 'ephemeral_key':
      return handshaken(state, frame);
    case 'session_established':
      return [state, NOTICED];
    case 'declined': {
      // The caller gave up before it had a channel: believed only while nothing shows otherwise.
      const gone = !state.isConfirmed && frameIdFrom(frame.body) === state.m1?.id;
      return gone && state.m1 !== null ? end(state, 'cutOff') : [state, NOTICED];
    }
    default: {
      const parting = channel.farewellOf(frame.body);
      if (parting !== null) return over(state, parting);
      // A late "it rang" or the end of an older channel: no record.
      if (Channel.peek(frame.body) === null) return [state, NOTICED];
      return [state, [{ do: 'open', channel, frame }]];
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
  return [state, isOffer(frame) && !known ? [{ do: 'ring', m1: frame }] : NOTICED];
}

function ticked(state: Secure, now: number): Next {
  const isSpent = state.answered !== null && now >= state.answered.until;
  const answered = isSpent ? null : state.answered;
  const typing = believed(state.typing, now);
  return acting({ ...state, answered, typing }, delivery.ticked(state.delivery, now));
}

/** Leaves as soon as everything that was said has been sealed, which is at once if it has. */
function leave(secure: Secure): Next {
  const isSealing = secure.delivery.outbox.reserved.length > 0;
  return isSealing ? [{ at: 'leaving', secure }, []] : farewell(secure, null);
}

/** Ends it from here, and lets the peer know how. */
function end(state: Secure, why: Exclude<Ending, 'left'>): Next {
  return farewell(state, why);
}

function farewell(state: Secure, why: Exclude<Ending, 'left'>): Next {
  const { left, cutOff } = state.channel.farewells;
  const [after, effects] = over(state, why);
  return [after, [{ do: 'part', farewell: why === null ? left : cutOff }, ...effects]];
}

function over({ channel, lines }: Secure, why: Ending): Next {
  const effects = [
    { do: 'lastWords', farewell: null },
    { do: 'erase', channel },
  ] as const;
  return [ended(why, unconfirmedIn(lines)), effects];
}
