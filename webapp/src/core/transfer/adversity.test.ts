/** Transfers between a server that meddles, a peer that lies, and devices that fail. */
import { describe, expect, it } from 'vitest';
import { frameId } from '../../test/builders.ts';
import { aFile, bytesAt, isWhole, TransferNetwork } from '../../test/transfer-network.ts';
import { chunksOf, KIB, midway, SMALL, sentBy, until } from '../../test/transfer-story.ts';
import { toHex, utf8 } from '../bytes.ts';
import type { FileSource } from '../ports.ts';
import type { FileFrame } from '../wire/frames.ts';
import { IDLE_MS } from './limits.ts';

describe('a transfer', () => {
  it('[XFER3] counts chunks that were changed on their way, and gets them again', async () => {
    let flips = 0;
    const network = new TransferNetwork({
      ...SMALL,
      meddle: (frame) => {
        if (frame.index !== 2 || flips++ > 2) return [frame];
        const body = frame.body.slice();
        body[100] = (body[100] ?? 0) ^ 1;
        return [{ ...frame, body }];
      },
    });
    const id = sentBy(network.alice, aFile(20 * KIB));
    await network.untilQuiet();
    expect(network.bob.transfers.forged).toBe(3);
    expect(await isWhole(network.bob, id, 20 * KIB)).toBe(true);
  });

  it('[XFER3] takes no chunk under another number or count, and none of another file', async () => {
    let first: FileFrame | null = null;
    const network = new TransferNetwork({
      ...SMALL,
      meddle: (frame) => {
        if (frame.label !== 'file_chunk') return [frame];
        if (frame.index === 0 && first === null) first = frame;
        const { body, index, count } = frame;
        const renumbered = body.slice();
        renumbered[8] = (index + 1) % count;
        const relaned = body.slice();
        relaned[4] = 4;
        const bodies = [
          { ...frame, body: renumbered, index: (index + 1) % count },
          { ...frame, body: renumbered },
          { ...frame, body: relaned },
          { ...frame, count: count + 1 },
          { ...frame, body: new Uint8Array(3) },
        ];
        return [...bodies, ...(first === null ? [] : [{ ...first, index }]), frame];
      },
    });
    const [one, two] = [
      sentBy(network.alice, aFile(12 * KIB)),
      sentBy(network.alice, aFile(16 * KIB)),
    ];
    await network.untilQuiet();
    expect(await isWhole(network.bob, one, 12 * KIB)).toBe(true);
    expect(await isWhole(network.bob, two, 16 * KIB)).toBe(true);
    expect(network.bob.transfers.forged).toBeGreaterThan(0);
  });

  it('[XFER3] takes no chunk whose frame says something else than its chunk', async () => {
    for (const change of [{ count: 6 }, { index: 1 }]) {
      const network = new TransferNetwork({
        ...SMALL,
        meddle: (frame) => [{ ...frame, ...change }],
      });
      sentBy(network.alice, aFile(20 * KIB));
      await network.untilQuiet(30_000);
      expect(network.bob.views).toMatchObject([{ stage: { is: 'moving' }, bytes: 0 }]);
    }
  });

  it('[XFER3] is not complete when the server keeps its end back', async () => {
    const network = new TransferNetwork({
      ...SMALL,
      meddle: (frame) => (frame.index >= 3 ? [] : [frame]),
    });
    sentBy(network.alice, aFile(20 * KIB));
    await network.untilQuiet(60_000);
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['moving', 'moving']);
    await network.untilQuiet(IDLE_MS);
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['ended', 'ended']);
    expect(network.bob.sinks.kept).toMatchObject([{ discarded: true, finished: false }]);
  });

  it('[XFER5] shows the server empty signs of begin and end, and no word of the file', async () => {
    const network = new TransferNetwork(SMALL);
    const file = { ...aFile(10 * KIB, 'the-secret-name.txt'), mime: 'text/x-secret' };
    sentBy(network.alice, file);
    await network.untilQuiet();
    const { frames } = network.alice.sent;
    const signs = frames.filter(({ label }) => label !== 'file_chunk');
    expect(signs).toMatchObject([
      { label: 'file_start', index: 0, count: 3, body: new Uint8Array() },
      { label: 'file_complete', index: 3, count: 3, body: new Uint8Array() },
    ]);
    expect([frames[0], frames.at(-1)]).toEqual(signs);
    const all = frames.map(({ body }) => toHex(body)).join();
    expect(all).not.toContain(toHex(utf8('secret')));
    expect(all).not.toContain(toHex(bytesAt(0, 64)));
    expect(network.bob.sent.frames).toEqual([]);
  });

  it('[XFER6] is delivered only with the announced hash', async () => {
    const network = new TransferNetwork(SMALL);
    const { alice, bob } = network;
    const id = sentBy(alice, aFile(10 * KIB));
    await until(network, () => bob.views[0]?.stage.is === 'moving');
    // An early word about the end, and a false one: it is the first that counts.
    alice.forge({ is: 'fileEnd', lane: id, hash: new Uint8Array(32) });
    await network.untilQuiet();
    const stage = { is: 'ended', why: 'damaged' };
    expect(bob.views).toMatchObject([{ stage: { ...stage, by: 'me' } }]);
    expect(alice.views).toMatchObject([{ stage: { ...stage, by: 'peer' } }]);
    expect(bob.sinks.kept).toMatchObject([{ discarded: true, finished: false }]);
    expect(bob.sent.records.map(({ is }) => is)).not.toContain('fileDelivered');
    expect(bob.transfers.file(id)).toBeNull();
  });

  it('[XFER6] is not delivered because somebody says so before all was acknowledged', async () => {
    const { network, id } = await midway();
    network.bob.forge({ is: 'fileDelivered', lane: id });
    await network.untilNext();
    await network.untilNext();
    expect(network.alice.stage()).toBe('moving');
  });

  it('[XFER9] ignores chunks of transfers that it does not have', async () => {
    const { network, id } = await midway();
    const frame = chunksOf(network.alice)[0];
    if (frame === undefined) throw new Error('some were sent');
    network.bob.transfers.cancel(id);
    await network.untilQuiet();
    network.alice.inject(frame);
    const body = frame.body.slice();
    body[4] = 9;
    network.alice.inject({ ...frame, body });
    network.bob.inject(frame);
    await network.settled();
    expect([network.bob.transfers.forged, network.bob.stage()]).toEqual([0, 'ended']);
  });

  it('[XFER16] is refused when another of the same peer is on its way', async () => {
    const { network, id } = await midway();
    const start = network.alice.sent.records[0];
    if (start?.is !== 'fileStart') throw new Error('it begins with the start');
    network.alice.forge({ ...start, header: { ...start.header, lane: id + 2 } });
    await network.untilQuiet();
    const cancels = network.bob.sent.records.filter(({ is }) => is === 'fileCancel');
    expect(cancels).toEqual([{ is: 'fileCancel', lane: id + 2, why: 'busy' }]);
    expect(network.bob.views.length).toBe(1);
    expect(network.bob.stage(id)).toBe('delivered');
  });

  it('[XFER18, XFER19] is refused by a receiver whose limits it breaks, which says why', async () => {
    const network = new TransferNetwork(SMALL);
    const { alice, bob } = network;
    const id = sentBy(alice, aFile(10 * KIB));
    await network.untilQuiet();
    const start = alice.sent.records[0];
    if (start?.is !== 'fileStart') throw new Error('it begins with the start');
    const header = { ...start.header, fileKey: new Uint8Array(32) };
    alice.forge({ is: 'fileStart', header: { ...header, lane: id + 2, size: 2 ** 30 } });
    alice.forge({ is: 'fileStart', header: { ...header, lane: id + 4, name: '../a' } });
    alice.forge({ is: 'fileStart', header: { ...header, lane: id + 6, chunkBytes: 200 * KIB } });
    await network.untilQuiet();
    const cancels = bob.sent.records.filter(({ is }) => is === 'fileCancel');
    expect(cancels).toMatchObject([
      { lane: id + 2, why: 'tooLarge' },
      { lane: id + 4, why: 'invalid' },
      { lane: id + 6, why: 'invalid' },
    ]);
    const stages = bob.views.map(({ stage }) => stage);
    expect(stages).toEqual([{ is: 'delivered' }, { is: 'ended', why: 'tooLarge', by: 'me' }]);
  });

  it('[XFER23] waits while the socket is full, and for the chunks in it', async () => {
    const network = new TransferNetwork(SMALL);
    const { alice } = network;
    alice.buffered = 128 * KIB + 1;
    const id = sentBy(alice, aFile(40 * KIB));
    await network.untilQuiet(10_000);
    expect([chunksOf(alice).length, alice.stage()]).toEqual([0, 'moving']);
    alice.buffered = 128 * KIB;
    await network.untilQuiet();
    expect(await isWhole(network.bob, id, 40 * KIB)).toBe(true);
  });

  it('[XFER54] goes on as soon as it is told that the socket has room', async () => {
    const network = new TransferNetwork(SMALL);
    const { alice } = network;
    alice.buffered = 200 * KIB;
    sentBy(alice, aFile(40 * KIB));
    await network.untilQuiet(10_000);
    alice.transfers.drained();
    await network.settled();
    expect(chunksOf(alice).length).toBe(0);
    alice.buffered = 0;
    alice.transfers.drained();
    await network.settled();
    expect(chunksOf(alice).length).toBeGreaterThan(0);
  });

  it('[XFER23] does not send again what has not left', async () => {
    const network = new TransferNetwork({ ...SMALL, meddle: () => [] });
    const { alice } = network;
    sentBy(alice, aFile(4 * KIB));
    await until(network, () => chunksOf(alice).length === 1);
    alice.buffered = 200 * KIB;
    await network.untilQuiet(10_000);
    expect(chunksOf(alice).length).toBe(1);
    alice.buffered = 0;
    await network.untilQuiet(1_000);
    expect(chunksOf(alice).length).toBeGreaterThan(1);
  });

  it('[XFER24] sends a chunk again that the server refused, with the same id', async () => {
    let refuse: FileFrame | null = null;
    const network = new TransferNetwork({
      ...SMALL,
      meddle: (frame) => {
        const first = frame.label === 'file_chunk' && frame.index === 2 && refuse === null;
        if (first) refuse = frame;
        return first ? [] : [frame];
      },
    });
    const { alice, bob } = network;
    const id = sentBy(alice, aFile(12 * KIB));
    await until(network, () => refuse !== null);
    alice.transfers.hearRefused(frameId(99));
    alice.transfers.hearRefused((refuse as FileFrame | null)?.id ?? frameId(98));
    await network.untilQuiet();
    expect(await isWhole(bob, id, 12 * KIB)).toBe(true);
    const again = chunksOf(alice).filter(({ index }) => index === 2);
    expect(again.map(({ attempt }) => attempt)).toEqual([0, 1]);
  });

  it('[XFER26] has a lane of its own, which no other file is taken on', async () => {
    const network = new TransferNetwork(SMALL);
    const { alice, bob } = network;
    const ids = [1, 2].map(() => sentBy(alice, aFile(KIB)));
    const back = sentBy(bob, aFile(KIB));
    await network.untilQuiet();
    expect([ids, back]).toEqual([[2, 4], 3]);
    const start = alice.sent.records[0];
    if (start?.is !== 'fileStart') throw new Error('it begins with the start');
    for (const lane of [2, 4, 5, 7]) {
      alice.forge({ ...start, header: { ...start.header, fileKey: new Uint8Array(32), lane } });
    }
    await network.untilQuiet();
    expect(bob.views.map(({ id }) => id)).toEqual([3, 2, 4]);
    expect(bob.sent.records.filter(({ is }) => is === 'fileCancel')).toEqual([]);
  });

  it('[XFER26] is moved by records of its own side only', async () => {
    const { network, id } = await midway();
    const { alice, bob } = network;
    alice.forge({ is: 'fileDelivered', lane: id });
    alice.forge({ is: 'credit', lane: id, nextChunk: 1, grantedBytes: 1, gap: false });
    bob.forge({ is: 'fileEnd', lane: id, hash: new Uint8Array(32) });
    bob.forge({ is: 'fileCancel', lane: id + 1, why: 'cancelled' });
    await network.untilQuiet();
    expect([alice.stage(), bob.stage()]).toEqual(['delivered', 'delivered']);
  });

  it('[XFER28] ends on both sides when the file cannot be read, or is not what it was', async () => {
    const sources: Partial<FileSource>[] = [
      { slice: () => Promise.reject(new Error('the file has gone')) },
      { slice: async (from, to) => bytesAt(from, to - 1) },
    ];
    for (const broken of sources) {
      const network = new TransferNetwork(SMALL);
      sentBy(network.alice, { ...aFile(10 * KIB), ...broken });
      await network.untilQuiet();
      const stage = { is: 'ended', why: 'failed' };
      expect(network.alice.views).toMatchObject([{ stage: { ...stage, by: 'me' } }]);
      expect(network.bob.views).toMatchObject([{ stage: { ...stage, by: 'peer' } }]);
      expect(network.bob.sinks.kept).toMatchObject([{ discarded: true }]);
    }
  });

  it('[XFER28] ends on both sides when the file cannot be kept', async () => {
    for (const step of ['open', 'write', 'finish'] as const) {
      const network = new TransferNetwork(SMALL);
      network.bob.sinks.fails = step;
      sentBy(network.alice, aFile(10 * KIB));
      await network.untilQuiet();
      const stage = { is: 'ended', why: 'failed' };
      expect(network.alice.views).toMatchObject([{ stage: { ...stage, by: 'peer' } }]);
      expect(network.bob.views).toMatchObject([{ stage: { ...stage, by: 'me' } }]);
      const left = network.bob.sinks.kept.filter(({ discarded }) => !discarded);
      expect(left).toEqual([]);
    }
  });
});
