/** What the server tells every client before anybody signs in: its limits and its name. */
import { fieldsOf } from './api.ts';

export type Limits = {
  readonly usernameCharsMin: number;
  readonly usernameCharsMax: number;
  readonly passwordCharsMin: number;
  readonly passwordCharsMax: number;
  readonly searchCharsMin: number;
};

export type ServerConfig = {
  /** Names this deployment; part of every handshake. */
  readonly deployment: string;
  readonly limits: Limits;
  /** How long a conversation waits for a peer that is away; 0: not at all. */
  readonly resumeWindowMs: number;
  /** The largest file that is sent and taken. */
  readonly fileBytesMax: number;
};

/** `null` unless every field that the client needs is there. */
export function parseConfig(body: unknown): ServerConfig | null {
  const fields = fieldsOf(body);
  const deployment = fields['deployment_id'];
  const usernameCharsMin = count(fields['username_chars_min']);
  const usernameCharsMax = count(fields['username_chars_max']);
  const passwordCharsMin = count(fields['password_chars_min']);
  const passwordCharsMax = count(fields['password_chars_max']);
  const searchCharsMin = count(fields['search_chars_min']);
  const resumeWindowMs = count(fields['resume_window_ms']);
  const fileBytesMax = count(fields['file_bytes_max']);
  if (
    typeof deployment !== 'string' ||
    usernameCharsMin === null ||
    usernameCharsMax === null ||
    passwordCharsMin === null ||
    passwordCharsMax === null ||
    searchCharsMin === null ||
    resumeWindowMs === null ||
    fileBytesMax === null
  ) {
    return null;
  }
  const limits = {
    usernameCharsMin,
    usernameCharsMax,
    passwordCharsMin,
    passwordCharsMax,
    searchCharsMin,
  };
  return { deployment, limits, resumeWindowMs, fileBytesMax };
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
