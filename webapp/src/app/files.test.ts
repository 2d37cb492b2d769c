/** Files beside the talk, between whole browsers. */
import { describe, expect, it } from 'vitest';
import { type Browser, over, Story } from '../test/story.ts';
import type { Phase } from './model.ts';

type Transfer = (Phase & { is: 'secure' })['transfers'][number];

const VOICE = { accessMode: 'both', kind: 'voice', durationMs: 3_000 } as const;
const FILE = { accessMode: 'both', kind: 'file', durationMs: null } as const;

function blobOf(length: number, type = 'audio/ogg'): Blob {
  return new Blob([Uint8Array.from({ length }, (_, n) => n)], { type });
}

function transfersOf({ phase }: Browser): readonly Transfer[] {
  return phase?.is === 'secure' ? phase.transfers : [];
}

const stagesOf = (browser: Browser) => transfersOf(browser).map(({ stage }) => stage.is);

describe('a file', () => {
  it('[CONV44] comes whole, over the same channel and beside the talk', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.sendFile(blobOf(300_000), 'words.ogg', VOICE);
    alice.model.say('listen to this');
    for (let n = 0; n < 40 && stagesOf(bob)[0] !== 'delivered'; n += 1) await story.pass(250);
    await story.until(() => stagesOf(alice)[0] === 'delivered');
    expect(transfersOf(bob)).toMatchObject([
      { by: 'peer', name: 'words.ogg', mime: 'audio/ogg', size: 300_000, kind: 'voice' },
    ]);
    expect(bob.lines).toEqual(['peer: listen to this (received)']);
    // Five chunks between the words that announce and complete it.
    expect(story.server.carried.length).toBe(7);
  });

  it('[CONV44] waits until it is accepted, and can be declined', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.sendFile(blobOf(1_000, 'text/plain'), 'a.txt', FILE);
    await story.until(() => stagesOf(bob)[0] === 'offered');
    bob.model.cancelFile(transfersOf(bob)[0]?.id ?? 0);
    await story.pass(500);
    expect(transfersOf(alice)[0]?.stage).toEqual({ is: 'ended', why: 'declined', by: 'peer' });
    alice.model.sendFile(blobOf(1_000, 'text/plain'), 'b.txt', FILE);
    await story.until(() => stagesOf(bob)[1] === 'offered');
    bob.model.acceptFile(transfersOf(bob)[1]?.id ?? 0);
    await story.pass(1_000);
    expect(stagesOf(alice)).toEqual(['ended', 'delivered']);
  });

  it('[CONV44] goes on after the link broke', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.sendFile(blobOf(3_000_000), 'long.ogg', VOICE);
    await story.until(() => stagesOf(bob)[0] === 'moving');
    story.server.refusing = true;
    story.server.cut(bob.me.id);
    await story.until(() => bob.connection === 'reconnecting');
    await story.until(() => alice.connection === 'reconnecting');
    const before = story.server.carried.length;
    await story.pass(5_000, 500);
    expect(stagesOf(bob)).toEqual(['moving']);
    expect(story.server.carried.length).toBe(before);
    story.server.refusing = false;
    for (let n = 0; n < 80 && stagesOf(alice)[0] !== 'delivered'; n += 1) await story.pass(500);
    expect([stagesOf(alice), stagesOf(bob)]).toEqual([['delivered'], ['delivered']]);
  });

  it('[CONV44] that is refused on its way does not disturb the talk', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    let refused = 0;
    story.server.refuseFile = () => {
      refused += 1;
      return refused > 3 ? null : 'SLOW_READER';
    };
    alice.model.sendFile(blobOf(200_000), 'words.ogg', VOICE);
    await story.until(() => refused > 0);
    expect(alice.connection).toBe('up');
    for (let n = 0; n < 80 && stagesOf(alice)[0] !== 'delivered'; n += 1) await story.pass(250);
    expect(stagesOf(bob)).toEqual(['delivered']);
    expect(alice.connection).toBe('up');
  });

  it('[CONV44] is gone with its conversation', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.sendFile(blobOf(3_000_000), 'long.ogg', VOICE);
    await story.until(() => stagesOf(bob)[0] === 'moving');
    alice.model.leave();
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('left'));
    const before = story.server.carried.length;
    await story.pass(10_000, 500);
    expect(story.server.carried.length).toBe(before);
  });
});
