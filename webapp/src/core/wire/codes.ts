/** Numbers and names that both ends know, beyond those that the server's language generates. */
import { LABEL_CODES, type Label } from './generated.ts';

/** Labels of the frames of files, which travel apart so that they never delay a word. */
export type FileLabel = 'file_start' | 'file_chunk' | 'file_complete';

/** Labels of all other frames. */
export type TalkLabel = Exclude<Label, FileLabel>;

export function labelOf(code: number): Label | null {
  const found = Object.entries(LABEL_CODES).find(([, known]) => known === code)?.[0];
  return found === undefined ? null : (found as Label);
}

export function isFileLabel(label: Label): label is FileLabel {
  return label === 'file_start' || label === 'file_chunk' || label === 'file_complete';
}

/** Why a WebSocket was closed, where the browser's answer depends on it. */
export const CLOSE_CODES = {
  normal: 1000,
  notAuthenticated: 4401,
  superseded: 4409,
} as const;
