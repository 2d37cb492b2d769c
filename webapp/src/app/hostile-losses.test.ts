/** What is lost while both links are up, and how soon it is made good by itself. */
import { describe, expect, it } from 'vitest';
import { Channel } from '../core/crypto/channel.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { type Browser, Story } from '../test/story.ts';
import type { Relayed } from '../test/test-server.ts';

/** The wait before anything is sent again is between these. */
const RESEND_MAX_MS = 4_000;
const STEP_MS = 50;
const SLOW = { timeout: 120_000 };

/** Drops the first frame of this kind; tells whether there was one. */
function losing(story: Story, isIt: (relayed: Relayed) => boolean): { isLost: boolean } {
  const loss = { isLost: false };
  story.server.meddle = (relayed): readonly PeerFrame[] => {
    if (loss.isLost || !isIt(relayed)) return [relayed.frame];
    loss.isLost = true;
    return [];
  };
  return loss;
}

/** How long it takes until this holds. */
async function timeUntil(story: Story, holds: () => boolean, limitMs: number): Promise<number> {
  await story.quiet();
  let passed = 0;
  for (; !holds() && passed <= limitMs; passed += STEP_MS) await story.pass(STEP_MS, STEP_MS);
  return passed;
}

function isTalk({ frame }: Relayed): boolean {
  return frame.label !== 'ephemeral_key' && Channel.peek(frame.body)?.lane === 1;
}

function epochOf({ frame }: Relayed): number | null {
  return Channel.peek(frame.body)?.epoch ?? null;
}

function areDelivered(...browsers: readonly Browser[]): boolean {
  return browsers.every(({ lines }) => lines.every((line) => !line.endsWith('(sending)')));
}

describe('one loss with both links up', SLOW, () => {
  it('[HOSTILE6] a record: sent again within 4 s, wherever in the talk', async () => {
    for (let before = 0; before < 10; before += 1) {
      const story = new Story();
      const { alice, bob } = await story.secured();
      for (let n = 0; n < before; n += 1) {
        alice.model.say(`${n}`);
        await story.pass(200, STEP_MS);
      }
      const loss = losing(story, isTalk);
      alice.model.say('lost once');
      const isHeard = () => bob.lines.at(-1) === 'peer: lost once (received)';
      expect(await timeUntil(story, isHeard, 10_000)).toBeLessThanOrEqual(RESEND_MAX_MS);
      expect(loss.isLost).toBe(true);
      expect([alice.connection, bob.connection]).toEqual(['up', 'up']);
    }
  });

  it('[HOSTILE6] an acknowledgement: the line is delivered within 4 s, and stands once', async () => {
    for (let before = 0; before < 10; before += 1) {
      const story = new Story();
      const { alice, bob } = await story.secured();
      for (let n = 0; n < before; n += 1) bob.model.say(`${n}`);
      await story.pass(500, STEP_MS);
      const loss = losing(story, ({ frame, from }) => from === bob.me.id && frame.label === 'ack');
      alice.model.say('heard once');
      expect(await timeUntil(story, () => areDelivered(alice), 10_000)).toBeLessThanOrEqual(
        RESEND_MAX_MS,
      );
      expect(loss.isLost).toBe(true);
      expect(bob.lines.filter((line) => line.includes('heard once'))).toHaveLength(1);
    }
  });

  it('[HOSTILE6] M4: said again after 1 s, and what came before it is heard after it', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const loss = losing(story, ({ frame }) => frame.label === 'session_established');
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => bob.phase?.is === 'secure');
    bob.model.say('early');
    const isHeard = () => alice.lines.at(-1) === 'peer: early (received)';
    expect(await timeUntil(story, isHeard, 10_000)).toBeLessThanOrEqual(1_500);
    expect(loss.isLost).toBe(true);
  });

  it('[HOSTILE6] a turn of the keys, and every one of the records around it', async () => {
    let lostTurns = 0;
    for (let which = 0; which < 12; which += 1) {
      const story = new Story();
      const { alice, bob } = await story.secured();
      const talk = async (from: number, to: number) => {
        for (let n = from; n < to; n += 1) {
          alice.model.say(`a${n}`);
          bob.model.say(`b${n}`);
          await story.pass(150, STEP_MS);
        }
      };
      await talk(0, 10);
      let seen = 0;
      let lost: Relayed | null = null;
      losing(story, (relayed) => {
        if (!isTalk(relayed)) return false;
        seen += 1;
        if (seen > which) lost = relayed;
        return lost !== null;
      });
      await talk(10, 16);
      const isAllHeard = () => areDelivered(alice, bob) && alice.lines.length === 32;
      expect(await timeUntil(story, isAllHeard, 20_000)).toBeLessThanOrEqual(RESEND_MAX_MS);
      expect(bob.lines).toHaveLength(32);
      const turn = story.server.relayed.findLast(
        (each) => isTalk(each) && each.from === alice.me.id && epochOf(each) === 0,
      );
      expect(story.server.relayed.some((each) => isTalk(each) && epochOf(each) === 1)).toBe(true);
      if (lost !== null && (lost as Relayed).frame.id === turn?.frame.id) lostTurns += 1;
    }
    expect(lostTurns).toBeGreaterThan(0);
  });
});
