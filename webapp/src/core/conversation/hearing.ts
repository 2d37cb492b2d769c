/** What the peer's records do once they were opened, or were not. */
import type { TransferRecord } from '../transfer/records.ts';
import type { FrameId } from '../wire/ids.ts';
import * as delivery from './delivery.ts';
import { deleted, edited, lineOf, markDelivered, markRead, reacted, withLine } from './lines.ts';
import { type Event, type Next, NOTICED, type Secure, type State } from './machine.ts';
import type { ControlRecord, TalkRecord } from './records.ts';
import { acting } from './speaking.ts';
import { peerResting, peerWriting } from './typing.ts';

type Opening = Event & { type: 'opened' };

export function hears(state: Secure, event: Opening, now: number): Next {
  const [next, effects] = heard(state, event, now);
  const { transfer } = event;
  return transfer === null
    ? [next, effects]
    : [withTransfer(next, transfer), [{ do: 'deliver', record: transfer }, ...effects]];
}

/** What was recorded is on its way. */
function withTransfer(state: State, { is }: TransferRecord): State {
  if (state.at !== 'secure' || is !== 'fileStart') return state;
  const typing = peerResting(state.typing);
  return typing === state.typing ? state : { ...state, typing };
}

function heard(state: Secure, event: Opening, now: number): Next {
  const { opened, frame, record, transfer } = event;
  switch (opened.is) {
    case 'opened': {
      const confirmed = { ...state, isConfirmed: true };
      if (opened.lane === 0) {
        const control = controlIn(record);
        return noticed(
          control === null && transfer === null,
          hearsControl(confirmed, control, now),
        );
      }
      const told = hearsTalk(confirmed, talkIn(record), { id: frame.id, at: event.wall, now });
      const arrival = { counter: opened.counter, isTurn: false };
      const isNothing = transfer === null && isRefused(confirmed, talkIn(record), told);
      return noticed(isNothing, acting(told, delivery.received(told.delivery, arrival, now)));
    }
    case 'turned': {
      const arrival = { counter: opened.counter, isTurn: true };
      const confirmed = { ...state, isConfirmed: true };
      return acting(confirmed, delivery.received(state.delivery, arrival, now));
    }
    case 'repeat':
      return noticed(
        true,
        opened.lane === 1 ? acting(state, delivery.repeated(state.delivery, now)) : [state, []],
      );
    case 'early':
      return acting(state, delivery.early(state.delivery, { ...opened, frame }, now));
    case 'forged':
      return [{ ...state, unopened: state.unopened + 1 }, NOTICED];
  }
}

function noticed(isNoticed: boolean, [state, effects]: Next): Next {
  return isNoticed ? [state, [...effects, ...NOTICED]] : [state, effects];
}

/** Nothing that this client can read, or nothing that its author may say. */
function isRefused(before: Secure, record: TalkRecord | null, after: Secure): boolean {
  switch (record?.is) {
    case 'text':
    case 'edit':
    case 'delete':
      return after.lines === before.lines;
    case undefined:
      return true;
    default:
      return false;
  }
}

/** A record that this client cannot read has its place all the same. */
function hearsTalk(
  state: Secure,
  record: TalkRecord | null,
  { id, at, now }: { readonly id: FrameId; readonly at: number; readonly now: number },
): Secure {
  const { lines, typing } = state;
  switch (record?.is) {
    case 'text': {
      // Ids are the peer's to choose: a second line of one name could pass for the first.
      if (lineOf(lines, id) !== null) return state;
      const { text, replyTo } = record;
      const line = { id, by: 'peer', text, at, since: now, state: 'received', replyTo } as const;
      return { ...state, lines: withLine(lines, line), typing: peerResting(typing) };
    }
    case 'edit': {
      const { line, text } = record;
      // As long as it may have been on its way.
      const graceMs = state.delivery.windowMs;
      const change = { id: line, by: 'peer', text } as const;
      return { ...state, lines: edited(lines, change, { now, graceMs }) };
    }
    case 'delete':
      return { ...state, lines: deleted(lines, { id: record.line, by: 'peer' }) };
    case 'reaction': {
      const { line, emoji } = record;
      return { ...state, lines: reacted(lines, line, { by: 'peer', emoji }) };
    }
    case 'read':
      return { ...state, lines: markRead(lines, record.upTo) };
    case undefined:
      return state;
  }
}

function hearsControl(state: Secure, record: ControlRecord | null, now: number): Next {
  const heard = delivery.heardControl(state.delivery, record, now);
  const arrived = new Set(heard.arrived.map(({ frame }) => frame.id));
  const lines = markDelivered(state.lines, arrived);
  const typing = peerBusy(state.typing, record, now);
  return acting({ ...state, lines, typing }, [heard.delivery, heard.acts]);
}

function peerBusy(typing: Secure['typing'], record: ControlRecord | null, now: number) {
  switch (record?.is) {
    case 'typing':
      return record.on ? peerWriting(typing, now) : peerResting(typing);
    case 'recording':
      return record.what === null ? peerResting(typing) : peerWriting(typing, now, record.what);
    default:
      return typing;
  }
}

/** Each kind has its lane: one that comes on the other means nothing. */
function talkIn(record: Opening['record']): TalkRecord | null {
  switch (record?.is) {
    case 'text':
    case 'edit':
    case 'delete':
    case 'reaction':
    case 'read':
      return record;
    default:
      return null;
  }
}

function controlIn(record: Opening['record']): ControlRecord | null {
  switch (record?.is) {
    case 'ack':
    case 'resume':
    case 'turnPlease':
    case 'typing':
    case 'recording':
      return record;
    default:
      return null;
  }
}
