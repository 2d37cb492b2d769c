/** A relay that meddles with the chunks of files, each trick at many moments. */
import { describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../../test/seeded-random.ts';
import {
  AS_FILE,
  aFile,
  isWhole,
  type Party,
  TransferNetwork,
} from '../../test/transfer-network.ts';
import { concat } from '../bytes.ts';
import type { Random } from '../ports.ts';
import type { FileFrame } from '../wire/frames.ts';

const MOMENTS = Number(process.env['DHCHAT_MOMENTS'] ?? 20);
const KIB = 1_024;
const SIZES = { first: 17 * KIB, second: 26 * KIB, theirs: 21 * KIB } as const;
/** Of all three files. */
const CHUNKS = 5 + 7 + 6;

type Notice = 'counted' | 'whole' | 'ended';

type Trick = {
  readonly name: string;
  /** What arrives in place of this chunk; `before` are those that came by, this one last. */
  readonly play: (stage: Stage, frame: FileFrame) => readonly FileFrame[];
  readonly shows: Notice;
};

class Stage {
  readonly random: Random;
  readonly before: FileFrame[] = [];
  /** What happens to every later frame. */
  after: (frame: FileFrame) => readonly FileFrame[] = (frame) => [frame];
  isPlayed = false;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  pick<T>(all: readonly T[]): T {
    const one = all[Math.floor(this.random.fraction() * all.length)];
    if (one === undefined) throw new Error('there is nothing to pick from');
    return one;
  }

  /** A chunk that came by before, of the same file or of others; this one changed if there is none. */
  other(frame: FileFrame, whose: 'same' | 'others'): FileFrame {
    const isFitting = (each: FileFrame) => (laneOf(each) === laneOf(frame)) === (whose === 'same');
    const fitting = this.before.filter((each) => each.body !== frame.body && isFitting(each));
    return fitting.length > 0 ? this.pick(fitting) : changed(frame, 9);
  }
}

function laneOf({ body }: FileFrame): number {
  return new DataView(body.buffer, body.byteOffset).getUint32(1);
}

function changed(frame: FileFrame, at: number): FileFrame {
  const body = frame.body.slice();
  body[at] = (body[at] ?? 0) ^ 1;
  return { ...frame, body };
}

/** The place of this chunk and the seal of the other, as long as it must be. */
function withContentOf(other: FileFrame, frame: FileFrame): FileFrame {
  const length = frame.body.length;
  const body = concat(frame.body.slice(0, 9), other.body.slice(9), frame.body).slice(0, length);
  return { ...frame, body };
}

const TRICKS: readonly Trick[] = [
  {
    name: 'puts the content of another chunk into it',
    play: (stage, frame) => [withContentOf(stage.other(frame, 'same'), frame)],
    shows: 'counted',
  },
  {
    name: 'puts a chunk of another file into it',
    play: (stage, frame) => [withContentOf(stage.other(frame, 'others'), frame)],
    shows: 'counted',
  },
  {
    name: 'changes a byte of the seal',
    play: (stage, frame) => {
      const at = 9 + Math.floor(stage.random.fraction() * (frame.body.length - 9));
      return [changed(frame, at)];
    },
    shows: 'counted',
  },
  {
    name: 'invents a chunk',
    play: (stage, frame) => {
      const seal = stage.random.bytes(frame.body.length - 9);
      return [{ ...frame, body: concat(frame.body.slice(0, 9), seal) }];
    },
    shows: 'counted',
  },
  {
    name: 'renumbers a chunk, moves it to another lane, or says another count',
    play: (stage, frame) => {
      const bent = stage.pick([
        changed(frame, 8),
        changed(frame, 4),
        { ...frame, index: frame.index + 1 },
        { ...frame, count: frame.count - 1 },
      ]);
      return [bent];
    },
    shows: 'whole',
  },
  {
    name: 'cuts or lengthens a chunk',
    play: (stage, frame) => {
      const { body } = frame;
      const cut = body.slice(0, Math.floor(stage.random.fraction() * body.length));
      return [{ ...frame, body: stage.pick([cut, concat(body, Uint8Array.of(0))]) }];
    },
    shows: 'whole',
  },
  { name: 'drops a chunk', play: () => [], shows: 'whole' },
  {
    name: 'says a chunk twice, and older ones again',
    play: (stage, frame) => [frame, frame, stage.pick(stage.before)],
    shows: 'whole',
  },
  {
    name: 'gives the chunks another order',
    play: (stage, frame) => {
      const held: FileFrame[] = [frame];
      stage.after = (next) => {
        if (held.length === 0 || next.label !== 'file_chunk') return [next];
        held.unshift(next);
        return held.length >= 3 ? held.splice(0) : [];
      };
      return [];
    },
    shows: 'whole',
  },
  {
    name: 'cuts a file short, and says that it is complete',
    play: (stage, frame) => {
      const lane = laneOf(frame);
      stage.after = (next) => {
        if (next.label !== 'file_chunk') return [next];
        return laneOf(next) === lane && next.index >= frame.index ? [] : [next];
      };
      return [{ ...frame, label: 'file_complete', count: frame.index, body: new Uint8Array() }];
    },
    shows: 'ended',
  },
];

function sentBy(party: Party, size: number, name: string): number {
  const sent = party.transfers.send(aFile(size, name), AS_FILE);
  if (!sent.ok) throw new Error(sent.why);
  return sent.id;
}

/** Two files of Alice and one of Bob; the trick is played on the chunk of this moment. */
async function outcomeOf(trick: Trick, moment: number, seed: number): Promise<string> {
  const stage = new Stage(seed);
  let seen = 0;
  const network = new TransferNetwork({
    seed,
    chunkBytes: 4 * KIB,
    meddle: (frame) => {
      if (stage.isPlayed) return stage.after(frame);
      if (frame.label !== 'file_chunk') return [frame];
      stage.before.push(frame);
      seen += 1;
      if (seen <= moment) return [frame];
      stage.isPlayed = true;
      return trick.play(stage, frame);
    },
  });
  const { alice, bob } = network;
  const sent = [
    { by: alice, to: bob, size: SIZES.first, id: sentBy(alice, SIZES.first, 'first.txt') },
    { by: alice, to: bob, size: SIZES.second, id: sentBy(alice, SIZES.second, 'second.txt') },
    { by: bob, to: alice, size: SIZES.theirs, id: sentBy(bob, SIZES.theirs, 'theirs.txt') },
  ];
  await network.untilQuiet(30 * 60_000);
  if (!stage.isPlayed) return 'its moment did not come';
  const notices = new Set<Notice>();
  if (alice.transfers.forged + bob.transfers.forged > 0) notices.add('counted');
  let whole = 0;
  for (const { by, to, size, id } of sent) {
    if (by.stage(id) !== to.stage(id))
      return `${id} is ${by.stage(id)} here, ${to.stage(id)} there`;
    const isDelivered = to.stage(id) === 'delivered';
    const isTrue = isDelivered && (await isWhole(to, id, size));
    if (isDelivered && !isTrue) return `${id} is delivered and not what was sent`;
    if (isTrue) whole += 1;
    else notices.add('ended');
  }
  if (whole === sent.length) notices.add('whole');
  const isFair = trick.shows === 'ended' || whole === sent.length;
  if (!isFair) return `only ${whole} files came`;
  return notices.has(trick.shows) ? 'noticed' : `unnoticed: ${[...notices].join(', ')}`;
}

describe('a relay that meddles with files', { timeout: 300_000 }, () => {
  let noticed = 0;

  for (const trick of TRICKS) {
    it(`[HOSTILE8] ${trick.name}`, async () => {
      const outcomes: string[] = [];
      for (let n = 0; n < MOMENTS; n += 1) {
        const moment = Math.floor(((n + 0.5) * CHUNKS) / MOMENTS);
        outcomes.push(await outcomeOf(trick, moment, n + 1));
      }
      expect(outcomes.filter((outcome) => outcome !== 'noticed')).toEqual([]);
      noticed += outcomes.length;
    });
  }

  it('[HOSTILE8] every trick at every moment was noticed', () => {
    expect(noticed).toBe(TRICKS.length * MOMENTS);
  });

  it('[HOSTILE6] a lost chunk is made good within 4 s', async () => {
    for (let lost = 0; lost < 6; lost += 1) {
      let isLost = false;
      const meddle = (frame: FileFrame) => {
        const isIt = !isLost && frame.label === 'file_chunk' && frame.index === lost;
        isLost ||= isIt;
        return isIt ? [] : [frame];
      };
      const network = new TransferNetwork({ chunkBytes: 4 * KIB, meddle });
      const id = sentBy(network.alice, 22 * KIB, 'notes.txt');
      await network.untilQuiet();
      expect(isLost).toBe(true);
      expect(await isWhole(network.bob, id, 22 * KIB)).toBe(true);
      expect(network.clock.now()).toBeLessThan(4_000);
    }
  });

  it('[HOSTILE6] a lost credit is made good within 4 s', async () => {
    const size = 600 * KIB;
    for (let lost = 1; lost <= 3; lost += 1) {
      const network = new TransferNetwork({ chunkBytes: 64 * KIB });
      const credits = () => network.bob.sent.records.filter(({ is }) => is === 'credit').length;
      let isLost = false;
      vi.spyOn(network, 'chance').mockImplementation(() => {
        const isIt = !isLost && credits() === lost;
        isLost ||= isIt;
        return isIt;
      });
      const id = sentBy(network.alice, size, 'notes.txt');
      await network.untilQuiet();
      expect(isLost).toBe(true);
      expect(await isWhole(network.bob, id, size)).toBe(true);
      expect(network.clock.now()).toBeLessThan(4_000);
    }
  });
});
