/** Numbers and names of the protocol that both ends know: subprotocol, frame types, close codes. */

/** The subprotocol that opens the binary door. */
export const SUBPROTOCOL = 'dhchat.2';

/** Largest frame of that door. */
export const FRAME_BYTES_MAX = 256 * 1024;

/** Types of the frames that go from browser to browser, without those of files. */
export const LABEL_CODES = {
  ephemeral_key: 1,
  session_established: 2,
  ack: 3,
  message: 4,
  message_edit: 5,
  message_delete: 6,
  message_read: 7,
  reaction: 8,
  typing: 9,
  declined: 13,
} as const;

export type Label = keyof typeof LABEL_CODES;

export function labelOf(code: number): Label | null {
  const found = Object.entries(LABEL_CODES).find(([, known]) => known === code);
  return found === undefined ? null : (found[0] as Label);
}

/** Types of the frames between a browser and the server. */
export const CONTROL_CODES = {
  auth: 0,
  peer_offline: 32,
  peer_disconnected: 33,
  peer_online: 34,
  error: 35,
  going_away: 36,
  superseded: 37,
  token_expiring: 38,
  ping: 39,
  pong: 40,
} as const;

/** Why a WebSocket was closed, where the browser's answer depends on it. */
export const CLOSE_CODES = {
  normal: 1000,
  notAuthenticated: 4401,
  superseded: 4409,
} as const;
