/**
 * The binary door: one MessagePack array a frame, routing fields first, the body last.
 *
 * `[type, attempt, peer, id, body]`, file frames `[type, attempt, peer, id, index, count, body]`,
 * control frames `[type, {fields}]`. What a body means is not decided here.
 */
import { encode as pack } from '@msgpack/msgpack';
import { type Bytes, concat } from '../bytes.ts';
import { isFileLabel, labelOf } from './codes.ts';
import type { ClientFrame, ServerFrame } from './frames.ts';
import {
  type AuthAnswerFields,
  type AuthFields,
  CONTROL_CODES,
  type ErrorFields,
  FRAME_BYTES_MAX,
  type GoingAwayFields,
  LABEL_CODES,
  type Label,
  type PeerFields,
  type PeerOfflineFields,
  type TokenExpiringFields,
} from './generated.ts';
import {
  type FrameId,
  frameIdBytes,
  frameIdFrom,
  type UserId,
  userIdBytes,
  userIdFrom,
} from './ids.ts';
import { isBytes, isCount, unpacked } from './unpacked.ts';

/** What arrived for a field: every one is checked before it is used. */
type Unchecked<T> = { readonly [Field in keyof T]?: unknown };

export function encode(frame: ClientFrame): Bytes {
  switch (frame.type) {
    case 'auth': {
      const { token, instance, attach } = frame;
      const fields: AuthFields = { token, instance, attach };
      return pack([CONTROL_CODES.auth, fields]);
    }
    case 'ping':
      return pack([CONTROL_CODES.ping, {}]);
    case 'peer': {
      const { label, attempt, peer, id, body } = frame;
      return pack([LABEL_CODES[label], attempt, userIdBytes(peer), frameIdBytes(id), body]);
    }
    case 'file': {
      const { label, attempt, peer, id, index, count, head = NOTHING, body } = frame;
      const route = [LABEL_CODES[label], attempt, userIdBytes(peer), frameIdBytes(id)];
      return packedBefore([...route, index, count], head, body);
    }
  }
}

/** Of up to 15 elements (MessagePack, "array format family"): its length in the low bits. */
const SHORT_ARRAY = 0x90;
/** MessagePack, "bin format family": followed by a length of 32 bits. */
const LONG_BYTES = 0xc6;
const SHORT_BYTES_MAX = 0xffff;
const NOTHING = new Uint8Array();

/**
 * What `pack` makes of these and of a body behind them, which is given in two parts: it would copy
 * a large one several times.
 */
function packedBefore(route: readonly unknown[], first: Bytes, rest: Bytes): Bytes {
  const bodyBytes = first.length + rest.length;
  if (bodyBytes <= SHORT_BYTES_MAX) return pack([...route, concat(first, rest)]);
  const fields = pack(route);
  const bodyAt = fields.length + 5;
  const frame = new Uint8Array(bodyAt + bodyBytes);
  frame.set(fields);
  frame[0] = SHORT_ARRAY + route.length + 1;
  frame[fields.length] = LONG_BYTES;
  new DataView(frame.buffer).setUint32(fields.length + 1, bodyBytes);
  frame.set(first, bodyAt);
  frame.set(rest, bodyAt + first.length);
  return frame;
}

/** `null` for what is no frame, or none that this client knows: newer servers may say more. */
export function decode(bytes: Bytes): ServerFrame | null {
  if (bytes.length > FRAME_BYTES_MAX) return null;
  const parts = unpacked(bytes);
  if (!Array.isArray(parts) || typeof parts[0] !== 'number') return null;
  const [type, ...rest] = parts as [number, ...unknown[]];
  const label = labelOf(type);
  if (label !== null) return decodePeer(label, rest);
  const [fields] = rest;
  if (rest.length !== 1 || typeof fields !== 'object' || fields === null) return null;
  return decodeControl(type, fields);
}

function decodePeer(label: Label, parts: readonly unknown[]): ServerFrame | null {
  const [attempt, peerBytes, idBytes, ...rest] = parts;
  const peer = userId(peerBytes);
  const id = frameId(idBytes);
  const body = rest.at(-1);
  if (!isCount(attempt) || !peer || !id || !isBytes(body)) return null;
  if (!isFileLabel(label)) {
    return rest.length === 1 ? { type: 'peer', label, attempt, peer, id, body } : null;
  }
  const [index, count] = rest;
  return rest.length === 3 && isCount(index) && isCount(count)
    ? { type: 'file', label, attempt, peer, id, index, count, body }
    : null;
}

function decodeControl(type: number, fields: object): ServerFrame | null {
  switch (type) {
    case CONTROL_CODES.auth:
      return authAnswer(fields);
    case CONTROL_CODES.peer_offline: {
      const { peer_id, id }: Unchecked<PeerOfflineFields> = fields;
      const peer = userId(peer_id);
      return peer && { type: 'peerOffline', peer, id: frameId(id) };
    }
    case CONTROL_CODES.peer_disconnected: {
      const peer = userId((fields as Unchecked<PeerFields>).peer_id);
      return peer && { type: 'peerDisconnected', peer };
    }
    case CONTROL_CODES.peer_online: {
      const peer = userId((fields as Unchecked<PeerFields>).peer_id);
      return peer && { type: 'peerOnline', peer };
    }
    case CONTROL_CODES.error: {
      const { code, id }: Unchecked<ErrorFields> = fields;
      return typeof code === 'string' ? { type: 'error', code, id: frameId(id) } : null;
    }
    case CONTROL_CODES.going_away: {
      const { after_ms }: Unchecked<GoingAwayFields> = fields;
      return isCount(after_ms) ? { type: 'goingAway', afterMs: after_ms } : null;
    }
    case CONTROL_CODES.superseded:
      return { type: 'superseded' };
    case CONTROL_CODES.token_expiring: {
      const { in_ms }: Unchecked<TokenExpiringFields> = fields;
      return isCount(in_ms) ? { type: 'tokenExpiring', inMs: in_ms } : null;
    }
    case CONTROL_CODES.pong:
      return { type: 'pong' };
    default:
      return null;
  }
}

function authAnswer(fields: Unchecked<AuthAnswerFields>): ServerFrame | null {
  const { authenticated, code, expires_in_ms, user_id } = fields;
  if (authenticated === false) {
    return typeof code === 'string' ? { type: 'notAuthenticated', code } : null;
  }
  const user = userId(user_id);
  if (authenticated !== true || user === null || !isCount(expires_in_ms)) return null;
  return { type: 'authenticated', user, expiresInMs: expires_in_ms };
}

function userId(value: unknown): UserId | null {
  return isBytes(value) ? userIdFrom(value) : null;
}

function frameId(value: unknown): FrameId | null {
  return isBytes(value) ? frameIdFrom(value) : null;
}
