/** What two people can do to their lines, between whole browsers. */
import { describe, expect, it } from 'vitest';
import { Channel } from '../core/crypto/channel.ts';
import { type Browser, Story } from '../test/story.ts';
import type { Line } from './model.ts';
import { Services } from './services.ts';

function linesOf({ phase }: Browser): readonly Line[] {
  return phase?.is === 'secure' ? phase.lines : [];
}

function idOf(browser: Browser, text: string): string {
  const line = linesOf(browser).find((each) => each.text === text);
  if (line === undefined) throw new Error(`nobody said ${text}`);
  return line.id;
}

/** Alice has said something, and Bob as well. */
async function talking() {
  const story = new Story();
  const { alice, bob } = await story.secured();
  alice.model.say('by alice');
  bob.model.say('by bob');
  await story.until(() => alice.lines.length === 2 && bob.lines.length === 2);
  return { story, alice, bob };
}

describe('a line', () => {
  it('[CONV34] is edited by its author, for both', async () => {
    const { story, alice, bob } = await talking();
    alice.model.edit(idOf(alice, 'by alice'), 'by Alice');
    alice.model.edit(idOf(alice, 'by bob'), 'by Mallory');
    alice.model.edit(idOf(alice, 'by bob'), '');
    expect(
      linesOf(alice)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['by Alice', 'by bob']);
    await story.until(() => linesOf(bob).some(({ edited }) => edited));
    await story.quiet();
    expect(
      linesOf(bob)
        .filter(({ edited }) => edited)
        .map(({ text }) => text),
    ).toEqual(['by Alice']);
    expect(linesOf(bob).some(({ text }) => text === 'by bob')).toBe(true);
  });

  it('[CONV34] is not edited after 15 min', async () => {
    const { story, alice, bob } = await talking();
    await story.pass(15 * 60_000 + 1_000, 2_500);
    expect([alice.connection, bob.connection]).toEqual(['up', 'up']);
    alice.model.edit(idOf(alice, 'by alice'), 'too late');
    await story.quiet();
    for (const { lines } of [alice, bob]) expect(`${lines}`).not.toContain('too late');
  });

  it('[CONV35] is deleted by its author, for both', async () => {
    const { story, alice, bob } = await talking();
    const id = idOf(alice, 'by alice');
    alice.model.deleteLine(idOf(alice, 'by bob'));
    alice.model.deleteLine(id);
    await story.until(() => linesOf(bob).some(({ deleted }) => deleted));
    for (const browser of [alice, bob]) {
      const gone = linesOf(browser).filter(({ deleted }) => deleted);
      expect(gone.map(({ text }) => text)).toEqual(['']);
      expect(gone[0]?.id).toBe(id);
      expect(linesOf(browser)).toHaveLength(2);
    }
  });

  it('[CONV55] is hidden in one browser; the other keeps it and is told nothing', async () => {
    const { story, alice, bob } = await talking();
    await story.quiet();
    const id = idOf(alice, 'by bob');
    const before = story.server.relayed.length;
    alice.model.hideLine(id);
    await story.quiet();
    expect(story.server.relayed).toHaveLength(before);
    expect(linesOf(bob).find((line) => line.id === id)?.text).toBe('by bob');
    bob.model.edit(id, 'by Bob');
    await story.until(() => linesOf(alice).some(({ edited }) => edited));
    const line = linesOf(alice).find((each) => each.id === id);
    expect(line).toMatchObject({ hidden: true, text: '' });
    const { phase } = alice;
    expect(phase?.is === 'secure' && phase.noticed).toBe(0);
  });

  it('[CONV36] is reacted to by both, whosever it is', async () => {
    const { story, alice, bob } = await talking();
    alice.model.react(idOf(alice, 'by alice'), '👍');
    alice.model.react(idOf(alice, 'by alice'), 'no emoji');
    bob.model.react(idOf(bob, 'by alice'), '🔥');
    const reactions = (browser: Browser) =>
      linesOf(browser).find(({ text }) => text === 'by alice')?.reactions ?? [];
    await story.until(() => reactions(alice).length === 2 && reactions(bob).length === 2);
    alice.model.react(idOf(alice, 'by alice'), null);
    await story.until(() => reactions(bob).length === 1);
    expect(reactions(bob)).toEqual([{ by: 'me', emoji: '🔥' }]);
    expect(reactions(alice)).toEqual([{ by: 'peer', emoji: '🔥' }]);
  });

  it('[CONV37] answers another one', async () => {
    const { story, alice, bob } = await talking();
    alice.model.say('an answer', idOf(alice, 'by bob'));
    alice.model.say('to nothing', 'no line');
    await story.until(() => bob.lines.length === 4);
    for (const browser of [alice, bob]) {
      const replies = linesOf(browser).map(({ text, replyTo }) => [text, replyTo]);
      expect(replies).toContainEqual(['an answer', idOf(browser, 'by bob')]);
      expect(replies).toContainEqual(['to nothing', null]);
    }
  });
});

describe('writing', () => {
  const isTyping = ({ phase }: Browser) => phase?.is === 'secure' && phase.peerTyping;

  it('[CONV38] is seen for 5 s, and for as long as it goes on', async () => {
    const { story, alice, bob } = await talking();
    alice.model.typing(true);
    await story.until(() => isTyping(bob));
    await story.pass(4_500, 500);
    expect(isTyping(bob)).toBe(true);
    await story.pass(500, 500);
    expect(isTyping(bob)).toBe(false);
    for (let second = 0; second < 12; second += 1) {
      alice.model.typing(true);
      await story.pass(1_000, 500);
      expect(isTyping(bob)).toBe(true);
    }
    const said = story.server.relayed.filter(({ frame }) => frame.label === 'typing');
    expect(said).toHaveLength(5);
    alice.model.typing(false);
    await story.until(() => !isTyping(bob));
  });

  it('[CONV38] is over when the line comes', async () => {
    const { story, alice, bob } = await talking();
    alice.model.typing(true);
    await story.until(() => isTyping(bob));
    alice.model.say('done');
    await story.until(() => bob.lines.length === 3);
    expect(isTyping(bob)).toBe(false);
  });
});

describe('the keys', () => {
  it('[CONV32] turn while two talk, again and again, and every word arrives', async () => {
    const { story, alice, bob } = await talking();
    for (let n = 0; n < 30; n += 1) {
      alice.model.say(`a${n}`);
      bob.model.say(`b${n}`);
      await story.pass(250);
    }
    await story.until(() => alice.lines.length === 62 && bob.lines.length === 62);
    expect(alice.lines.filter((line) => line.endsWith('(delivered)'))).toHaveLength(31);
    const epochs = new Map<string, number>();
    for (const { from, frame } of story.server.relayed) {
      const place = frame.label === 'message' ? Channel.peek(frame.body) : null;
      if (place !== null) epochs.set(from, place.epoch);
    }
    expect([...epochs.values()].every((epoch) => epoch >= 2)).toBe(true);
    expect(epochs.size).toBe(2);
  });
});

describe('labels', () => {
  async function labelsOf(plainLabels: boolean): Promise<readonly string[]> {
    const story = new Story((platform) => new Services(platform, { plainLabels }));
    const { alice, bob } = await story.secured();
    alice.model.say('by alice');
    await story.until(() => bob.lines.length === 1);
    const before = story.server.relayed.length;
    alice.model.typing(true);
    alice.model.edit(idOf(alice, 'by alice'), 'changed');
    await story.until(() => bob.lines[0] === 'peer: changed (received)');
    bob.look();
    bob.model.react(idOf(bob, 'changed'), '👍');
    alice.model.deleteLine(idOf(alice, 'changed'));
    await story.pass(1_000);
    return story.server.relayed.slice(before).map(({ frame }) => frame.label);
  }

  it('[CONV39] name the kind of each record, unless the person wishes otherwise', async () => {
    expect(new Set(await labelsOf(false))).toEqual(
      new Set(['typing', 'message_edit', 'ack', 'message_read', 'reaction', 'message_delete']),
    );
    expect(new Set(await labelsOf(true))).toEqual(new Set(['message']));
  });
});
