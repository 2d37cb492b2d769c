/** From what is to be said to what the driver has to do. */
import { paddedLength } from '../crypto/padding.ts';
import type { FrameId } from '../wire/ids.ts';
import { type Act, type Delivered, takes, wanted } from './delivery.ts';
import type { Effect, Secure } from './machine.ts';
import { encodeRecord, labelFor, laneOf, type TalkRecord, TEXT_CHARS_MAX } from './records.ts';

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
