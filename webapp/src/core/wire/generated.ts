/**
 * The language of the server, as far as the browser needs it.
 *
 * Generated from `bus-schemas` by its test `typescript`: change it there.
 */

/** The subprotocol that opens the binary door. */
export const SUBPROTOCOL = 'dhchat.2';

/** Limits; the reasons are in `bus-schemas/src/limit.rs`. */
export const FRAME_BYTES_MAX = 262144;
export const FRAME_BYTES_MAX_UNAUTHENTICATED = 4096;
export const USERNAME_CHARS_MIN = 3;
export const USERNAME_CHARS_MAX = 32;
export const PASSWORD_CHARS_MIN = 8;
export const PASSWORD_CHARS_MAX = 128;
export const SEARCH_CHARS_MIN = 2;
export const SEARCH_CHARS_MAX = 100;

/** Labels: types of the frames from browser to browser. */
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
  file_start: 10,
  file_chunk: 11,
  file_complete: 12,
  declined: 13,
} as const;

export type Label = keyof typeof LABEL_CODES;

/** Types of the frames between browser and server. */
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

/** What may go wrong. The list is closed, and a code never changes. */
export type Code =
  | 'INVALID_JSON'
  | 'BAD_REQUEST'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'ORIGIN_NOT_ALLOWED'
  | 'BODY_TOO_LARGE'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'INVALID_PATH'
  | 'TOO_MANY_REQUESTS'
  | 'VALIDATION_USERNAME_LENGTH'
  | 'VALIDATION_USERNAME_CHARS'
  | 'VALIDATION_PASSWORD_LENGTH'
  | 'VALIDATION_PASSWORD_LATIN_DIGIT'
  | 'VALIDATION_PASSWORD_COMMON'
  | 'INVALID_CREDENTIALS'
  | 'USERNAME_TAKEN'
  | 'MISSING_REFRESH_TOKEN'
  | 'INVALID_REFRESH_TOKEN'
  | 'REFRESH_TOKEN_EXPIRED'
  | 'MISSING_AUTHORIZATION'
  | 'INVALID_TOKEN'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_REVOKED'
  | 'TOKEN_MISSING_JTI'
  | 'REAUTHENTICATION_REQUIRED'
  | 'LOGIN_NOT_FOUND'
  | 'INVALID_LOGIN_ID_FORMAT'
  | 'USER_NOT_FOUND'
  | 'USER_ID_REQUIRED'
  | 'INVALID_USER_ID_FORMAT'
  | 'INVALID_IDENTITY_PUB_KEY_ENCODING'
  | 'INVALID_PUBLIC_KEY'
  | 'IDENTITY_KEY_NOT_FOUND'
  | 'EMPTY_QUERY'
  | 'QUERY_TOO_SHORT'
  | 'QUERY_TOO_LONG'
  | 'UNAUTHORIZED'
  | 'INVALID_AUTH_PAYLOAD'
  | 'AUTH_TIMEOUT'
  | 'SUPERSEDED'
  | 'MALFORMED_FRAME'
  | 'FRAME_TOO_LARGE'
  | 'INVALID_PAYLOAD'
  | 'UNKNOWN_MESSAGE_TYPE'
  | 'FRAME_TO_SELF'
  | 'PEER_CLIENT_DIFFERS'
  | 'SLOW_READER'
  | 'TOO_MANY_FRAMES'
  | 'BUS_AWAY'
  | 'GOING_AWAY'
  | 'FILE_SIZE_EXCEEDED'
  | 'INVALID_FILE_SIZE'
  | 'INVALID_TOTAL_CHUNKS'
  | 'INVALID_MIME_TYPE'
  | 'MIME_TYPE_NOT_ALLOWED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_ERROR';

/** Fields of `auth` as a client says it. */
export type AuthFields = {
  /** An access token. */
  token: string;
  /** 16 random bytes of this page load. */
  instance: Uint8Array;
  /** Raised by one with each connection. */
  attach: number;
};

/** Fields of `auth` as the server answers it. */
export type AuthAnswerFields = {
  /** Whether the token was accepted. */
  authenticated: boolean;
  /** Why not. */
  code: Code | null;
  /** How long the token still lives. */
  expires_in_ms: number | null;
  /** Who the token says it is. */
  user_id: Uint8Array | null;
};

/** Fields of `peer_offline`. */
export type PeerOfflineFields = {
  /** Whom the frame was for. */
  peer_id: Uint8Array;
  /** Which frame came back, if it had an id. */
  id: Uint8Array | null;
};

/** Fields of `peer_online` and `peer_disconnected`. */
export type PeerFields = {
  /** Who. */
  peer_id: Uint8Array;
};

/** Fields of `error`. */
export type ErrorFields = {
  /** Why. */
  code: Code;
  /** Which frame, if it had an id. */
  id: Uint8Array | null;
};

/** Fields of `going_away`. */
export type GoingAwayFields = {
  /** How long this socket still lives. */
  after_ms: number;
};

/** Fields of `token_expiring`. */
export type TokenExpiringFields = {
  /** How long the token still lives. */
  in_ms: number;
};
