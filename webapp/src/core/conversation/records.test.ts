/** What is inside a seal, as bytes and back. */
import { encode as pack } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { frameId } from '../../test/builders.ts';
import { frameIdBytes } from '../wire/ids.ts';
import { decodeRecord, encodeRecord, isEmoji, labelFor, laneOf, type Record } from './records.ts';

const line = frameId(7);
const records: readonly Record[] = [
  { is: 'text', text: 'hello', replyTo: null },
  { is: 'text', text: 'hello', replyTo: line },
  { is: 'edit', line, text: 'hello!' },
  { is: 'delete', line },
  { is: 'reaction', line, emoji: '👩‍👩‍👧‍👧' },
  { is: 'reaction', line, emoji: null },
  { is: 'read', upTo: line },
  { is: 'ack', next: 5, ahead: null },
  { is: 'ack', next: 5, ahead: 9 },
  { is: 'resume', next: 5, ahead: 9, asks: true },
  { is: 'turnPlease' },
  { is: 'typing', on: true },
  { is: 'recording', what: 'voice' },
  { is: 'recording', what: 'video' },
  { is: 'recording', what: null },
];

describe('a record', () => {
  it.each(records)('[CONV39] is read as it was written, on its own lane only: %o', (record) => {
    const lane = laneOf(record);
    expect(decodeRecord(lane, encodeRecord(record))).toEqual(record);
    expect(decodeRecord(lane === 0 ? 1 : 0, encodeRecord(record))).toBeNull();
  });

  it('[CONV39] has its lane and its label', () => {
    const shown = records.map((record) => [record.is, laneOf(record), labelFor(record)].join(' '));
    expect([...new Set(shown)]).toEqual([
      'text 1 message',
      'edit 1 message_edit',
      'delete 1 message_delete',
      'reaction 1 reaction',
      'read 1 message_read',
      'ack 0 ack',
      'resume 0 ack',
      'turnPlease 0 ack',
      'typing 0 typing',
      'recording 0 typing',
    ]);
  });

  it('[CONV39] that this client does not know is nothing', () => {
    const id = frameIdBytes(line);
    const strange: readonly (readonly unknown[])[] = [
      [],
      [99],
      ['text'],
      [1],
      [1, ''],
      [1, 'x'.repeat(4_001), null],
      [1, 'hello', 'line'],
      [1, 'hello', id.slice(1)],
      [2, id],
      [2, id, ''],
      [3, 'line'],
      [4, id],
      [4, id, 'two words'],
      [5, null],
      [16, -1, null],
      [16, 1.5, null],
      [16, 1, 'x'],
      [17, 1, null, 1],
      [19, 'yes'],
      [20],
      [20, 2],
      [20, 'voice'],
    ];
    for (const parts of strange) {
      expect([0, 1].map((lane) => decodeRecord(lane as 0 | 1, pack(parts)))).toEqual([null, null]);
    }
    expect(decodeRecord(1, Uint8Array.of(0xc1))).toBeNull();
    expect(decodeRecord(1, pack('text'))).toBeNull();
  });

  it('[CONV36] takes for an emoji what one may be, and no text with blanks or controls', () => {
    for (const emoji of ['👍', '❤️', '👩‍👩‍👧‍👧', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🇪🇺', '1️⃣']) expect(isEmoji(emoji)).toBe(true);
    for (const other of ['', ' ', 'a b', '\u202eabc', '\u0000', '👍'.repeat(17)]) {
      expect(isEmoji(other)).toBe(false);
    }
  });
});
