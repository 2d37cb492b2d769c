/**
 * What was said, as both see it. A line only ever goes forward: sending, delivered, read. Whoever
 * said it may change it for a while, and take it back.
 */
import type { FrameId } from '../wire/ids.ts';

export type Reaction = { readonly by: 'me' | 'peer'; readonly emoji: string };

export type Line = {
  readonly id: FrameId;
  readonly by: 'me' | 'peer';
  /** Empty once it was deleted, or hidden here. */
  readonly text: string;
  /** When this browser sent or received it, in milliseconds since 1970. */
  readonly at: number;
  readonly state: 'sending' | 'delivered' | 'read' | 'received';
  /** The line that this one answers; `null` for none that is known here. */
  readonly replyTo: FrameId | null;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** The person here does not want to see it; the peer hears nothing of that. */
  readonly hidden: boolean;
  /** One of each person at most. */
  readonly reactions: readonly Reaction[];
  /** When it was said, by the clock that only grows: what edits are judged by. */
  readonly since: number;
};

/** What a conversation keeps; the oldest lines leave first. */
const LINES_MAX = 10_000;
/** How long a line may be changed by who said it. */
export const EDIT_WAIT_MS = 15 * 60_000;

export function lineOf(lines: readonly Line[], id: FrameId): Line | null {
  return lines.findLast((line) => line.id === id) ?? null;
}

export function withLine(
  lines: readonly Line[],
  said: Pick<Line, 'id' | 'by' | 'text' | 'at' | 'state' | 'replyTo' | 'since'>,
): readonly Line[] {
  const replyTo = said.replyTo !== null && lineOf(lines, said.replyTo) ? said.replyTo : null;
  const kept = lines.length < LINES_MAX ? lines : lines.slice(1);
  const untouched = { edited: false, deleted: false, hidden: false, reactions: [] } as const;
  return [...kept, { ...said, replyTo, ...untouched }];
}

/** The same lines if this person may not change that one any more. */
export function edited(
  lines: readonly Line[],
  { id, by, text }: Pick<Line, 'id' | 'by' | 'text'>,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): readonly Line[] {
  const line = lineOf(lines, id);
  const inTime = line !== null && now <= line.since + EDIT_WAIT_MS + graceMs;
  if (!inTime || line.by !== by || line.deleted) return lines;
  // A line that is hidden here stays so, whatever its author makes of it.
  return replaced(lines, { ...line, text: line.hidden ? '' : text, edited: true });
}

/** The text is gone; that there was one stays. */
export function deleted(
  lines: readonly Line[],
  { id, by }: Pick<Line, 'id' | 'by'>,
): readonly Line[] {
  const line = lineOf(lines, id);
  if (line === null || line.by !== by || line.deleted) return lines;
  return replaced(lines, { ...line, text: '', deleted: true, reactions: [] });
}

/** Nothing of it is left here but its place, by which the peer still names it. */
export function hidden(lines: readonly Line[], id: FrameId): readonly Line[] {
  const line = lineOf(lines, id);
  if (line === null || line.hidden) return lines;
  return replaced(lines, { ...line, text: '', hidden: true, reactions: [] });
}

/** Anybody may react to any line; a second reaction takes the place of the first. */
export function reacted(
  lines: readonly Line[],
  id: FrameId,
  { by, emoji }: { readonly by: Reaction['by']; readonly emoji: string | null },
): readonly Line[] {
  const line = lineOf(lines, id);
  const before = line?.reactions.find((each) => each.by === by)?.emoji ?? null;
  if (line === null || line.deleted || before === emoji) return lines;
  const others = line.reactions.filter((each) => each.by !== by);
  const reactions = emoji === null ? others : [...others, { by, emoji }];
  return replaced(lines, { ...line, reactions });
}

export function markDelivered(lines: readonly Line[], ids: ReadonlySet<FrameId>): readonly Line[] {
  if (ids.size === 0) return lines;
  return lines.map((line) =>
    line.state === 'sending' && ids.has(line.id) ? { ...line, state: 'delivered' } : line,
  );
}

/** My lines up to this one are read; nothing changes if it is not one of mine. */
export function markRead(lines: readonly Line[], upTo: FrameId): readonly Line[] {
  const last = lines.findLastIndex((line) => line.id === upTo && line.by === 'me');
  if (last < 0) return lines;
  return lines.map((line, i) =>
    i <= last && line.by === 'me' && line.state !== 'read' ? { ...line, state: 'read' } : line,
  );
}

/** Own lines that nobody acknowledged. */
export function unconfirmedIn(lines: readonly Line[]): number {
  return lines.filter(({ state }) => state === 'sending').length;
}

function replaced(lines: readonly Line[], line: Line): readonly Line[] {
  return lines.map((each) => (each.id === line.id ? line : each));
}
