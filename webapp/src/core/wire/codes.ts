/** Numbers and names that both ends know, beyond those that the server's language generates. */
import { LABEL_CODES, type Label } from './generated.ts';

/** Labels that this client says and hears: all but those of files. */
export type TalkLabel = Exclude<Label, 'file_start' | 'file_chunk' | 'file_complete'>;

export function labelOf(code: number): TalkLabel | null {
  const found = Object.entries(LABEL_CODES).find(([, known]) => known === code)?.[0];
  return found === undefined || found.startsWith('file_') ? null : (found as TalkLabel);
}

/** Why a WebSocket was closed, where the browser's answer depends on it. */
export const CLOSE_CODES = {
  normal: 1000,
  notAuthenticated: 4401,
  superseded: 4409,
} as const;
