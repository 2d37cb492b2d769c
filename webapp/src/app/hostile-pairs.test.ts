/** A relay that mixes two conversations up. */
import { expect, it } from 'vitest';
import { Channel } from '../core/crypto/channel.ts';
import { seededRandom } from '../test/seeded-random.ts';
import { type Browser, Story } from '../test/story.ts';
import type { Relayed } from '../test/test-server.ts';

const MOMENTS = Number(process.env['DHCHAT_MOMENTS'] ?? 20);
const WORDS = 6;

async function joined(story: Story, one: Browser, other: Browser): Promise<void> {
  one.model.open(other.me);
  await story.until(() => other.home.incoming.length === 1);
  other.model.accept(one.me.id);
  await story.until(() => one.phase?.is === 'secure' && other.phase?.is === 'secure');
}

function noticedBy({ phase }: Browser): number {
  return phase?.is === 'secure' ? phase.noticed : 0;
}

it('[HOSTILE1] swaps records between two pairs', { timeout: 600_000 }, async () => {
  for (let n = 0; n < MOMENTS; n += 1) {
    const story = new Story();
    const random = seededRandom(n);
    const people = [];
    for (const name of ['alice', 'bob', 'carol', 'dave']) people.push(await story.person(name));
    const [alice, bob, carol, dave] = people as [Browser, Browser, Browser, Browser];
    await joined(story, alice, bob);
    await joined(story, carol, dave);
    let held: Relayed | null = null;
    let isDone = false;
    // Before the last word: what is held is swapped with one of the other pair's that comes after.
    const moment = Math.floor(random.fraction() * (WORDS - 1));
    let seen = 0;
    story.server.meddle = (relayed) => {
      const { frame, from, to } = relayed;
      const isWord = frame.label === 'message' && Channel.peek(frame.body)?.lane === 1;
      if (isDone || !isWord) return [frame];
      if (held === null) {
        if (from === alice.me.id) seen += 1;
        if (from !== alice.me.id || seen <= moment) return [frame];
        held = relayed;
        return [];
      }
      if (from === held.from || to === held.from) return [frame];
      isDone = true;
      story.server.inject(held.to, { ...frame, id: held.frame.id, peer: held.from });
      story.server.inject(held.to, { ...frame, peer: held.from });
      story.server.inject(to, { ...held.frame, peer: from });
      return [];
    };
    for (let word = 0; word < WORDS; word += 1) {
      for (const person of people) person.model.say(`${person.me.name} ${word}`);
      await story.pass(500, 50);
    }
    await story.pass(10_000, 100);
    expect(isDone).toBe(true);
    expect(people.reduce((sum, person) => sum + noticedBy(person), 0)).toBeGreaterThan(0);
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
      [carol, dave],
      [dave, carol],
    ] as const) {
      const heard = one.lines.filter((line) => line.startsWith('peer'));
      const said = Array.from(
        { length: WORDS },
        (_, w) => `peer: ${other.me.name} ${w} (received)`,
      );
      expect(heard).toEqual(said);
    }
  }
});
