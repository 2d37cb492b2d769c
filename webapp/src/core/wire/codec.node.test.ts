/** The binary door's frames, written and read; the bytes are those of the back end. */

import { readdirSync, readFileSync } from 'node:fs';
import { encode as pack } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, frameId } from '../../test/builders.ts';
import { type Bytes, fromHex, toHex } from '../bytes.ts';
import { decode, encode } from './codec.ts';
import { isFileLabel, labelOf } from './codes.ts';
import { joined } from './frames.ts';
import { FRAME_BYTES_MAX, LABEL_CODES } from './generated.ts';
import { frameIdBytes, parseUserId, userIdBytes, userIdFrom } from './ids.ts';

function hex(text: string): Bytes {
  const bytes = fromHex(text.replaceAll(' ', ''));
  if (bytes === null) throw new Error('not hexadecimal');
  return bytes;
}

const GOLDEN = new URL('../../../../bus-schemas/golden/binary/', import.meta.url);

/** The bytes that the server writes, or expects, for a frame. */
function golden(name: string): Bytes {
  const lines = readFileSync(new URL(`${name}.txt`, GOLDEN), 'utf8').split('\n');
  return hex(lines.filter((line) => !line.startsWith('#')).join(''));
}

const BOB_BIN = `c410 ${BOB.replaceAll('-', '')}`;
const ID_BIN = `c410 ${frameId(7)}`;

describe('the binary door', () => {
  it('[WEBWIRE1] a peer frame is an array of routing fields with the body last', () => {
    const body = Uint8Array.of(0xde, 0xad);
    const frame = { type: 'peer', label: 'message', attempt: 3, peer: BOB, id: frameId(7), body };
    const bytes = encode({ ...frame, type: 'peer', label: 'message' });
    expect(toHex(bytes)).toBe(toHex(hex(`95 04 03 ${BOB_BIN} ${ID_BIN} c402 dead`)));
    expect(decode(bytes)).toEqual(frame);
  });

  it('[WEBWIRE1] every label keeps its number and comes back under its name', () => {
    const labels = Object.values(LABEL_CODES).map(labelOf);
    expect(labels).toEqual(Object.keys(LABEL_CODES));
    for (const label of labels) {
      if (label === null) continue;
      const frame = { attempt: 0, peer: BOB, id: frameId(1), body: new Uint8Array(2) };
      const bytes = isFileLabel(label)
        ? encode({ type: 'file', label, index: 0, count: 1, ...frame })
        : encode({ type: 'peer', label, ...frame });
      expect(bytes[1]).toBe(LABEL_CODES[label]);
      expect(decode(bytes)).toMatchObject({ label });
    }
    expect(labelOf(99)).toBeNull();
  });

  it('[WEBWIRE7] a file frame names its chunk and their count before the body', () => {
    const body = Uint8Array.of(0xde, 0xad);
    const route = { type: 'file', label: 'file_chunk', attempt: 3, peer: BOB } as const;
    const frame = { ...route, id: frameId(7), index: 3, count: 300, body };
    const bytes = encode(frame);
    expect(toHex(bytes)).toBe(toHex(hex(`97 0b 03 ${BOB_BIN} ${ID_BIN} 03 cd012c c402 dead`)));
    expect(decode(bytes)).toEqual(frame);
  });

  it('[WEBWIRE7] a file frame of any size is what the library would pack', () => {
    for (const size of [0, 255, 256, 65_535, 65_536, 65_561, 196_700]) {
      const body = Uint8Array.from({ length: size }, (_, at) => at % 251);
      const route = { type: 'file', label: 'file_chunk', attempt: 3, peer: BOB } as const;
      const bytes = encode({ ...route, id: frameId(7), index: 3, count: 300, body });
      const ids = [userIdBytes(BOB), frameIdBytes(frameId(7))];
      const packed = pack([LABEL_CODES.file_chunk, 3, ...ids, 3, 300, body]);
      expect(Buffer.compare(bytes, packed)).toBe(0);
    }
  });

  it('[WEBWIRE7] a file frame is the same bytes when the beginning of its body stands apart', () => {
    for (const size of [9, 255, 65_535, 65_536, 196_700]) {
      const body = Uint8Array.from({ length: size }, (_, at) => at % 251);
      const route = { type: 'file', label: 'file_chunk', attempt: 0, peer: BOB } as const;
      const frame = { ...route, id: frameId(7), index: 3, count: 300, body };
      const apart = { ...frame, head: body.slice(0, 9), body: body.slice(9) };
      expect(Buffer.compare(encode(apart), encode(frame))).toBe(0);
      expect(joined(apart)).toEqual(frame);
    }
  });

  it('[WEBWIRE6] reads every golden frame of the server, and writes those of a client', () => {
    const named = readdirSync(new URL('server/', GOLDEN)).map((file) => file.replace('.txt', ''));
    expect(named.length).toBeGreaterThan(10);
    const unread = named.filter((name) => decode(golden(`server/${name}`)) === null);
    expect(unread).toEqual([]);
    const peer = decode(golden('client/message'));
    if (peer?.type !== 'peer') throw new Error('frames of peers look alike in both directions');
    expect(new TextDecoder().decode(peer.body)).toBe('sealed');
    expect(encode(peer)).toEqual(golden('client/message'));
    expect(encode({ ...peer, label: 'declined' })).toEqual(golden('client/declined'));
    expect(encode({ type: 'ping' })).toEqual(golden('client/ping'));
    const file = decode(golden('server/peer_chunk'));
    if (file?.type !== 'file') throw new Error('a chunk is a frame of a file');
    expect(file).toMatchObject({ label: 'file_chunk', attempt: 1, index: 3, count: 300 });
    for (const label of ['file_start', 'file_chunk', 'file_complete'] as const) {
      expect(encode({ ...file, label })).toEqual(golden(`client/${label}`));
    }
    const instance = new Uint8Array(16).fill(0x15);
    const auth = { type: 'auth', token: 'a secret of this test', instance, attach: 2 } as const;
    expect(encode(auth)).toEqual(golden('client/auth'));
  });

  it('[WEBWIRE2] auth and ping are a number and a map', () => {
    const auth = encode({ type: 'auth', token: 'jwt', instance: userIdBytes(ALICE), attach: 2 });
    const alice = ALICE.replaceAll('-', '');
    const fields = `83 a5 746f6b656e a3 6a7774 a8 696e7374616e6365 c410 ${alice} a6 617474616368 02`;
    expect(toHex(auth)).toBe(toHex(hex(`92 00 ${fields}`)));
    expect(toHex(encode({ type: 'ping' }))).toBe('922780');
  });

  it('[WEBWIRE2] every control frame of the server is read into its own shape', () => {
    const alice = userIdBytes(ALICE);
    const bob = userIdBytes(BOB);
    const id = frameIdBytes(frameId(7));
    const admitted = { authenticated: true, code: null, expires_in_ms: 9, user_id: alice };
    const refused = { authenticated: false, code: 'X', expires_in_ms: null, user_id: null };
    const cases: [unknown, unknown][] = [
      [[0, admitted], { type: 'authenticated', user: ALICE, expiresInMs: 9 }],
      [[0, refused], { type: 'notAuthenticated', code: 'X' }],
      [[32, { peer_id: bob, id }], { type: 'peerOffline', peer: BOB, id: frameId(7) }],
      [[32, { peer_id: bob, id: null }], { type: 'peerOffline', peer: BOB, id: null }],
      [[33, { peer_id: bob }], { type: 'peerDisconnected', peer: BOB }],
      [[34, { peer_id: bob }], { type: 'peerOnline', peer: BOB }],
      [[35, { code: 'BUS_AWAY', id }], { type: 'error', code: 'BUS_AWAY', id: frameId(7) }],
      [[36, { after_ms: 5 }], { type: 'goingAway', afterMs: 5 }],
      [[37, {}], { type: 'superseded' }],
      [[38, { in_ms: 60_000 }], { type: 'tokenExpiring', inMs: 60_000 }],
      [[40, {}], { type: 'pong' }],
    ];
    for (const [sent, read] of cases) expect(decode(pack(sent))).toEqual(read);
  });

  it('[WEBWIRE3] the body is a view into the bytes that came, not a copy', () => {
    const body = new Uint8Array(100);
    const frame = { label: 'message', attempt: 0, peer: BOB, id: frameId(1), body } as const;
    const bytes = encode({ type: 'peer', ...frame });
    const read = decode(bytes);
    expect(read?.type === 'peer' && read.body.buffer === bytes.buffer).toBe(true);
  });

  it('[WEBWIRE4] what is no frame, or an unknown one, is nothing and never an exception', () => {
    const bob = userIdBytes(BOB);
    const id = frameIdBytes(frameId(7));
    const body = new Uint8Array(1);
    const odd: unknown[] = [
      null,
      [],
      {},
      ['4', 0, bob, id, body],
      [4, 0, bob, id],
      [4, -1, bob, id, body],
      [4, 0, bob.slice(1), id, body],
      [4, 0, bob, 'id', body],
      [4, 0, bob, id, 'body'],
      [4, 0, bob, id, body, 1],
      [4, 0, bob, id, 0, 1, body],
      [11, 0, bob, id, body],
      [11, 0, bob, id, 0, 1, body, 1],
      [11, 0, bob, id, -1, 1, body],
      [11, 0, bob, id, 0, 1.5, body],
      [11, 0, bob, id, 0, body],
      [99, {}],
      [33, {}],
      [33, null],
      [0, { authenticated: true }],
      [36, { after_ms: -1 }],
    ];
    for (const value of odd) expect(decode(pack(value))).toBeNull();
    expect(decode(new Uint8Array(FRAME_BYTES_MAX + 1))).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (b) => void decode(b.slice())));
  });

  it('[WEBWIRE5] ids are read in one spelling and refused in any other', () => {
    expect(parseUserId(ALICE.toUpperCase())).toBe(ALICE);
    expect(userIdFrom(userIdBytes(ALICE))).toBe(ALICE);
    for (const text of ['', 'alice', `${ALICE}0`, `{${ALICE}}`, ALICE.replaceAll('-', '')]) {
      expect(parseUserId(text)).toBeNull();
    }
  });
});
