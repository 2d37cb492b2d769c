/** From what is to be said to what the driver has to do. */
import { paddedLength } from '../crypto/padding.ts';
import { encodeTransferRecord, type TransferRecord } from '../transfer/records.ts';
import type { FrameId } from '../wire/ids.ts';
import { type Act, canSend, type Delivered, takes, wanted } from './delivery.ts';
import type { Effect, Secure } from './machine.ts';
import { encodeRecord, labelFor, laneOf, type TalkRecord, TEXT_CHARS_MAX } from './records.ts';

/** Words about files that may wait: only a peer that floods us makes more of them. */
const BACKLOG_MAX = 512;

type Spoken = readonly [Secure, readonly Effect[]];

/** What a record is more than its padded content: its place, and the tag of the seal. */
const RECORD_BYTES = 26;
/** Before the content inside: its length and its kind. */
const INSIDE_BYTES = 5;
/** The longest text in its longest spelling. */
const TALK_CONTENT_BYTES_MAX = 3 * TEXT_CHARS_MAX + 64;

/** Whether there is room for whatever somebody may say. */
export function canSay({ delivery }: Secure): boolean {
  return takes(delivery, sealedBytes(TALK_CONTENT_BYTES_MAX));
}

/** Has a record of the talk sealed; a line's id is its frame's. */
export function want(state: Secure, record: TalkRecord, now: number, id?: FrameId): Spoken {
  const seal = sealing(state, record);
  const [spoken, effects] = acting(
    state,
    wanted(state.delivery, sealedBytes(seal.content.length), now),
  );
  return [spoken, [...effects, id === undefined ? seal : { ...seal, id }]];
}

/** Carries out what delivery asks for, with this channel. */
export function acting(state: Secure, [delivery, acts]: Delivered): Spoken {
  return [{ ...state, delivery }, acts.map((act) => effectOf(state, act))];
}

function effectOf(state: Secure, act: Act): Effect {
  const { channel } = state;
  switch (act.do) {
    case 'say':
      return sealing(state, act.record);
    case 'turn':
      return { do: 'turn', channel };
    case 'open':
      return { do: 'open', channel, frame: act.frame };
    case 'send':
      return act;
  }
}

/** A word about a file: where there is no room it waits, and keeps its order. */
export function carry(
  state: Secure,
  { lane, record }: { readonly lane: 0 | 1; readonly record: TransferRecord },
): Spoken {
  if (lane === 1) {
    const isFull = state.backlog.length >= BACKLOG_MAX;
    return [isFull ? state : { ...state, backlog: [...state.backlog, record] }, []];
  }
  return [state, canSend(state.delivery) ? [carrying(state, lane, record)] : []];
}

/** Says what waits, as far as there is room. */
export function withBacklog(state: Secure, now: number): Spoken {
  const [record, ...backlog] = state.backlog;
  if (record === undefined || !canSay(state)) return [state, []];
  const seal = carrying(state, 1, record);
  const room = wanted(state.delivery, sealedBytes(seal.content.length), now);
  const [spoken, effects] = acting({ ...state, backlog }, room);
  const [after, more] = withBacklog(spoken, now);
  return [after, [...effects, seal, ...more]];
}

function carrying({ channel }: Secure, lane: 0 | 1, record: TransferRecord) {
  const label = lane === 0 ? 'ack' : 'message';
  return { do: 'seal', channel, lane, label, content: encodeTransferRecord(record) } as const;
}

function sealing({ channel }: Secure, record: Parameters<typeof encodeRecord>[0]) {
  return {
    do: 'seal',
    channel,
    lane: laneOf(record),
    label: labelFor(record),
    content: encodeRecord(record),
  } as const;
}

function sealedBytes(contentBytes: number): number {
  return RECORD_BYTES + paddedLength(INSIDE_BYTES + contentBytes);
}
