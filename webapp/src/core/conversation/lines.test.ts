/** What can be done to a line, and by whom. */
import { describe, expect, it } from 'vitest';
import { frameId } from '../../test/builders.ts';
import {
  deleted,
  EDIT_WAIT_MS,
  edited,
  hidden,
  type Line,
  lineOf,
  reacted,
  unconfirmedIn,
  withLine,
} from './lines.ts';

const [HERS, MINE, NONE] = [frameId(1), frameId(2), frameId(9)];

function line(id: Line['id'], by: Line['by'], replyTo: Line['replyTo'] = null) {
  const state = by === 'me' ? 'sending' : 'received';
  return { id, by, text: `said by ${by}`, at: 0, since: 1_000, state, replyTo } as const;
}

const lines = withLine(withLine([], line(HERS, 'peer')), line(MINE, 'me', HERS));

describe('a line', () => {
  it('[CONV34] is edited by who said it only', () => {
    const when = { now: 2_000, graceMs: 0 };
    const after = edited(lines, { id: HERS, by: 'peer', text: 'better' }, when);
    expect(lineOf(after, HERS)).toMatchObject({ text: 'better', edited: true });
    expect(lineOf(after, MINE)).toBe(lineOf(lines, MINE));
    expect(edited(lines, { id: MINE, by: 'peer', text: 'forged' }, when)).toBe(lines);
    expect(edited(lines, { id: NONE, by: 'peer', text: 'nothing' }, when)).toBe(lines);
  });

  it('[CONV34] is edited within 15 min, and the time on its way', () => {
    const change = { id: HERS, by: 'peer', text: 'late' } as const;
    const last = 1_000 + EDIT_WAIT_MS;
    expect(EDIT_WAIT_MS).toBe(15 * 60_000);
    expect(edited(lines, change, { now: last, graceMs: 0 })).not.toBe(lines);
    expect(edited(lines, change, { now: last + 1, graceMs: 0 })).toBe(lines);
    expect(edited(lines, change, { now: last + 30_000, graceMs: 30_000 })).not.toBe(lines);
    expect(edited(lines, change, { now: last + 30_001, graceMs: 30_000 })).toBe(lines);
  });

  it('[CONV35] is deleted by who said it only, and nothing can be done to it after', () => {
    expect(deleted(lines, { id: MINE, by: 'peer' })).toBe(lines);
    const liked = reacted(lines, HERS, { by: 'me', emoji: '👍' });
    const after = deleted(liked, { id: HERS, by: 'peer' });
    expect(lineOf(after, HERS)).toMatchObject({ text: '', deleted: true, reactions: [] });
    const change = { id: HERS, by: 'peer', text: 'back again' } as const;
    expect(edited(after, change, { now: 1_000, graceMs: 0 })).toBe(after);
    expect(reacted(after, HERS, { by: 'me', emoji: '👍' })).toBe(after);
    expect(deleted(after, { id: HERS, by: 'peer' })).toBe(after);
  });

  it('[CONV55] is hidden here, and stays so when its author changes it', () => {
    const liked = reacted(lines, HERS, { by: 'me', emoji: '👍' });
    const gone = hidden(liked, HERS);
    expect(lineOf(gone, HERS)).toMatchObject({ text: '', hidden: true, reactions: [] });
    expect(hidden(gone, HERS)).toBe(gone);
    expect(hidden(lines, NONE)).toBe(lines);
    const change = { id: HERS, by: 'peer', text: 'back again' } as const;
    const after = edited(gone, change, { now: 1_000, graceMs: 0 });
    expect(after).not.toBe(gone);
    expect(lineOf(after, HERS)).toMatchObject({ text: '', hidden: true, edited: true });
    expect(lineOf(after, MINE)?.replyTo).toBe(HERS);
  });

  it('[CONV36] has one reaction of each person', () => {
    let after = reacted(lines, HERS, { by: 'me', emoji: '👍' });
    after = reacted(after, HERS, { by: 'peer', emoji: '😂' });
    after = reacted(after, HERS, { by: 'me', emoji: '🔥' });
    expect(lineOf(after, HERS)?.reactions).toEqual([
      { by: 'peer', emoji: '😂' },
      { by: 'me', emoji: '🔥' },
    ]);
    after = reacted(after, HERS, { by: 'me', emoji: null });
    expect(lineOf(after, HERS)?.reactions).toEqual([{ by: 'peer', emoji: '😂' }]);
    expect(reacted(after, HERS, { by: 'me', emoji: null })).toBe(after);
    expect(reacted(after, HERS, { by: 'peer', emoji: '😂' })).toBe(after);
  });

  it('[CONV37] answers one that is known here, or none', () => {
    expect(lineOf(lines, MINE)?.replyTo).toBe(HERS);
    const after = withLine(lines, line(frameId(3), 'peer', NONE));
    expect(lineOf(after, frameId(3))?.replyTo).toBeNull();
  });

  it('[CONV12] that nobody acknowledged is counted', () => {
    expect(unconfirmedIn(lines)).toBe(1);
  });
});
