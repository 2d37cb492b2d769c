/** What was said, as both see it. A line only ever goes forward: sending, delivered, read. */
import type { FrameId } from '../wire/ids.ts';

export type Line = {
  readonly id: FrameId;
  readonly by: 'me' | 'peer';
  readonly text: string;
  /** When this browser sent or received it, in milliseconds since 1970. */
  readonly at: number;
  readonly state: 'sending' | 'delivered' | 'read' | 'received';
};

/** What a conversation keeps; the oldest lines leave first. */
const LINES_MAX = 10_000;

export function withLine(lines: readonly Line[], line: Line): readonly Line[] {
  const kept = lines.length < LINES_MAX ? lines : lines.slice(1);
  return [...kept, line];
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
