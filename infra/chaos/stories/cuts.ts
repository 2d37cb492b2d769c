/**
 * Files go from one to the other while their connections are cut at places that chance decides;
 * every other time an edge is killed in the middle of one as well.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../webapp/src/test/seeded-random.ts';
import { ascending } from '../checker/statistics.ts';
import { monotonicMs } from '../monotonic.ts';
import { say } from '../say.ts';
import { untilTrue } from '../servers/service.ts';
import type { Story } from '../story.ts';

const FILES = 10;
const FILE_BYTES = 50 * 1_000_000;
const CUTS = 20;
/** As a share of the file: what comes after the last cut takes longer than it takes to see it. */
const LAST_CUT_AT = 0.95;
const LOOK_EVERY_MS = 20;
const SENT_WITHIN_MS = 300_000;
const DOWN_MS = 1_000;

type Chance = () => number;

export async function cuts(story: Story): Promise<void> {
  const [[from] = []] = story.pairs;
  if (from === undefined) throw new Error('a file needs two people');
  const chance = seededRandom(story.settings.seed).fraction;
  for (let n = 0; n < FILES; n += 1) {
    const begin = monotonicMs();
    story.crowds.sendFile(from, FILE_BYTES);
    await untilTrue(() => story.crowds.movedBytes(from) !== null, SENT_WITHIN_MS, 'it begins');
    await cutAlong(story, from, { chance, kills: n % 2 === 1 });
    const isOver = () => story.crowds.movedBytes(from) === null;
    await untilTrue(isOver, SENT_WITHIN_MS, 'the file is delivered');
    say(`File ${n + 1} of ${FILES} came after ${Math.round((monotonicMs() - begin) / 1_000)} s`);
  }
}

async function cutAlong(
  story: Story,
  from: string,
  { chance, kills }: { chance: Chance; kills: boolean },
): Promise<void> {
  const placeOf = () => chance() * LAST_CUT_AT * FILE_BYTES;
  const places = ascending(Array.from({ length: CUTS }, placeOf));
  for (const [nth, place] of places.entries()) {
    let moved = story.crowds.movedBytes(from);
    while (moved !== null && moved < place) {
      await pause(LOOK_EVERY_MS);
      moved = story.crowds.movedBytes(from);
    }
    // It may be over before its last cut, if chance puts several near its end.
    if (moved === null) return;
    if (kills && nth === CUTS / 2) await killUnder(story, from);
    else cutOne(story, chance);
  }
}

function cutOne(story: Story, chance: Chance): void {
  const both = story.pairs.flat();
  const client = both[Math.floor(chance() * both.length)] ?? '';
  const kind = chance() < 0.5 ? 'client-cut' : 'client-reset';
  const begin = monotonicMs();
  story.door.cut(client, kind === 'client-cut' ? 'end' : 'reset');
  story.happened({ kind, target: client, touched: [client], begin, end: monotonicMs() });
}

/** The edge that the sender is at; if it is at none right now, any. */
async function killUnder(story: Story, from: string): Promise<void> {
  const { edges } = story.deployment;
  const edge = edges.find(({ service }) => story.door.clientsAt(service.name).includes(from));
  const { service } = edge ?? edges[0] ?? {};
  if (service === undefined) throw new Error('there is an edge');
  const touched = story.door.clientsAt(service.name);
  const begin = monotonicMs();
  await service.kill();
  await pause(DOWN_MS);
  await service.start();
  story.happened({ kind: 'edge-kill', target: service.name, touched, begin, end: monotonicMs() });
}
