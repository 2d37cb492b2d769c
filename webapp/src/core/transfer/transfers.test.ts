/** Stories of two browsers that send each other files. */
import { describe, expect, it } from 'vitest';
import {
  AS_FILE,
  aFile,
  bytesAt,
  FAIR,
  isWhole,
  type Party,
  TransferNetwork,
} from '../../test/transfer-network.ts';
import {
  chunksOf,
  creditsOf,
  KIB,
  MIDWAY_BYTES,
  midway,
  SLOW,
  SMALL,
  sentBy,
  until,
} from '../../test/transfer-story.ts';
import { type Bytes, toHex } from '../bytes.ts';
import { noble } from '../crypto/suite/noble.ts';
import type { Aead } from '../crypto/suite/primitives.ts';
import { CHUNK_BYTES, IDLE_MS, QUEUED_MAX, SHOW_EVERY_MS } from './limits.ts';
import { readChunk } from './stream.ts';

describe('a transfer', () => {
  it('[XFER1] brings a file whole, with everything that was said of it', async () => {
    const network = new TransferNetwork();
    const { alice, bob } = network;
    const sent = alice.transfers.send(
      { ...aFile(200 * KIB + 5, 'voice.webm'), mime: 'audio/webm;codecs=opus' },
      { accessMode: 'view_only', kind: 'voice', durationMs: 4_000 },
    );
    if (!sent.ok) throw new Error('it is a good file');
    await network.untilQuiet();
    const shown = { name: 'voice.webm', mime: 'audio/webm', kind: 'voice', durationMs: 4_000 };
    const both = { ...shown, accessMode: 'view_only', bytes: 200 * KIB + 5, id: sent.id };
    expect(alice.views).toMatchObject([{ ...both, by: 'me', stage: { is: 'delivered' } }]);
    expect(bob.views).toMatchObject([{ ...both, by: 'peer', stage: { is: 'delivered' } }]);
    expect(await isWhole(bob, sent.id, 200 * KIB + 5)).toBe(true);
    expect(alice.transfers.file(sent.id)).toBeNull();
  });

  it('[XFER50] can be read by both of them when it is whole, and by its sender before', async () => {
    const network = new TransferNetwork(SMALL);
    const { alice, bob } = network;
    const source = aFile(10 * KIB);
    const id = sentBy(alice, source);
    expect(await alice.transfers.read(id, 5, 4_200)).toEqual(bytesAt(5, 4_200));
    await until(network, () => bob.stage() === 'moving');
    expect(await bob.transfers.read(id, 0, 1)).toBeNull();
    await network.untilQuiet();
    for (const { transfers } of [alice, bob]) {
      expect(await transfers.read(id, 4_000, 9_000)).toEqual(bytesAt(4_000, 9_000));
      expect(await transfers.read(id, 10 * KIB, 10 * KIB)).toEqual(new Uint8Array(0));
      for (const [from, to] of [
        [-1, 2],
        [3, 2],
        [0, 10 * KIB + 1],
        [0.5, 1],
        [0, Infinity],
      ]) {
        expect(await transfers.read(id, from ?? 0, to ?? 0)).toBeNull();
      }
      expect(await transfers.read(id + 2, 0, 1)).toBeNull();
      await transfers.wipe();
      expect(await transfers.read(id, 0, 1)).toBeNull();
    }
  });

  it('[XFER50] that has changed where it was picked is not there any more', async () => {
    const { alice } = new TransferNetwork();
    const gone = sentBy(alice, { ...aFile(9), slice: () => Promise.reject(new Error('changed')) });
    const shorter = sentBy(alice, { ...aFile(9), slice: async () => new Uint8Array(3) });
    expect(await alice.transfers.read(gone, 0, 9)).toBeNull();
    expect(await alice.transfers.read(shorter, 0, 9)).toBeNull();
  });

  it('[XFER52] that its receiver looked at is read on both sides, and that is said once', async () => {
    const network = new TransferNetwork();
    const { alice, bob } = network;
    const id = sentBy(alice, aFile(9));
    bob.transfers.markRead(id);
    await network.untilQuiet();
    // Not before it was there to be looked at, and by nobody but its receiver.
    alice.transfers.markRead(id);
    await network.settled();
    expect([alice.views[0]?.isRead, bob.views[0]?.isRead]).toEqual([false, false]);
    const [before] = bob.views;
    for (let n = 0; n < 3; n += 1) bob.transfers.markRead(id);
    network.clock.advance(1_000);
    await network.settled();
    expect(bob.sent.records.filter(({ is }) => is === 'fileRead')).toHaveLength(1);
    const read = { stage: { is: 'delivered' }, isRead: true };
    expect([alice.views, bob.views]).toMatchObject([[read], [read]]);
    expect(bob.views[0]).not.toBe(before);
    const [after] = bob.views;
    sentBy(alice, aFile(5));
    await network.untilQuiet();
    expect(bob.views[0]).toBe(after);
  });

  it('[XFER52] is not read because a peer says so of what it has not got, or has sent', async () => {
    const network = new TransferNetwork({ accepts: () => false });
    const { alice, bob } = network;
    const id = sentBy(alice, aFile(9));
    await until(network, () => bob.stage() === 'offered');
    bob.forge({ is: 'fileRead', lane: id });
    alice.forge({ is: 'fileRead', lane: id });
    network.clock.advance(100);
    await network.settled();
    bob.transfers.accept(id);
    await network.untilQuiet();
    expect([alice.views, bob.views]).toMatchObject([[{ isRead: false }], [{ isRead: false }]]);
    alice.forge({ is: 'fileRead', lane: id });
    network.clock.advance(100);
    expect(bob.views).toMatchObject([{ isRead: false }]);
  });

  it('[XFER53] that did not arrive can be sent again by its sender, with all that was said of it', async () => {
    const network = new TransferNetwork({ accepts: () => false });
    const { alice, bob } = network;
    const meta = { accessMode: 'view_only', kind: 'file', durationMs: null } as const;
    const sent = alice.transfers.send(aFile(70 * KIB), meta);
    if (!sent.ok) throw new Error('it is a good file');
    await until(network, () => bob.stage() === 'offered');
    alice.transfers.sendAgain(sent.id);
    expect(alice.views).toHaveLength(1);
    bob.transfers.cancel(sent.id);
    await network.untilQuiet();
    bob.transfers.sendAgain(sent.id);
    alice.transfers.sendAgain(sent.id);
    await until(network, () => bob.views.length === 2);
    const [, again] = bob.views;
    if (again === undefined) throw new Error('it was sent again');
    expect(again).toMatchObject({ name: 'notes.txt', accessMode: 'view_only', by: 'peer' });
    bob.transfers.accept(again.id);
    await network.untilQuiet();
    expect(await isWhole(bob, again.id, 70 * KIB)).toBe(true);
    expect(bob.views.map(({ stage }) => stage.is)).toEqual(['ended', 'delivered']);
    alice.transfers.sendAgain(again.id);
    expect(alice.views).toHaveLength(2);
  });

  it('[XFER51] has the time at which each side heard of it', async () => {
    const network = new TransferNetwork({ weather: { ...FAIR, delayMs: [700, 700] } });
    const sentAt = network.clock.wall();
    sentBy(network.alice, aFile(1));
    await network.untilQuiet();
    expect(network.alice.views).toMatchObject([{ at: sentAt }]);
    expect(network.bob.views).toMatchObject([{ at: sentAt + 700 }]);
  });

  it('[XFER1] of one byte, and of exactly so many chunks, is no exception', async () => {
    for (const size of [1, 4 * KIB, 8 * KIB]) {
      const network = new TransferNetwork(SMALL);
      const id = sentBy(network.alice, aFile(size));
      await network.untilQuiet();
      expect(await isWhole(network.bob, id, size)).toBe(true);
    }
  });

  it('[XFER2] sends chunks of 64 KiB, and those that were lost again as the same bytes', async () => {
    let dropped = 0;
    const network = new TransferNetwork({
      meddle: (frame) => (frame.index === 1 && dropped++ < 2 ? [] : [frame]),
    });
    sentBy(network.alice, aFile(4 * CHUNK_BYTES));
    await network.untilQuiet();
    const frames = chunksOf(network.alice).filter(({ index }) => index === 1);
    expect(frames.length).toBeGreaterThan(2);
    expect(new Set(frames.map(({ body }) => toHex(body))).size).toBe(1);
    expect(new Set(frames.map(({ id }) => id)).size).toBe(1);
    expect(frames.map(({ attempt }) => attempt)).toEqual(frames.map((_, n) => n));
    expect(frames[0]?.body.length).toBe(1 + 4 + 4 + CHUNK_BYTES + 16);
    expect(network.bob.stage()).toBe('delivered');
  });

  it('[XFER22] gives back what was sealed as soon as it is acknowledged, and not before', async () => {
    const seals: Bytes[] = [];
    const aead = async (key: Bytes): Promise<Aead> => {
      const { seal, open } = await noble.aead(key);
      const noted = async (...given: Parameters<Aead['seal']>) => {
        const sealed = await seal(...given);
        seals.push(sealed);
        return sealed;
      };
      return { seal: noted, open };
    };
    const network = new TransferNetwork({ ...SMALL, primitives: { ...noble, aead } });
    sentBy(network.alice, aFile(40 * KIB));
    await until(network, () => seals.length > 0);
    expect(seals.every(({ length }) => length > 0)).toBe(true);
    await network.untilQuiet();
    expect(seals.map(({ length }) => length)).toEqual(seals.map(() => 0));
    expect(network.bob.stage()).toBe('delivered');
  });

  it('[XFER7] sends nothing before it is accepted', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: () => false });
    const id = sentBy(network.alice, aFile(10 * KIB));
    await network.untilQuiet(60_000);
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['offered', 'offered']);
    expect(chunksOf(network.alice)).toEqual([]);
    expect(network.bob.sinks.kept).toEqual([]);
    network.bob.transfers.accept(id);
    await network.untilQuiet();
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['delivered', 'delivered']);
  });

  it('[XFER7] may be declined', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: () => false });
    const id = sentBy(network.alice, aFile(10 * KIB));
    await until(network, () => network.bob.stage() === 'offered');
    network.bob.transfers.cancel(id);
    await network.untilQuiet();
    const stage = { is: 'ended', why: 'declined' };
    expect(network.alice.views).toMatchObject([{ stage: { ...stage, by: 'peer' } }]);
    expect(network.bob.views).toMatchObject([{ stage: { ...stage, by: 'me' } }]);
    network.bob.transfers.accept(id);
    await network.settled();
    expect([network.bob.stage(), chunksOf(network.alice)]).toEqual(['ended', []]);
  });

  it('[XFER7] is taken unasked where the policy says so', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: ({ size }) => size <= 5 * KIB });
    sentBy(network.alice, aFile(5 * KIB));
    sentBy(network.alice, aFile(6 * KIB));
    await network.untilQuiet(5_000);
    expect(network.bob.views.map(({ stage }) => stage.is)).toEqual(['delivered', 'offered']);
  });

  it('[XFER8, XFER9] has at most 4 MiB on its way, and no more if the receiver is slow', async () => {
    const network = new TransferNetwork({ weather: SLOW });
    const { alice, bob } = network;
    let open = () => {};
    bob.sinks.gate = new Promise((resolve) => {
      open = resolve;
    });
    sentBy(alice, aFile(80 * CHUNK_BYTES));
    // Writing hangs, so that there is no waiting for all to be done.
    for (let n = 0; n < 200; n += 1) {
      network.clock.advance(20);
      for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
      expect(alice.transfers.held.out).toBeLessThanOrEqual(4_096 * KIB);
    }
    const seen = new Set(chunksOf(alice).map(({ index }) => index));
    expect([...seen]).toEqual(Array.from({ length: 64 }, (_, chunk) => chunk));
    expect(creditsOf(bob).map(({ grantedBytes }) => grantedBytes)).toSatisfy((all: number[]) =>
      all.every((bytes) => bytes === 4_096 * KIB),
    );
    open();
    await network.untilQuiet();
    expect([alice.stage(), bob.stage()]).toEqual(['delivered', 'delivered']);
  });

  it('[XFER14] stops while either pauses, and goes on when neither does', async () => {
    for (const who of ['alice', 'bob'] as const) {
      const { network, id } = await midway();
      const [pauser, other] = [network[who], network[who === 'alice' ? 'bob' : 'alice']];
      pauser.transfers.pause(id);
      await network.untilQuiet(2_000);
      const before = new Set(chunksOf(network.alice).map(({ index }) => index)).size;
      expect(pauser.views).toMatchObject([{ stage: { is: 'paused', by: 'me' } }]);
      expect(other.views).toMatchObject([{ stage: { is: 'paused', by: 'peer' } }]);
      await network.untilQuiet(60_000);
      expect(new Set(chunksOf(network.alice).map(({ index }) => index)).size).toBe(before);
      expect(before).toBeLessThan(MIDWAY_BYTES / SMALL.chunkBytes);
      other.transfers.pause(id);
      await network.untilQuiet(1_000);
      expect(pauser.views).toMatchObject([{ stage: { is: 'paused', by: 'both' } }]);
      pauser.transfers.resume(id);
      await network.untilQuiet(1_000);
      expect(pauser.stage()).toBe('paused');
      other.transfers.resume(id);
      await network.untilQuiet();
      expect(await isWhole(network.bob, id, MIDWAY_BYTES)).toBe(true);
    }
  });

  it('[XFER14] may be paused before it was accepted', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: () => false });
    const id = sentBy(network.alice, aFile(10 * KIB));
    await until(network, () => network.bob.stage() === 'offered');
    network.alice.transfers.pause(id);
    network.bob.transfers.accept(id);
    await network.untilQuiet(5_000);
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['paused', 'paused']);
    expect(chunksOf(network.alice)).toEqual([]);
    network.alice.transfers.resume(id);
    await network.untilQuiet();
    expect(network.bob.stage()).toBe('delivered');
  });

  it('[XFER15] ends on both sides when either cancels, and nothing of it stays', async () => {
    for (const who of ['alice', 'bob'] as const) {
      const { network, id } = await midway();
      const { alice, bob } = network;
      network[who].transfers.cancel(id);
      await network.untilQuiet();
      const by = (party: Party) => (party === network[who] ? 'me' : 'peer');
      for (const party of [alice, bob]) {
        const stage = { is: 'ended', why: 'cancelled', by: by(party) };
        expect(party.views).toMatchObject([{ stage, bytesPerSecond: 0 }]);
        expect(party.transfers.held).toEqual({ out: 0, in: 0 });
        expect(party.transfers.deadline()).toBeNull();
      }
      expect(bob.sinks.kept).toMatchObject([{ discarded: true, finished: false }]);
      const sent = alice.sent.frames.length;
      network[who].transfers.resume(id);
      network[who].transfers.cancel(id);
      await network.untilQuiet();
      expect(alice.sent.frames.length).toBe(sent);
    }
  });

  it('[XFER15] may be cancelled in the moment it begins, unknown to the peer', async () => {
    const network = new TransferNetwork(SMALL);
    network.alice.transfers.cancel(sentBy(network.alice, aFile(10 * KIB)));
    await network.untilQuiet();
    expect([network.alice.stage(), network.alice.sent]).toEqual([
      'ended',
      { frames: [], records: [] },
    ]);
    expect(network.bob.views).toEqual([]);
  });

  it('[XFER15] may be cancelled while it waits, unknown to the peer', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: () => false });
    sentBy(network.alice, aFile(10 * KIB));
    const second = sentBy(network.alice, aFile(10 * KIB));
    await network.untilQuiet(1_000);
    network.alice.transfers.cancel(second);
    await network.untilQuiet(1_000);
    expect(network.alice.stage(second)).toBe('ended');
    expect(network.bob.views.length).toBe(1);
    expect(network.alice.sent.records.length).toBe(1);
  });

  it('[XFER16] takes its turn, and each way has its own', async () => {
    const network = new TransferNetwork({ ...SMALL, weather: SLOW });
    const { alice, bob } = network;
    const ids = [10, 20, 30].map((size) => sentBy(alice, aFile(size * KIB)));
    const back = sentBy(bob, aFile(40 * KIB));
    await until(network, () => alice.stage(ids[0]) === 'moving');
    expect(ids.map((id) => alice.stage(id))).toEqual(['moving', 'queued', 'queued']);
    await network.untilQuiet();
    for (const [n, id] of ids.entries()) {
      expect(await isWhole(bob, id, (n + 1) * 10 * KIB)).toBe(true);
    }
    expect(await isWhole(alice, back, 40 * KIB)).toBe(true);
    const order = chunksOf(alice).map(({ body }) => readChunk(body)?.lane ?? 0);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('[XFER16] finds no place behind 16 others', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: () => false });
    for (let n = 0; n <= QUEUED_MAX; n += 1) sentBy(network.alice, aFile(KIB));
    const refused = network.alice.transfers.send(aFile(KIB), AS_FILE);
    expect([QUEUED_MAX, refused]).toEqual([16, { ok: false, why: 'queueFull' }]);
  });

  it('[XFER17] is over when nothing moved for 10 minutes, paused or not', async () => {
    const network = new TransferNetwork({ ...SMALL, accepts: () => false });
    sentBy(network.alice, aFile(10 * KIB));
    await network.untilQuiet(IDLE_MS - 1_000);
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['offered', 'offered']);
    await network.untilQuiet(2_000);
    expect(network.alice.views).toMatchObject([{ stage: { is: 'ended', why: 'idle' } }]);
    expect(network.bob.views).toMatchObject([{ stage: { is: 'ended', why: 'idle' } }]);
    expect(IDLE_MS).toBe(600_000);
    const other = await midway();
    other.network.alice.transfers.pause(other.id);
    await other.network.untilQuiet(IDLE_MS - 1_000);
    expect(other.network.bob.stage()).toBe('paused');
    await other.network.untilQuiet(3_000);
    expect([other.network.alice.stage(), other.network.bob.stage()]).toEqual(['ended', 'ended']);
  });

  it('[XFER18] is not begun with a file that is empty or too large', () => {
    const limits = { fileBytesMax: 100, voiceBytesMax: 50 };
    const { transfers } = new TransferNetwork({ limits }).alice;
    expect(transfers.send(aFile(0), AS_FILE)).toEqual({ ok: false, why: 'invalid' });
    expect(transfers.send(aFile(101), AS_FILE)).toEqual({ ok: false, why: 'tooLarge' });
    expect(transfers.views).toEqual([]);
    const voice = { accessMode: 'both', kind: 'voice', durationMs: 300_400 } as const;
    const recorded = { ...aFile(50), mime: 'audio/ogg' };
    expect(transfers.send({ ...recorded, size: 51 }, voice)).toEqual({
      ok: false,
      why: 'tooLarge',
    });
    expect(transfers.send(recorded, voice)).toMatchObject({ ok: true });
    expect(transfers.views).toMatchObject([{ durationMs: 300_000 }]);
  });

  it('[XFER25] has no key any more when it is whole and in memory', async () => {
    const network = new TransferNetwork(SMALL);
    sentBy(network.alice, aFile(4 * KIB));
    await network.untilQuiet();
    const body = chunksOf(network.alice)[0]?.body ?? new Uint8Array();
    await expect(network.bob.sinks.again?.(0, body.slice(9))).rejects.toThrow('erased');
  });

  it('[XFER25] leaves nothing and says nothing when the conversation ends', async () => {
    const { network, id } = await midway();
    const { alice, bob } = network;
    const back = sentBy(bob, aFile(8 * KIB));
    await until(network, () => alice.stage(back) === 'delivered');
    const said = [alice, bob].map(({ sent }) => sent.records.length + sent.frames.length);
    await Promise.all([alice.transfers.wipe(), bob.transfers.wipe()]);
    for (const { transfers, sinks } of [alice, bob]) {
      expect(transfers.views).toEqual([]);
      expect([transfers.held, transfers.deadline()]).toEqual([{ out: 0, in: 0 }, null]);
      expect(sinks.kept).toMatchObject([{ discarded: true, written: [] }]);
      expect(transfers.file(id) ?? transfers.file(back)).toBeNull();
      expect(transfers.send(aFile(5), AS_FILE)).toMatchObject({ ok: false });
    }
    await network.untilQuiet();
    expect([alice, bob].map(({ sent }) => sent.records.length + sent.frames.length)).toEqual(said);
  });

  it('[XFER27] shows how far and how fast it is, seldom enough to draw', async () => {
    const network = new TransferNetwork({ ...SMALL, weather: SLOW });
    const { alice, bob } = network;
    sentBy(alice, aFile(6_000 * KIB));
    const shown: { at: number; bytes: number; speed: number }[] = [];
    let last = bob.views;
    while (!network.isOver() || shown.length === 0) {
      if (bob.views !== last) {
        const [view] = bob.views;
        const { bytes = 0, bytesPerSecond = 0 } = view ?? {};
        shown.push({ at: network.clock.now(), bytes, speed: bytesPerSecond });
      }
      last = bob.views;
      if (!(await network.untilNext())) break;
    }
    const moving = shown.filter(({ bytes }) => bytes > 0 && bytes < 6_000 * KIB);
    expect(moving.length).toBeGreaterThan(1);
    for (const [n, { at, bytes }] of moving.entries()) {
      const before = moving[n - 1];
      if (before === undefined) continue;
      expect(at - before.at).toBeGreaterThanOrEqual(SHOW_EVERY_MS);
      expect(bytes).toBeGreaterThanOrEqual(before.bytes);
    }
    expect(SHOW_EVERY_MS).toBe(200);
    // From 512 KiB each 40 ms, less what the chunks' frames cost, to more in the end.
    const { speed = 0 } = moving.findLast((each) => each.at > 250) ?? {};
    expect(speed).toBeGreaterThan(5 * 1024 * KIB);
    expect(speed).toBeLessThan(14 * 1024 * KIB);
    expect(bob.views).toMatchObject([{ bytes: 6_000 * KIB, bytesPerSecond: 0 }]);
  });

  it('[XFER27] is the same view from the moment it is over', async () => {
    const network = new TransferNetwork(SMALL);
    sentBy(network.alice, aFile(4 * KIB));
    await network.untilQuiet();
    const [view] = network.alice.views;
    sentBy(network.alice, aFile(4 * KIB));
    await network.untilQuiet();
    expect(network.alice.views.length).toBe(2);
    expect(network.alice.views[0]).toBe(view);
  });
});
