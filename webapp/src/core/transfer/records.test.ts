/** Records of transfers, written and read. */
import { encode as pack } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../bytes.ts';
import { decodeRecord } from '../conversation/records.ts';
import type { FileHeader } from './header.ts';
import {
  channelLaneOf,
  decodeTransferRecord,
  encodeTransferRecord,
  fileLaneOf,
  REASONS,
  TRANSFER_KIND_MIN,
  type TransferRecord,
} from './records.ts';

const header: FileHeader = {
  lane: 2,
  fileKey: new Uint8Array(32).fill(1),
  prefix: new Uint8Array(7).fill(2),
  name: 'a.txt',
  mime: 'text/plain',
  size: 70_000,
  chunkBytes: 65_536,
  accessMode: 'view_only',
  kind: 'file',
  durationMs: null,
};

const records: readonly TransferRecord[] = [
  { is: 'fileStart', header },
  {
    is: 'fileStart',
    header: { ...header, kind: 'voice', durationMs: 12_345, accessMode: 'both', size: 2 ** 40 },
  },
  { is: 'fileEnd', lane: 2, hash: new Uint8Array(32).fill(3) },
  ...REASONS.map((why) => ({ is: 'fileCancel', lane: 3, why }) as const),
  { is: 'filePause', lane: 300, on: true },
  { is: 'filePause', lane: 300, on: false },
  { is: 'fileDelivered', lane: 70_000 },
  { is: 'fileRead', lane: 70_000 },
  { is: 'credit', lane: 5, nextChunk: 4, grantedBytes: 2 ** 40, gap: true },
  { is: 'credit', lane: 5, nextChunk: 0, grantedBytes: 0, gap: false },
];

describe('a record of a transfer', () => {
  it('[XFER21] is read as it was written, and is no record of talk', () => {
    for (const record of records) {
      const content = encodeTransferRecord(record);
      const lane = channelLaneOf(record);
      expect(decodeTransferRecord(lane, content)).toEqual(record);
      expect(decodeTransferRecord(lane === 0 ? 1 : 0, content)).toBeNull();
      expect(decodeRecord(lane, content)).toBeNull();
      expect(content[1]).toBeGreaterThanOrEqual(TRANSFER_KIND_MIN);
    }
  });

  it('[XFER21] has one spelling: any other is nothing', () => {
    const good = [35, 2, true];
    expect(decodeTransferRecord(1, pack(good))).not.toBeNull();
    const odd: unknown[] = [
      null,
      35,
      {},
      [],
      [35],
      [35, 2],
      [35, 2, 1],
      [35, 2, true, 1],
      [35, -2, true],
      [35, 2.5, true],
      [35, '2', true],
      [31, 2, true],
      [38, 2, true],
      [39, 2],
      [33, 2, new Uint8Array(31)],
      [34, 2, REASONS.length],
      [37, 2, -1, 0, true],
      [37, 2, 0, 0, 1],
      [32, 2, new Uint8Array(32), new Uint8Array(7), 'a', 'b/c', 1, 4_096, 3, 0, null],
      [32, 2, new Uint8Array(32), new Uint8Array(7), 'a', 'b/c', 1, 4_096, 0, 3, null],
      [32, 2, 'key', new Uint8Array(7), 'a', 'b/c', 1, 4_096, 0, 0, null],
      [32, 2, new Uint8Array(32), new Uint8Array(7), 1, 'b/c', 1, 4_096, 0, 0, null],
      [32, 2, new Uint8Array(32), new Uint8Array(7), 'a', 'b/c', -1, 4_096, 0, 0, null],
      [32, 2, new Uint8Array(32), new Uint8Array(7), 'a', 'b/c', 1, 4_096, 0, 0, 'long'],
    ];
    for (const value of odd) {
      const content = pack(value);
      expect([decodeTransferRecord(0, content), decodeTransferRecord(1, content)]).toEqual([
        null,
        null,
      ]);
    }
    // The same record, its lane in five bytes where one is enough.
    const wide = Uint8Array.of(0x93, 35, 0xce, 0, 0, 0, 2, 0xc3);
    expect(decodeTransferRecord(1, wide)).toBeNull();
    expect(decodeTransferRecord(1, concat(pack(good), Uint8Array.of(0)))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 96 }), (b) => void decodeTransferRecord(1, b.slice())),
    );
  });

  it('[XFER21] names its file, and is read on its own lane of the channel only', () => {
    expect(records.map(fileLaneOf).slice(0, 3)).toEqual([2, 2, 2]);
    for (const record of records)
      expect(channelLaneOf(record)).toBe(record.is === 'credit' ? 0 : 1);
  });
});
