/**
 * What can be done with a line, and when.
 */
import type { RefCallback } from 'react';
import type { Line } from '../../app/model.ts';
import type { Anchor } from '../../ui/Popover.tsx';

/** How long an own line may be changed, as PROTOCOL has it; the core judges in the end. */
const EDIT_WAIT_MS = 15 * 60_000;
/** What of a line is said where only little has room. */
const EXCERPT_CHARS = 80;

/** What a person chose to do with a line. */
export type Choice =
  | { readonly is: 'reply' | 'edit' | 'copy' | 'delete' }
  /** `null` takes the own reaction back. */
  | { readonly is: 'react'; readonly emoji: string | null };

/** What a drawn line asks of the list that it stands in. The same object as long as that is there. */
export type LineActs = {
  readonly observe: RefCallback<HTMLElement>;
  /** Shows what can be done with it, beside the place where that was asked. */
  readonly ask: (lineId: string, at: Anchor) => void;
  readonly react: (lineId: string, emoji: string | null) => void;
  readonly jumpTo: (lineId: string) => void;
  /** Moves the keyboard to the line before or after. */
  readonly step: (lineId: string, by: -1 | 1) => void;
};

/** Until when its text may be changed; `null` if it never may. */
export function editableUntil({ by, deleted, hidden, at }: Line): number | null {
  return by === 'me' && !deleted && !hidden ? at + EDIT_WAIT_MS : null;
}

export function isEditable(line: Line, now: number): boolean {
  const until = editableUntil(line);
  return until !== null && now <= until;
}

/** The newest line of the person here that can still be changed. */
export function lastEditable(lines: readonly Line[], now: number): Line | null {
  const own = lines.findLast((line) => editableUntil(line) !== null);
  return own !== undefined && isEditable(own, now) ? own : null;
}

export function ownReaction(line: Line): string | null {
  return line.reactions.find(({ by }) => by === 'me')?.emoji ?? null;
}

/** The beginning of a line, on one line. */
export function excerptOf(text: string): string {
  const plain = text.replace(/\s+/gu, ' ').trim();
  const chars = [...plain.slice(0, EXCERPT_CHARS * 2)];
  return chars.length > EXCERPT_CHARS ? `${chars.slice(0, EXCERPT_CHARS).join('')}…` : plain;
}
