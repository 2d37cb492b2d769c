/**
 * What is written in the composer beside a plain new line: an answer to one, or another text for
 * an own one.
 */
import type { Line } from '../../app/model.ts';
import { editableUntil } from './line-acts.ts';

export type Topic = { readonly is: 'reply' | 'edit'; readonly line: Line };

/** A line as it was chosen: what became of it since is looked up. */
export type Chosen = { readonly is: Topic['is']; readonly lineId: string };

/** `null` if none was chosen, or its line is gone. */
export function topicOf(lines: readonly Line[], chosen: Chosen | null): Topic | null {
  if (chosen === null) return null;
  const line = lines.findLast(({ id }) => id === chosen.lineId);
  if (line === undefined || line.deleted || line.hidden) return null;
  if (chosen.is === 'edit' && editableUntil(line) === null) return null;
  return { is: chosen.is, line };
}
